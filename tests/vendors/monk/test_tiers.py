"""What tiers cost: each unit by the tier it falls into, or all by the tier of the last one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metersim.billing.instants import to_seconds
from metersim.billing.quantity import total
from tests.vendors.monk.asking import ACME, cost, small_world
from tests.wire import Simulated, simulate

# Both meters at the same tiers.
TIERED = """
clock: 2026-03-18T09:30:00Z
meters: {graduated: {}, volume: {}}
rate_cards:
  list:
    prices:
      graduated:
        graduated: [{up_to: 1000, price: 0.10}, {up_to: 10000, price: 0.05}, {price: 0.01}]
      volume:
        volume: [{up_to: 1000, price: 0.10}, {up_to: 10000, price: 0.05}, {price: 0.01}]
customers: {acme: {id: 11111111-2222-4333-8444-5555aaaa6666, emails: [me@acme.example]}}
projects: {site: {id: proj_site, customer: acme}}
"""
TIERS = [(Decimal(1_000), Decimal("0.10")), (Decimal(10_000), Decimal("0.05"))]
TIERS += [(Decimal("Infinity"), Decimal("0.01"))]
around_the_bounds = st.integers(0, 1_200) | st.integers(9_900, 10_100) | st.integers(0, 10**9)
quantities = st.lists(around_the_bounds.map(lambda units: Decimal(units) / 2), max_size=4)
bounded = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def record(simulator: Simulated, meter: str, quantity: Decimal) -> None:
    body = {"email": "me@acme.example", "metric": meter, "quantity": quantity}
    path = "/api/billing/public/projects/proj_site/usage"
    assert simulator.caller("mudbase", None).post(path, body).status == 200


def record_both(simulator: Simulated, quantities: list[Decimal]) -> None:
    """Of either meter as much, every seven hours."""
    for quantity in quantities:
        record(simulator, "graduated", quantity)
        record(simulator, "volume", quantity)
        simulator.clock.advance(hours=7)


def costs(simulator: Simulated, **span: str) -> tuple[Decimal, Decimal]:
    """Of the graduated meter, and of the other."""
    graduated, volume = (
        cost(simulator, customerId=ACME, eventNames=[name], **span)
        for name in ("graduated", "volume")
    )
    return graduated, volume


@pytest.mark.parametrize(
    ("quantity", "graduated", "volume"),
    [
        ("0", "0", "0"),
        ("1", "0.1", "0.1"),
        ("1000", "100", "100"),
        ("1000.5", "100.025", "50.025"),
        ("1001", "100.05", "50.05"),
        ("10000", "550", "500"),
        ("10001", "550.01", "100.01"),
    ],
)
def test_monk_19_the_last_unit_of_a_tier_belongs_to_it_and_the_next_one_does_not(
    tmp_path: Path, quantity: str, graduated: str, volume: str
) -> None:
    simulator = small_world(tmp_path, TIERED)
    record_both(simulator, [Decimal(quantity)])
    assert costs(simulator) == (Decimal(graduated), Decimal(volume))


@bounded
@given(quantities)
def test_monk_19_graduated_and_volume_prices_are_what_each_is_defined_as(
    tmp_path: Path, used: list[Decimal]
) -> None:
    simulator = small_world(tmp_path, TIERED)
    record_both(simulator, used)
    whole, below, graduated = total(used), Decimal(0), Decimal(0)
    for bound, price in TIERS:
        graduated += (min(whole, bound) - below) * price
        below = min(whole, bound)
    last = next(price for bound, price in TIERS if whole <= bound)
    assert costs(simulator) == (graduated, whole * last)


@bounded
@given(quantities, st.integers(0, 28))
def test_monk_19_tiers_count_from_the_start_of_the_month_wherever_the_span_begins(
    tmp_path: Path, used: list[Decimal], hours: int
) -> None:
    simulator = small_world(tmp_path, TIERED)
    cut = to_seconds(simulator.clock.now + timedelta(hours=hours))
    record_both(simulator, used)
    before, after = costs(simulator, endDate=cut), costs(simulator, startDate=cut)
    assert tuple(map(sum, zip(before, after, strict=True))) == costs(simulator)


def test_monk_19_tiers_begin_anew_with_every_month() -> None:
    simulator = simulate("tiers")
    acme = {"customerId": None, "externalCustomerId": "acme", "eventNames": ["graduated"]}
    months = [f"2026-0{number}-01T00:00:00Z" for number in range(1, 5)]
    each = [
        cost(simulator, startDate=start, endDate=end, **acme)
        for start, end in zip(months, months[1:], strict=False)
    ]
    assert each == [100, Decimal("100.05"), 570]
    assert cost(simulator, startDate=months[0], endDate=months[-1], **acme) == total(each)
