"""Which metrics are shown, how much of each was used, and how that compares with the plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.saas.asking import (
    IDS,
    SMALL_WORLD,
    ask,
    assert_refused,
    small_world,
    usage,
    used,
)
from tests.wire import simulate

UNITS = ["requests", "GB", "users", "GB", "emails", "events"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("api_calls,storage", ["apiCalls", "storage"]),
        ("apiCalls", ["apiCalls"]),
        ("storage,apiCalls,api_calls,storage", ["apiCalls", "storage"]),
        ("webhooks,emails,bandwidth,seats", ["seats", "bandwidth", "emails", "webhooks"]),
        # None of these two is in Heron's plan.
        ("emails,webhooks", ["emails", "webhooks"]),
    ],
)
def test_saas_07_exactly_what_is_asked_for_is_shown(asked: str, shown: list[str]) -> None:
    data = usage(simulate(), "heron-token", metrics=asked)
    assert list(data["metrics"]) == shown
    assert set(data["projectedUsage"]) <= set(shown)


def test_saas_07_without_a_list_the_metrics_of_the_plan_are_shown(tmp_path: Path) -> None:
    assert list(usage(simulate())["metrics"]) == IDS
    assert list(usage(simulate(), "heron-token")["metrics"]) == IDS[:3]
    # Of an archived meter nothing is shown unless it is asked for.
    small = small_world(tmp_path)
    assert list(usage(small)["metrics"]) == ["apiCalls", "storage", "bandwidth", "webhooks"]
    assert used(small, "emails") == 3


def test_saas_07_what_the_plan_does_not_include_is_all_overage() -> None:
    span = {"startDate": "2026-03-05", "endDate": "2026-03-05T10:15:00Z"}
    data = usage(simulate(), "heron-token", metrics="emails", **span)
    emails = data["metrics"]["emails"]
    assert (emails["included"], emails["used"], emails["overage"]) == (0, 250, 250)
    # Without an allowance there is nothing to charge, and no plan to outgrow.
    assert (data["estimatedCost"]["overage"], data["projectedUsage"]) == (0, {})


def test_saas_07_a_metric_that_the_world_does_not_know_is_unused(tmp_path: Path) -> None:
    text = SMALL_WORLD.replace(
        "  bandwidth: {name: Traffic}\n", "  traffic: {events: [bandwidth]}\n"
    )
    text = text.replace("      bandwidth: {amount: 3}\n", "")
    shown = usage(small_world(tmp_path, text), metrics="bandwidth")["metrics"]
    assert shown == {
        "bandwidth": {
            "name": "Bandwidth",
            "unit": "GB",
            "included": 0,
            "used": 0,
            "overage": 0,
            "percentage": 0,
        }
    }


@pytest.mark.parametrize(
    "wrong", ["", "api-calls", "API_CALLS", "api_calls,", ",", "seats, storage", "cpu_hours"]
)
def test_saas_08_an_unknown_or_empty_id_is_refused(wrong: str) -> None:
    assert_refused(ask(simulate(), metrics=wrong), 400, "BAD_REQUEST", "metrics")


def test_saas_09_units_are_the_vendors_own(tmp_path: Path) -> None:
    metrics = usage(simulate(), metrics=",".join(IDS))["metrics"]
    assert [metrics[each]["unit"] for each in IDS] == UNITS
    # The world calls the unit otherwise; the vendor does not. The name is the world's.
    calls = usage(small_world(tmp_path))["metrics"]["apiCalls"]
    assert (calls["name"], calls["unit"]) == ("Calls", "requests")


@settings(max_examples=25)
@given(
    st.sampled_from(["metersim-token", "larkspur-token", "heron-token"]),
    st.dates(date(2024, 12, 1), date(2026, 3, 30)),
)
def test_saas_10_and_11_overage_and_percentage_follow_from_used_and_included(
    token: str, start: date
) -> None:
    metrics = usage(simulate(), token, startDate=str(start))["metrics"]
    for shown in metrics.values():
        amount, included = Fraction(shown["used"]), Fraction(shown["included"])
        assert Fraction(shown["overage"]) == max(Fraction(0), amount - included)
        assert abs(Fraction(shown["percentage"]) - amount * 100 / included) <= Fraction(1, 200)
        assert shown["percentage"] == round(Decimal(shown["percentage"]), 2)


def test_saas_10_what_is_over_is_what_goes_beyond(tmp_path: Path) -> None:
    metrics = usage(small_world(tmp_path))["metrics"]
    assert (metrics["apiCalls"]["used"], metrics["apiCalls"]["overage"]) == (117, 27)
    assert (metrics["bandwidth"]["used"], metrics["bandwidth"]["overage"]) == (Decimal("1.111"), 0)


def test_saas_11_the_percentage_passes_100_and_is_0_of_nothing(tmp_path: Path) -> None:
    metrics = usage(small_world(tmp_path))["metrics"]
    assert metrics["apiCalls"]["percentage"] == 130
    assert metrics["bandwidth"]["percentage"] == Decimal("37.03")
    assert metrics["storage"]["percentage"] == 0


def test_saas_15_counters_restart_and_levels_do_not(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    assert used(simulator, "apiCalls") == 117
    assert used(simulator, "storage") == Decimal("12.5")
    simulator.clock.advance(days=1)
    assert (used(simulator, "apiCalls"), used(simulator, "storage")) == (617, 99)
    simulator.clock.advance(days=20)
    assert (used(simulator, "apiCalls"), used(simulator, "storage")) == (0, 99)


def test_saas_15_a_level_is_that_of_the_periods_end(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    levels = {
        "2024-01-19": 0,
        "2024-01-20": 40,
        "2024-02-19": 40,
        "2024-02-20": Decimal("12.5"),
        "2024-03-31": Decimal("12.5"),
    }
    for end, level in levels.items():
        assert used(simulator, "storage", startDate="2024-01-02", endDate=end) == level
    # Nothing happened to it in this period; it stands.
    assert used(simulator, "storage", startDate="2024-02-01", endDate="2024-02-10") == 40


def test_saas_17_counters_forget_what_is_older_than_a_year(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    whole = {"startDate": "2023-01-01", "endDate": "2024-03-11"}
    assert used(simulator, "apiCalls", **whole) == 7 + 50 + 100 + 17
    assert used(simulator, "apiCalls", startDate="2022-01-01", endDate="2023-03-10") == 0
    simulator.clock.advance(seconds=1)
    assert used(simulator, "apiCalls", **whole) == 50 + 100 + 17


def test_saas_17_so_do_levels(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    assert (used(simulator, "seats"), used(simulator, "storage")) == (0, Decimal("12.5"))
    simulator.clock.advance(days=400)
    assert used(simulator, "storage") == 0


def test_saas_17_asking_for_what_is_gone_is_no_error() -> None:
    data = usage(simulate(), startDate="2019-01-01", endDate="2019-12-31")
    assert {metric["used"] for metric in data["metrics"].values()} == {0}


def test_a_span_that_holds_only_a_correction_is_below_nothing() -> None:
    span = {"startDate": "2026-03-05T10:15:00Z", "endDate": "2026-03-05T10:45:00Z"}
    emails = usage(simulate(), "heron-token", metrics="emails", **span)["metrics"]["emails"]
    assert (emails["used"], emails["overage"], emails["percentage"]) == (-250, 0, 0)
