"""What the usage is estimated to cost, and where it is heading."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.instants import parse_instant
from metersim.billing.quantity import add
from tests.vendors.saas.asking import SMALL_WORLD, ask, small_world, usage
from tests.wire import simulate

# 27 calls at 0.015, 12.5 GB held at 0.25, 1.5 hours at 2. What is not active is not billed.
OVERAGE = Decimal("3.53")
NOW = parse_instant("2026-03-18T09:30:00Z")  # in the default scenario
DAYS = st.dates(date(2025, 1, 1), date(2026, 3, 30))


@settings(max_examples=25)
@given(st.sampled_from(["metersim-token", "larkspur-token", "heron-token"]), DAYS)
def test_saas_12_the_total_is_base_and_overage(token: str, start: date) -> None:
    cost = usage(simulate(), token, startDate=str(start))["estimatedCost"]
    assert cost["total"] == add(Decimal(cost["base"]), Decimal(cost["overage"]))


def test_saas_12_the_price_is_spelt_as_the_plan_spells_it(tmp_path: Path) -> None:
    text = ask(small_world(tmp_path)).text
    assert '"base":29.00,"overage":3.53,"total":32.53,"currency":"eur"' in text


def test_saas_13_overage_is_charged_for_the_whole_plan_whatever_is_shown(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    assert usage(simulator)["estimatedCost"]["overage"] == OVERAGE
    assert usage(simulator, metrics="seats")["estimatedCost"]["overage"] == OVERAGE


def test_saas_13_nothing_over_costs_nothing(tmp_path: Path) -> None:
    text = SMALL_WORLD.replace("storage: {amount: 0", "storage: {amount: 50")
    span = {"startDate": "2024-03-02", "endDate": "2024-03-05"}
    data = usage(small_world(tmp_path, text), **span)
    assert data["estimatedCost"]["overage"] == 0
    answer = ask(small_world(tmp_path, text), **span)
    assert '"base":29.00,"overage":0,"total":29.00,' in answer.text


def test_saas_14_the_rate_so_far_holds_to_the_end_of_the_period(tmp_path: Path) -> None:
    projected = usage(small_world(tmp_path))["projectedUsage"]
    assert projected["apiCalls"] == {"projected": 363, "percentage": Decimal("403.33")}  # 362.7
    # 3.4441, in GB to two decimals.
    assert projected["bandwidth"] == {
        "projected": Decimal("3.44"),
        "percentage": Decimal("114.67"),
    }


def test_saas_14_levels_and_what_the_plan_leaves_out_are_not_projected(tmp_path: Path) -> None:
    projected = usage(small_world(tmp_path), metrics="storage,seats,bandwidth")["projectedUsage"]
    assert set(projected) == {"bandwidth"}
    assert set(usage(simulate("docs-saas"))["projectedUsage"]) == {"apiCalls"}


@settings(max_examples=50)
@given(DAYS, st.integers(1, 400))
def test_saas_14_used_is_to_the_time_passed_as_projected_is_to_the_period(
    start: date, days: int
) -> None:
    data = usage(simulate(), startDate=str(start), endDate=str(start + timedelta(days=days)))
    length = Fraction(days + 1)
    elapsed = (NOW - parse_instant(f"{start}T00:00:00Z")) // timedelta(seconds=1)
    share = Fraction(elapsed, 86_400)  # in days
    for metric, projection in data["projectedUsage"].items():
        used, projected = data["metrics"][metric]["used"], projection["projected"]
        assert projected >= used
        if 0 < share < length:
            off = Fraction(projected) - Fraction(used) * length / share
            assert abs(off) <= Fraction(1, 200 if metric == "bandwidth" else 2)
        else:
            assert projected == used


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        # Over: what was used, to its last decimal.
        ({"startDate": "2024-03-05", "endDate": "2024-03-10"}, "17"),
        # It ends as the clock's instant begins: over, to the second.
        ({"startDate": "2024-03-05", "endDate": "2024-03-10T23:59:59Z"}, "17"),
        # Yet to begin, or begun this very instant: no time has passed, so there is no rate.
        ({"startDate": "2024-04-01", "endDate": "2024-04-30"}, "0"),
        ({"startDate": "2024-03-11", "endDate": "2024-03-12"}, "0"),
    ],
)
def test_saas_14_a_period_that_is_over_or_yet_to_begin_is_projected_as_used(
    tmp_path: Path, asked: dict[str, str], calls: str
) -> None:
    data = usage(small_world(tmp_path), **asked)
    assert data["metrics"]["apiCalls"]["used"] == Decimal(calls)
    assert data["projectedUsage"]["apiCalls"]["projected"] == Decimal(calls)


def test_saas_14_a_correction_in_a_period_that_is_over_is_projected_as_it_is(
    tmp_path: Path,
) -> None:
    data = usage(small_world(tmp_path), startDate="2024-02-01", endDate="2024-02-29")
    assert data["metrics"]["bandwidth"]["used"] == -5
    assert data["projectedUsage"]["bandwidth"]["projected"] == -5


def test_saas_14_rounding_never_takes_back_what_was_used(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    simulator.clock.advance(days=20, seconds=86399)
    path = "/api/billing/public/projects/proj_site/usage"
    body = {"email": "acme@example.com", "metric": "api_calls", "quantity": Decimal("0.4")}
    assert simulator.caller("mudbase").post(path, body).status == 200
    data = usage(simulator)
    assert data["metrics"]["apiCalls"]["used"] == Decimal("617.4")
    assert data["projectedUsage"]["apiCalls"]["projected"] == Decimal("617.4")


def test_world_01_what_mudbase_records_shows_at_once(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    path = "/api/billing/public/projects/proj_site/usage"
    body = {"email": "acme@example.com", "metric": "storage", "quantity": 20}
    assert simulator.caller("mudbase").post(path, body).status == 200
    assert usage(simulator)["metrics"]["storage"]["used"] == 20
