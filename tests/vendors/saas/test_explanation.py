"""How a metric's numbers, and the estimated cost, came about."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import total
from metersim.errors import ControlError
from tests.explanations import assert_adds_up
from tests.vendors.saas.asking import IDS, small_world, usage
from tests.wire import Simulated, simulate

CUSTOMERS = {
    "metersim-token": "melanie_mckenzie@northwind.dev",
    "larkspur-token": "d7abd0cd-4ae9-4db7-8676-e986a4ebd8dc",
    "heron-token": "heron",
}
DAYS = st.dates(date(2025, 1, 1), date(2026, 3, 30))


def period(start: date, days: int) -> dict[str, str]:
    return {"startDate": str(start), "endDate": str(start + timedelta(days=days))}


PERIODS = st.just(dict[str, str]()) | st.builds(period, DAYS, st.integers(1, 400))


def steps(explanation: Any) -> dict[str, Decimal]:
    return {step["name"]: step["value"] for step in explanation["steps"]}


def assert_metric_explained(sim: Simulated, data: Any, row: dict[str, str]) -> None:
    shown, projection = (data[key].get(row["metric"]) for key in ("metrics", "projectedUsage"))
    explanation = sim.explain("saas", row)
    assert (explanation["number"], explanation["amount"]) == ("used", shown["used"])
    expected = {key: shown[key] for key in ("used", "overage", "percentage")}
    if projection is not None:
        expected |= {"projected": projection["projected"]}
        expected |= {"projected percentage": projection["percentage"]}
    assert steps(explanation) == expected
    assert_adds_up(explanation)
    assert [part["quantity"] or 0 for part in explanation["parts"]] in ([shown["used"]], [])


@settings(max_examples=15)
@given(st.sampled_from(sorted(CUSTOMERS)), PERIODS)
def test_every_metric_and_the_cost_are_explained_for_every_customer(
    token: str, period: dict[str, str]
) -> None:
    sim = simulate()
    data = usage(sim, token, metrics=",".join(IDS), **period)
    for metric in IDS:
        row = {"metric": metric, "customer": CUSTOMERS[token], **period}
        assert_metric_explained(sim, data, row)
    cost = {"metric": "estimatedCost", "customer": CUSTOMERS[token], **period}
    explanation = sim.explain("saas", cost)
    assert explanation["amount"] == data["estimatedCost"]["total"]
    assert explanation["unit"] == data["estimatedCost"]["currency"].upper()
    assert_adds_up(explanation)


@pytest.mark.parametrize("scenario", ["docs-saas", "overage", "month-end", "new-customer"])
def test_the_printed_numbers_are_explained(scenario: str) -> None:
    sim = simulate(scenario)
    data = usage(sim)
    for metric in data["metrics"]:
        assert_metric_explained(sim, data, {"metric": metric})


def test_the_cost_is_the_base_and_the_overages_of_all_metrics(tmp_path: Path) -> None:
    explanation = small_world(tmp_path).explain("saas", {"metric": "estimatedCost"})
    found = steps(explanation)
    overages = {name: value for name, value in found.items() if name.startswith("overage of ")}
    assert overages == {
        "overage of apiCalls": Decimal("0.405"),
        "overage of storage": Decimal("3.125"),
        "overage of bandwidth": 0,
    }
    assert found["base"] == 29
    assert found["overage"] == total(overages.values())
    assert explanation["amount"] == found["total"] == found["base"] + found["overage"]
    assert [part["meter"] for part in explanation["parts"]] == ["api_calls", "storage", "bandwidth"]


def test_a_level_comes_from_where_it_was_last_put_before_the_period(tmp_path: Path) -> None:
    (part,) = small_world(tmp_path).explain("saas", {"metric": "storage"})["parts"]
    assert part["window"]["start"] == "2023-03-11T00:00:00Z"
    assert [each["value"] for each in part["events"]] == [40, Decimal("12.5")]
    assert part["quantity"] == Decimal("12.5")


def test_formulas_say_where_a_period_does_not_run_and_where_nothing_is_included(
    tmp_path: Path,
) -> None:
    sim = small_world(tmp_path)
    over = {"metric": "apiCalls", "startDate": "2024-03-05", "endDate": "2024-03-10"}
    found = {step["name"]: step["how"] for step in sim.explain("saas", over)["steps"]}
    assert found["projected"] == "used, as the period is over or yet to begin"
    found = {
        step["name"]: step["how"] for step in sim.explain("saas", {"metric": "storage"})["steps"]
    }
    assert found["percentage"] == "0 where nothing is included"


def test_a_metric_without_a_meter_was_not_used() -> None:
    explanation = simulate("docs-saas").explain("saas", {"metric": "webhooks"})
    assert (explanation["amount"], explanation["parts"]) == (0, [])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"metric": "apicalls"}, "row.metric: found \"apicalls\"; did you mean 'apiCalls'?"),
        ({}, "row.metric: is required"),
        ({"metric": "seats", "customer": "larkpsur"}, "did you mean 'larkspur'?"),
        ({"metric": "seats", "startdate": "2026-01-01"}, "did you mean 'startDate'?"),
        ({"metric": "seats", "startDate": "soon"}, "row.startDate: found"),
        (
            {"metric": "seats", "startDate": "2026-01-01", "endDate": "2026-01-01"},
            "row: Invalid date range",
        ),
    ],
)
def test_a_row_that_no_reply_has_is_refused_with_the_nearest(
    row: dict[str, str], message: str
) -> None:
    with pytest.raises(ControlError) as refused:
        simulate().explain("saas", row)
    assert message in str(refused.value)


def test_a_world_without_customers_has_nothing_to_explain() -> None:
    with pytest.raises(ControlError, match=r"row\.customer: is required"):
        simulate("empty").explain("saas", {"metric": "seats"})
