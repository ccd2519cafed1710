"""Plans: a monthly price with included amounts, and a price for what goes beyond them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from metersim.billing.instants import Granularity, Span, floor, following
from metersim.billing.quantity import ZERO, divide, multiply, subtract


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a plan includes of one meter, and the price of each unit beyond it.

    ``projected`` says whether the vendor extrapolates this meter to the end of the period.
    """

    included: Decimal
    overage_price: Decimal = ZERO
    projected: bool = True

    def overage(self, used: Decimal) -> Decimal:
        """The part of ``used`` beyond what is included, never negative."""
        return max(ZERO, subtract(used, self.included))

    def overage_cost(self, used: Decimal) -> Decimal:
        """The exact price of the overage."""
        return multiply(self.overage(used), self.overage_price)

    def percentage(self, used: Decimal) -> Decimal:
        """Share of the included amount, in percent to two decimals; 0 where nothing is included."""
        if not self.included:
            return ZERO
        return divide(multiply(used, Decimal(100)), self.included, places=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """``price`` is charged per billing period, which is the calendar month in UTC."""

    key: str
    name: str
    price: Decimal
    currency: str
    allowances: Mapping[str, Allowance]


def billing_period(now: datetime) -> Span:
    """The billing period that holds ``now``."""
    return Span(floor(now, Granularity.MONTH), following(now, Granularity.MONTH))
