"""Any vendor's numbers are explained by the session that is asked, which stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from metersim.billing.explanation import Explanation
from metersim.errors import ControlError
from metersim.reading import Json
from metersim.simulation.explaining import explain, read_row
from metersim.simulation.problems import not_found
from metersim.simulation.vendor import installed_vendors
from metersim.world.world import World
from tests.simulation.parcels import parcels, world
from tests.views import NORTHWIND, record
from tests.wire import Simulated, simulate

pytestmark = pytest.mark.inside

MARCH = ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")


def rows(sim: Simulated) -> dict[str, dict[str, Any]]:
    """Of each vendor that answers with numbers, one that shows Northwind's emails in March."""
    emails = next(each["id"] for each in sim.state["meters"] if each["key"] == "emails")
    start, end = MARCH
    return {
        "metronome": {
            "customer_id": NORTHWIND,
            "billable_metric_id": emails,
            "start_timestamp": start,
            "end_timestamp": end,
        },
        "mkio": {
            "projectName": "my-project",
            "paymentMethodId": "pm-azure",
            "meter": "emails",
            "startDate": start,
            "endDate": end,
        },
        "monk": {
            "customerId": NORTHWIND,
            "startDate": start,
            "endDate": end,
            "eventNames": ["emails"],
        },
        "saas": {"metric": "emails"},
    }


def test_every_vendor_with_numbers_explains_them_and_the_same_fact_in_all() -> None:
    sim = simulate()
    assert record(sim, "emails", 7).status == 200
    explained = {name for name, vendor in installed_vendors().items() if vendor.explain}
    assert explained == rows(sim).keys()
    parts = [sim.explain(name, row)["parts"] for name, row in rows(sim).items()]
    sources = [(part["quantity"], part["series"], part["events"]) for (part,) in parts]
    assert all(each == sources[0] for each in sources)
    assert sources[0][2][0]["value"] == 7


def test_every_vendors_explanation_has_the_same_form() -> None:
    sim = simulate()
    found = [sim.explain(name, row) for name, row in rows(sim).items()]
    assert len({tuple(each) for each in found}) == 1
    assert len({tuple(part) for each in found for part in each["parts"]}) == 1


def test_explaining_changes_nothing_and_says_the_same_again() -> None:
    sim = simulate()
    state, changes = sim.state, sim.control("GET", "changes")
    for name, row in rows(sim).items():
        assert sim.explain(name, row) == sim.explain(name, row)
    assert (sim.state, sim.control("GET", "changes")) == (state, changes)


def test_each_session_explains_its_own_world() -> None:
    sim, other = simulate(), simulate()
    record(sim, "emails", 7)
    row = rows(sim)["metronome"]
    more, less = (each.explain("metronome", row)["amount"] for each in (sim, other))
    assert (more or 0) - (less or 0) == 7


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"vendor": "mkoi", "row": {}}, "no vendor 'mkoi'; did you mean 'mkio'? allowed: "),
        ({"vendor": "mudbase", "row": {}}, "mudbase: its replies hold no number; allowed: "),
        ({"vendor": "mkio", "row": {"value": [{}]}}, "row: this is a whole reply; give one item"),
        ({"vendor": "metronome", "row": {"data": []}}, "give one item of its data"),
        ({"vendor": "mkio"}, "body.row: is required"),
        ({"vendor": "mkio", "row": [1]}, "row: expected object, found [1]"),
        ({"row": {}}, "body.vendor: is required"),
        ({"vendor": "mkio", "rows": []}, "body.rows: is not known; did you mean 'row'?"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_the_nearest(
    question: dict[str, Any], message: str
) -> None:
    with pytest.raises(ControlError) as refused:
        simulate().control("POST", "explain", question)
    assert message in str(refused.value)


def test_what_is_null_and_cannot_be_counts_as_absent() -> None:
    sim = simulate()
    for name, row in rows(sim).items():
        nulls = {"of_an_sdk": None, "of_another": None, "row": None}
        assert sim.explain(name, {**row, **nulls}) == sim.explain(name, row)
    monk = rows(sim)["monk"]
    assert sim.explain("monk", {**monk, "externalCustomerId": None}) == sim.explain("monk", monk)
    metronome = {**rows(sim)["metronome"], "groups": None, "value": None}
    (note,) = sim.explain("metronome", metronome)["notes"]
    assert note.startswith("value: the row says null, and here and now it is")


def test_a_vendors_refusal_is_said_as_one_of_the_row(tmp_path: Path) -> None:
    def refuses(row: Mapping[str, Json], world: World) -> Explanation:
        raise not_found(f"no parcel {row['id']}")

    vendors = {"parcels": parcels(tmp_path, explain=refuses)}
    with pytest.raises(ControlError, match=r"^row: no parcel 7$"):
        explain(vendors, "parcels", {"id": 7}, world())


def test_a_row_is_read_to_the_last_digit() -> None:
    assert str(read_row('{"cost": 0.10}')["cost"]) == "0.10"
    for text in ("", "{", "{'cost': 1}", "NaN", "[" * 5_000, '{"cost": 1e999}'):
        with pytest.raises(ControlError, match="row: expected JSON, found"):
            read_row(text)
