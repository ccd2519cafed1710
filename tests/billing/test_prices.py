"""Prices charge each unit exactly and in the tier it falls into; plans what goes beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.instants import EARLIEST, Span
from metersim.billing.meters import Aggregation
from metersim.billing.plans import Allowance, billing_period
from metersim.billing.quantity import ZERO
from metersim.billing.rates import Price, PriceModel, Rate, RateCard, Tier
from tests.billing.bills import bounds, in_force, one_price, prices
from tests.billing.drawn import instants

amounts = st.decimals(0, 10**9, places=6)
TIERS = (
    Tier(Decimal("0.10"), Decimal(1_000)),
    Tier(Decimal("0.08"), Decimal(5_000)),
    Tier(Decimal("0.05")),
)
# Fewer than nothing too: corrections may be more than what there was to correct.
running = bounds | st.decimals(-10, 100, places=1)
any_price = one_price(EARLIEST)


def charged(price: Price, before: Decimal, after: Decimal, period: Decimal) -> dict[Rate, Fraction]:
    """How much is charged at each rate, those without anything left out."""
    lines = price.lines(before, after, period)
    return {line.rate: Fraction(line.quantity) for line in lines if line.quantity}


@given(amounts, amounts)
def test_a_flat_price_charges_the_exact_product(quantity: Decimal, price: Decimal) -> None:
    (line,) = Price((Tier(price),)).lines(ZERO, quantity, quantity)
    assert Fraction(line.amount) == Fraction(quantity) * Fraction(price)


@pytest.mark.parametrize(
    ("model", "quantity", "expected"),
    [
        ("graduated", "1000", {1: "1000"}),
        ("graduated", "1001", {1: "1000", 2: "1"}),
        ("graduated", "5000", {1: "1000", 2: "4000"}),
        ("graduated", "5000.5", {1: "1000", 2: "4000", 3: "0.5"}),
        ("volume", "1000", {1: "1000"}),
        ("volume", "1001", {2: "1001"}),
        ("volume", "5000", {2: "5000"}),
        ("volume", "5000.5", {3: "5000.5"}),
    ],
)
def test_the_last_unit_of_a_tier_belongs_to_it_and_the_next_one_does_not(
    model: str, quantity: str, expected: dict[int, str]
) -> None:
    price, used = Price(TIERS, PriceModel(model)), Decimal(quantity)
    lines = list(price.lines(ZERO, used, used))
    assert {line.rate.tier: str(line.quantity) for line in lines} == expected
    assert [line.rate.price for line in lines] == [TIERS[i - 1].price for i in expected]


@pytest.mark.parametrize(
    ("quantity", "packages"),
    [("-3", 0), ("0", 0), ("0.001", 1), ("2.5", 1), ("2.501", 2), ("5", 2), ("1e9", 400_000_000)],
)
def test_each_package_that_is_begun_is_charged(quantity: str, packages: int) -> None:
    price = Price((Tier(Decimal(3)),), PriceModel.PACKAGE, per=Decimal("2.5"))
    (line,) = price.lines(ZERO, Decimal(quantity), Decimal(quantity))
    assert line.quantity == packages
    assert line.amount == 3 * packages


@given(any_price, st.lists(running, min_size=2, max_size=5), running)
def test_what_is_charged_on_the_way_adds_up_wherever_the_way_is_cut(
    price: Price, way: list[Decimal], period: Decimal
) -> None:
    added: dict[Rate, Fraction] = {}
    for before, after in zip(way, way[1:], strict=False):
        for rate, quantity in charged(price, before, after, period).items():
            added[rate] = added.get(rate, Fraction(0)) + quantity
    # Up and down again included: what is given back is what was charged.
    assert {rate: each for rate, each in added.items() if each} == charged(
        price, way[0], way[-1], period
    )


@given(any_price, running, running, running)
def test_there_is_one_rate_throughout_where_every_line_has_it_and_no_package_is_begun(
    price: Price, one: Decimal, other: Decimal, period: Decimal
) -> None:
    before, after = sorted([one, other])
    lines = list(price.lines(before, after, period))
    rates = [line.rate for line in lines]
    is_begun = price.model is PriceModel.PACKAGE and bool(lines[0].quantity)
    expected = rates[0] if len(rates) == 1 and not is_begun else None
    assert price.rate_throughout(before, after, period) == expected


@given(prices(), instants)
def test_a_price_holds_until_the_next_begins_and_before_the_first_there_is_none(
    prices: Sequence[Price], instant: datetime
) -> None:
    card = RateCard("list", "USD", {"calls": prices})
    held = [price for span, price in card.periods("calls") if instant in span]
    assert held == in_force(prices, instant)
    assert card.price_at("calls", instant) == (held[0] if held else None)
    assert card.price_at("faxes", instant) is None
    assert not list(card.periods("faxes"))


@given(amounts, amounts, amounts)
def test_an_overage_is_what_goes_beyond_and_is_charged_exactly(
    included: Decimal, price: Decimal, used: Decimal
) -> None:
    allowance = Allowance(included, price)
    beyond = max(Fraction(0), Fraction(used) - Fraction(included))
    assert Fraction(allowance.overage(used)) == beyond
    assert Fraction(allowance.overage_cost(used)) == beyond * Fraction(price)


@pytest.mark.parametrize(
    ("used", "included", "percentage"),
    [("45230", "100000", "45.23"), ("120500", "100000", "120.5"), ("1", "3", "33.33")]
    + [("2", "3", "66.67"), ("0", "10", "0"), ("5", "0", "0"), ("67.5", "100", "67.5")],
)
def test_a_percentage_has_two_decimals_and_may_pass_a_hundred(
    used: str, included: str, percentage: str
) -> None:
    assert str(Allowance(Decimal(included)).percentage(Decimal(used))) == percentage


@pytest.mark.parametrize(
    ("now", "first", "after"),
    [("2024-02-29", "2024-02-01", "2024-03-01"), ("2026-12-31", "2026-12-01", "2027-01-01")]
    + [("2026-03-01", "2026-03-01", "2026-04-01")],
)
def test_the_billing_period_is_the_calendar_month(now: str, first: str, after: str) -> None:
    day, start, end = (
        datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, first, after)
    )
    assert billing_period(day) == Span(start, end)
    assert billing_period(day + timedelta(hours=23, minutes=59)) == Span(start, end)


def test_only_sums_and_counts_of_parts_add_up() -> None:
    additive = {each for each in Aggregation if each.additive}
    assert additive == {Aggregation.SUM, Aggregation.COUNT}
