"""Metronome's billable metrics, listed and archived."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.vendors.metronome.asking import (
    assert_refused,
    meter,
    query,
    rows,
    simulate_yaml,
)
from tests.vendors.monk import asking as monk
from tests.wire import Answer, Simulated, simulate

PATH = "/v1/billable-metrics"
NOBODY = "00000000-0000-4000-8000-000000000000"
FILTERED = """
clock: 2026-03-18
meters:
  streams:
    aggregation: COUNT
    events: [b, a]
    group_keys: [region]
    property_filters:
      - {name: plan, exists: true}
      - {name: region, in_values: [us, eu], not_in_values: [ap]}
"""


def listed(sim: Simulated, **asked: str) -> list[Any]:
    return list(sim.caller("metronome").get(PATH, asked).data["data"])


def names(sim: Simulated, **asked: str) -> set[str]:
    return {each["name"] for each in listed(sim, **asked)}


def archive(sim: Simulated, key: str) -> Answer:
    return sim.caller("metronome").post(f"{PATH}/archive", {"id": meter(sim, key)})


def test_metronome_25_an_archived_metric_leaves_the_list_unless_asked_for() -> None:
    sim = simulate()
    shown, all_of_them = names(sim), names(sim, include_archived="true")
    assert all_of_them - shown == {"Faxes (retired)"}
    for _ in range(2):
        assert archive(sim, "emails").data == {"data": {"id": meter(sim, "emails")}}
    assert names(sim) == shown - {"Emails"}
    assert names(sim, include_archived="true") == all_of_them
    archived = {each["name"]: each.get("archived_at") for each in listed(sim, limit="100")}
    assert set(archived.values()) == {None}
    whole = {each["name"]: each for each in listed(sim, include_archived="true")}
    assert whole["Emails"]["archived_at"] == "2026-03-18T09:30:00.000Z"
    assert len(sim.control("GET", "changes")["changes"]) == 1


def test_metronome_25_usage_of_an_archived_metric_is_answered_when_asked_for_by_its_id() -> None:
    sim = simulate()
    march = date(2026, 3, 1), date(2026, 4, 1)
    wanted: dict[str, Any] = {"billable_metrics": [{"id": meter(sim, "emails")}]}
    before = rows(sim, query(*march, "none", **wanted))
    archive(sim, "emails")
    assert rows(sim, query(*march, "none", **wanted)) == before
    found = {row["billable_metric_name"] for row in rows(sim, query(*march, "none"))}
    assert "Emails" not in found
    assert "API Calls" in found


def test_an_archived_metric_is_charged_by_nobody() -> None:
    sim = simulate()
    assert monk.cost(sim, eventNames=["emails"]) > 0
    archive(sim, "emails")
    assert monk.cost(sim, eventNames=["emails"]) == Decimal(0)
    report = {"startDate": "2026-03-01", "endDate": "2026-04-01", "granularity": "month"}
    answer = sim.caller("mkio").post("/api/v1/organization/reports/usage", report)
    assert "emails" not in {row["meter"] for row in answer.data["value"]}


def test_a_metric_is_told_with_all_that_it_filters(tmp_path: Path) -> None:
    (metric,) = listed(simulate_yaml(tmp_path, FILTERED))
    assert metric == {
        "id": metric["id"],
        "name": "streams",
        "aggregation_type": "COUNT",
        "event_type_filter": {"in_values": ["a", "b"]},
        "property_filters": [
            {"name": "plan", "exists": True},
            {"name": "region", "in_values": ["eu", "us"], "not_in_values": ["ap"]},
        ],
        "group_keys": [["region"]],
        "custom_fields": {},
    }


def test_a_sum_is_told_with_what_is_summed() -> None:
    keys = {each["name"]: each.get("aggregation_key") for each in listed(simulate())}
    assert (keys["Emails"], keys["Active users"], keys["Exports"]) == ("quantity", "user_id", None)


def test_an_unknown_metric_is_not_found() -> None:
    answer = simulate().caller("metronome").post(f"{PATH}/archive", {"id": NOBODY})
    assert_refused(answer, NOBODY, status=404)
