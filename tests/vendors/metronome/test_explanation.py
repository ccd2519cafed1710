"""How the values of rows and of groups came about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.errors import ControlError
from tests.explanations import assert_adds_up
from tests.vendors.metronome.asking import NORTHWIND, customer, meter, query, rows
from tests.views import record
from tests.wire import Simulated, simulate

DAYS = st.dates(date(2024, 12, 1), date(2026, 3, 20))


def row_of(sim: Simulated, metric: str, **more: Any) -> dict[str, Any]:
    """A row as somebody writes it who has none to copy."""
    bounds = {"start_timestamp": "2026-03-01", "end_timestamp": "2026-04-01T00:00:00Z"}
    ids = {"customer_id": NORTHWIND, "billable_metric_id": meter(sim, metric)}
    return {**ids, **bounds, **more}


@settings(max_examples=10)
@given(DAYS, st.integers(1, 60), st.sampled_from(["default", "tiers"]))
def test_every_row_is_explained_by_what_adds_up_to_its_value(
    start: date, days: int, scenario: str
) -> None:
    sim = simulate(scenario)
    for row in rows(sim, query(start, start + timedelta(days=days), "none")):
        explanation = sim.explain("metronome", row)
        assert (explanation["amount"], explanation["notes"]) == (row["value"], [])
        assert explanation["amount"] == explanation["parts"][0]["quantity"]
        assert_adds_up(explanation)


def test_every_group_is_explained_by_what_adds_up_to_its_value() -> None:
    sim = simulate()
    metrics = [{"id": meter(sim, "token_used"), "group_by": {"key": "model"}}]
    asked = query(date(2026, 3, 1), date(2026, 3, 4), "hour", billable_metrics=metrics)
    values = 0
    for row in rows(sim, asked):
        for value, amount in row["groups"].items():
            group = {"key": "model", "value": value}
            explanation = sim.explain("metronome", {**row, "group": group})
            assert (explanation["amount"], explanation["notes"]) == (amount, [])
            assert_adds_up(explanation)
            values += 1
    assert values > 100


def test_a_group_that_nothing_belongs_to_has_no_value_and_no_source() -> None:
    sim = simulate()
    row = row_of(sim, "api_calls", group={"key": "region", "value": "mars"})
    explanation = sim.explain("metronome", row)
    (part,) = explanation["parts"]
    assert (explanation["amount"], part["series"], part["events"]) == (None, [], [])


def test_series_and_recorded_events_are_told_apart() -> None:
    sim = simulate()
    before = sim.explain("metronome", row_of(sim, "emails"))
    record(sim, "emails", 5)
    explanation = sim.explain("metronome", row_of(sim, "emails", value=before["amount"]))
    (part,) = explanation["parts"]
    (series,), (event,) = part["series"], part["events"]
    assert (series["event"], series["customer"], series["project"]) == (
        *("emails", "northwind"),
        "my-project",
    )
    assert (series["facts"], series["first"]) == (18, "2026-03-01T00:00:00Z")
    assert (event["id"], event["value"]) == (sim.state["events"][0]["id"], 5)
    assert event["occurred"] == event["accepted"] == "2026-03-18T09:30:00Z"
    (note,) = explanation["notes"]
    assert note == (
        f"value: the row says {before['amount']}, and here and now it is {explanation['amount']}"
    )


def test_each_source_of_a_level_or_of_a_number_of_distinct_ones_shows_its_own() -> None:
    sim = simulate()
    users = sim.explain("metronome", row_of(sim, "active_users"))
    assert [each["value"] for each in users["parts"][0]["events"]] == [1, 1, 1, 1]
    assert users["amount"] == 3  # one of them came twice
    record(sim, "storage", 2)
    storage = sim.explain("metronome", row_of(sim, "storage"))
    (series,), (event,) = storage["parts"][0]["series"], storage["parts"][0]["events"]
    assert series["value"] > event["value"] == storage["amount"] == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"customer_id": NORTHWIND[:-1] + "1"}, "1' is not known; allowed: "),
        ({"billable_metric_id": "x"}, "row.billable_metric_id: 'x' is not known"),
        ({"start_timestamp": "March"}, 'row.start_timestamp: found "March", which is no instant'),
        ({"end_timestamp": "2026-03-01"}, "row.end_timestamp: must be after start_timestamp"),
        ({"customerid": "x"}, "row.customerid: is not known; did you mean 'customer_id'?"),
        ({"value": "12"}, 'row.value: expected null or number, found "12"'),
        ({"group": {"key": "regoin", "value": "eu"}}, "did you mean 'region'?"),
        ({"group": {"key": "region"}}, "row.group.value: is required"),
    ],
)
def test_a_row_that_no_reply_has_is_refused_with_the_nearest(
    changed: dict[str, Any], message: str
) -> None:
    sim = simulate()
    with pytest.raises(ControlError) as refused:
        sim.explain("metronome", row_of(sim, "api_calls", **changed))
    assert message in str(refused.value)


def test_a_row_that_lacks_a_key_is_told_which() -> None:
    sim = simulate()
    with pytest.raises(ControlError) as refused:
        sim.explain("metronome", {"customer_id": customer(sim, "heron")})
    assert "row.billable_metric_id: is required" in str(refused.value)
    assert str(refused.value).endswith("; given: customer_id")
