"""Metronome's customers, and the aliases by which usage finds them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.vendors.metronome.asking import (
    LARKSPUR,
    NORTHWIND,
    assert_refused,
    event,
    ingest,
    meter,
    query,
    rows,
)
from tests.vendors.monk import asking as monk
from tests.wire import Answer, Simulated, simulate

NOBODY = "00000000-0000-4000-8000-000000000000"
MARCH = date(2026, 3, 1), date(2026, 4, 1)


def create(sim: Simulated, name: str = "Kestrel", **more: Any) -> Answer:
    return sim.caller("metronome").post("/v1/customers", {"name": name, **more})


def set_aliases(sim: Simulated, customer: str, *aliases: str) -> Answer:
    path = f"/v1/customers/{customer}/setIngestAliases"
    return sim.caller("metronome").post(path, {"ingest_aliases": aliases})


def archive(sim: Simulated, customer: str) -> Answer:
    return sim.caller("metronome").post("/v1/customers/archive", {"id": customer})


def get(sim: Simulated, customer: str) -> Any:
    return sim.caller("metronome").get(f"/v1/customers/{customer}").data["data"]


def listed(sim: Simulated, **asked: str) -> list[Any]:
    """All pages, each customer once."""
    found: list[Any] = []
    page: dict[str, str] = {}
    while True:
        data = sim.caller("metronome").get("/v1/customers", {**asked, **page}).data
        found += data["data"]
        if data["next_page"] is None:
            ids = [each["id"] for each in found]
            assert ids == sorted(set(ids))
            return found
        page = {"next_page": data["next_page"]}


def names(sim: Simulated, **asked: str) -> set[str]:
    return {each["name"] for each in listed(sim, **asked)}


def calls(sim: Simulated, customer: str) -> Decimal | None:
    wanted: dict[str, Any] = {"customer_ids": [customer]}
    wanted["billable_metrics"] = [{"id": meter(sim, "api_calls")}]
    (row,) = rows(sim, query(*MARCH, "none", **wanted))
    return None if row["value"] is None else Decimal(row["value"])


def test_metronome_22_events_sent_to_an_alias_count_once_its_customer_exists() -> None:
    sim = simulate()
    ingest(sim, event("a", 5, customer_id="kestrel"), event("b", 7, customer_id="birds"))
    created = create(sim, ingest_aliases=["kestrel"]).data["data"]
    assert calls(sim, created["id"]) == 5
    assert set_aliases(sim, created["id"], "kestrel", "birds").status == 200
    assert calls(sim, created["id"]) == 12
    ingest(sim, event("c", 1, customer_id=created["id"]))
    assert calls(sim, created["id"]) == 13


def test_metronome_22_moving_an_alias_moves_its_usage() -> None:
    sim = simulate()
    opened = {each: calls(sim, each) or 0 for each in (NORTHWIND, LARKSPUR)}
    assert set_aliases(sim, NORTHWIND, "cust_northwind", "shared").text == ""
    ingest(sim, event("a", 5, customer_id="shared"), event("b", 2, customer_id=NORTHWIND))
    assert calls(sim, NORTHWIND) == opened[NORTHWIND] + 7
    assert set_aliases(sim, LARKSPUR, "cust_larkspur", "shared").status == 200
    assert calls(sim, NORTHWIND) == opened[NORTHWIND] + 2
    assert calls(sim, LARKSPUR) == opened[LARKSPUR] + 5
    assert get(sim, NORTHWIND)["ingest_aliases"] == ["cust_northwind"]
    assert set_aliases(sim, LARKSPUR, "cust_larkspur").status == 200
    assert calls(sim, LARKSPUR) == opened[LARKSPUR]


def test_metronome_22_setting_the_same_aliases_again_changes_nothing() -> None:
    sim = simulate()
    told = []
    for _ in range(2):
        set_aliases(sim, NORTHWIND, "a", "b", "a")
        told.append(sim.control("GET", "changes"))
    assert told[0]["changes"] == told[1]["changes"]
    assert get(sim, NORTHWIND)["ingest_aliases"] == ["a", "b"]


def test_metronome_22_the_id_of_a_customer_is_no_alias_of_another() -> None:
    sim = simulate()
    for name in (LARKSPUR, "larkspur"):
        assert_refused(set_aliases(sim, NORTHWIND, name), "for good", status=409)
    assert set_aliases(sim, NORTHWIND, NORTHWIND, "northwind").status == 200
    assert sim.control("GET", "changes")["changes"] != []


def test_metronome_25_an_archived_customer_leaves_the_list_unless_asked_for() -> None:
    sim = simulate()
    before, archived = names(sim), names(sim, only_archived="true")
    assert archived == {"Bluefin (left in January)"}
    used = calls(sim, NORTHWIND)
    sim.clock.advance(seconds=1)
    for _ in range(2):
        assert archive(sim, NORTHWIND).data == {"data": {"id": NORTHWIND}}
    assert names(sim) == before - {"Northwind"}
    assert names(sim, only_archived="true") == archived | {"Northwind"}
    assert get(sim, NORTHWIND)["archived_at"] == "2026-03-18T09:30:01.000Z"
    assert calls(sim, NORTHWIND) == used
    assert len(sim.control("GET", "changes")["changes"]) == 2  # the clock's, and one of the two


@pytest.mark.parametrize(
    "alias", ["cust_northwind", "melanie_mckenzie@northwind.dev", NORTHWIND, "northwind"]
)
def test_metronome_25_an_alias_that_is_taken_is_409_and_nothing_is_created(alias: str) -> None:
    sim = simulate()
    assert_refused(create(sim, ingest_aliases=["new", alias]), alias, status=409)
    assert sim.control("GET", "changes")["changes"] == []
    assert create(sim, ingest_aliases=["new"]).status == 200
    assert_refused(create(sim, external_id="new"), "new", status=409)


def test_a_created_customer_is_told_as_it_is_kept() -> None:
    sim = simulate()
    told = create(sim, "K" * 200, ingest_aliases=["b", "a", "b"], external_id="first").data["data"]
    assert told["name"] == "K" * 160
    assert told["ingest_aliases"] == ["first", "b", "a"]
    assert told["external_id"] == "first"
    kept = get(sim, told["id"])
    assert {key: kept[key] for key in told} == told
    assert kept["created_at"] == kept["updated_at"] == "2026-03-18T09:30:00.000Z"
    assert "archived_at" not in kept
    assert create(sim).data["data"]["external_id"] != told["id"]


def test_a_customer_without_aliases_has_its_id_for_one() -> None:
    sim = simulate()
    told = create(sim).data["data"]
    assert (told["external_id"], told["ingest_aliases"]) == (told["id"], [])


def test_a_created_customer_is_the_other_vendors_too() -> None:
    sim = simulate()
    told = create(sim, ingest_aliases=["kestrel"]).data["data"]
    assert monk.ask(sim, customerId=told["id"]).data["totalAmount"] == 0
    ingest(sim, event("a", 100, customer_id="kestrel"))
    for whose in ({"customerId": told["id"]}, {"externalCustomerId": "kestrel"}):
        assert monk.cost(sim, **{"customerId": None, **whose}) == Decimal("0.04")


def test_the_pages_of_the_list_hold_each_customer_once() -> None:
    sim = simulate()
    for number in range(5):
        create(sim, f"Created {number}")
    whole = listed(sim)
    assert len(whole) == 8
    for limit in ("1", "3", "7", "8", "100"):
        assert listed(sim, limit=limit) == whole


def test_the_list_is_filtered_by_id_and_by_alias() -> None:
    sim = simulate()
    both = ",".join([LARKSPUR.upper(), NOBODY, NORTHWIND])
    assert names(sim, customer_ids=both) == {"Northwind", "Larkspur Media"}
    assert names(sim, ingest_alias="cust_northwind") == {"Northwind"}
    assert names(sim, ingest_alias="cust_northwind", customer_ids=LARKSPUR) == set()
    # Usage may be sent to an id or to what a scenario calls a customer, and neither is an alias.
    assert names(sim, ingest_alias=NORTHWIND) == names(sim, ingest_alias="northwind") == set()
    assert names(sim, ingest_alias="nobody") == set()
    assert names(sim, salesforce_account_ids="0015500001WO1ZiABL") == set()


@pytest.mark.parametrize(
    "asked", [{"limit": "101"}, {"limit": "0"}, {"next_page": "x"}, {"customer_ids": "x"}]
)
def test_a_list_that_cannot_be_is_refused(asked: dict[str, str]) -> None:
    (name,) = asked
    assert_refused(simulate().caller("metronome").get("/v1/customers", asked), name)


def test_a_cursor_belongs_to_the_filters_it_came_from() -> None:
    sim = simulate()
    client = sim.caller("metronome")
    cursor = client.get("/v1/customers", {"limit": "1"}).data["next_page"]
    assert client.get("/v1/customers", {"next_page": cursor}).status == 200
    for path, more in (("/v1/customers", {"only_archived": "true"}), ("/v1/billable-metrics", {})):
        assert_refused(client.get(path, {**more, "next_page": cursor}), "next_page")


def test_an_unknown_customer_is_not_found() -> None:
    sim = simulate()
    assert_refused(sim.caller("metronome").get(f"/v1/customers/{NOBODY}"), NOBODY, status=404)
    assert_refused(set_aliases(sim, NOBODY, "a"), NOBODY, status=404)
    assert_refused(archive(sim, NOBODY), NOBODY, status=404)
    assert sim.control("GET", "changes")["changes"] == []
