"""Prices: rate cards multiply exactly; plans include an amount and charge for what goes beyond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.accounts import Customer
from metersim.billing.instants import Span
from metersim.billing.meters import Aggregation
from metersim.billing.plans import Allowance, billing_period
from metersim.billing.rates import RateCard

amounts = st.decimals(0, 10**9, places=6)


@given(amounts, amounts)
def test_a_cost_is_the_exact_product_of_quantity_and_price(
    quantity: Decimal, price: Decimal
) -> None:
    card = RateCard("list", "USD", {"calls": price})
    assert Fraction(card.cost("calls", quantity)) == Fraction(quantity) * Fraction(price)


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


def test_a_customer_is_meant_by_each_of_its_names() -> None:
    customer = Customer("acme", "uuid", "Acme Inc.", "cust_1", aliases=("a@acme.example", "b"))
    assert customer.references == ("uuid", "cust_1", "acme", "a@acme.example", "b")
