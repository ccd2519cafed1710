"""Rate cards: what each meter costs, per unit, per package begun or by tiers.

The tiers of a price count a meter's quantity from the start of each billing period on. What a
quantity costs depends on where it falls, so every price is asked about a stretch: from how much was
used *before* to how much was used *after* it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from metersim.billing.instants import EARLIEST, LATEST, Span
from metersim.billing.quantity import EXACT, ZERO, multiply, subtract


class PriceModel(StrEnum):
    """How the tiers of a price apply.

    ``FLAT``: one price for every unit. ``PACKAGE``: for every package that is begun.
    ``GRADUATED``: each unit costs what the tier says that it falls into. ``VOLUME``: all units of a
    period cost what the tier says that the period's whole quantity falls into.
    """

    FLAT = "flat"
    PACKAGE = "package"
    GRADUATED = "graduated"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Tier:
    """A price per unit, for quantities up to and including a bound; None for no bound."""

    price: Decimal
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """What one unit, or one package of ``per`` units, is charged, and by which tier, from 1 on."""

    since: datetime
    tier: int
    price: Decimal
    per: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """So many units, or packages, at one rate."""

    quantity: Decimal
    rate: Rate

    @property
    def amount(self) -> Decimal:
        """Their exact product, never rounded."""
        return multiply(self.quantity, self.rate.price)


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one meter from ``since`` on, in ascending tiers of which the last has no bound.

    ``per`` is how many units a package holds.
    """

    tiers: tuple[Tier, ...]
    model: PriceModel = PriceModel.FLAT
    since: datetime = EARLIEST
    per: Decimal | None = None

    @property
    def begins(self) -> datetime | None:
        """When it begins to hold; None where it always did."""
        return None if self.since == EARLIEST else self.since

    def rate(self, tier: int = 0) -> Rate:
        """What is charged in a tier, counted from 0."""
        return Rate(self.since, tier + 1, self.tiers[tier].price, self.per)

    def rate_throughout(self, before: Decimal, after: Decimal, period: Decimal) -> Rate | None:
        """The one rate on the way from a quantity up to another; None where it changes.

        The beginning of a package is a change too. A volume price has one rate all through.
        """
        match self.model:
            case PriceModel.FLAT:
                return self.rate()
            case PriceModel.PACKAGE:
                return self.rate() if self._packages(before) == self._packages(after) else None
            case PriceModel.VOLUME:
                return self.rate(self._tier_of(period))
            case PriceModel.GRADUATED:
                first = self._next_tier(before)
                within = before == after or first == self._tier_of(after)
                return self.rate(first) if within else None
            case _:
                assert_never(self.model)

    def lines(self, before: Decimal, after: Decimal, period: Decimal) -> Iterator[Line]:
        """What is charged on the way, in a period that holds so much in total.

        Less after than before is given back at the rates at which it was charged.
        """
        match self.model:
            case PriceModel.FLAT:
                yield Line(subtract(after, before), self.rate())
            case PriceModel.PACKAGE:
                yield Line(subtract(self._packages(after), self._packages(before)), self.rate())
            case PriceModel.VOLUME:
                yield Line(subtract(after, before), self.rate(self._tier_of(period)))
            case PriceModel.GRADUATED:
                if before == after:  # usage all the same, if only of 0
                    yield Line(ZERO, self.rate(self._next_tier(before)))
                floor = None
                for number, tier in enumerate(self.tiers):
                    start, end = (_between(each, floor, tier.up_to) for each in (before, after))
                    if start != end:
                        yield Line(subtract(end, start), self.rate(number))
                    floor = tier.up_to
            case _:
                assert_never(self.model)

    def _tier_of(self, quantity: Decimal) -> int:
        """The tier that the last unit of a quantity falls into."""
        return self._first_tier(lambda bound: quantity <= bound)

    def _next_tier(self, quantity: Decimal) -> int:
        """The tier that whatever goes beyond a quantity falls into."""
        return self._first_tier(lambda bound: quantity < bound)

    def _first_tier(self, holds: Callable[[Decimal], bool]) -> int:
        return next(
            i for i, tier in enumerate(self.tiers) if tier.up_to is None or holds(tier.up_to)
        )

    def _packages(self, quantity: Decimal) -> Decimal:
        """How many packages a quantity begins."""
        if self.per is None or quantity <= 0:
            return ZERO
        amount, amount_over = quantity.as_integer_ratio()
        size, size_over = self.per.as_integer_ratio()
        return EXACT.create_decimal(-(-amount * size_over // (amount_over * size)))


def _between(quantity: Decimal, floor: Decimal | None, ceiling: Decimal | None) -> Decimal:
    if floor is not None and quantity < floor:
        return floor
    return quantity if ceiling is None else min(quantity, ceiling)


@dataclass(frozen=True, slots=True)
class RateCard:
    """Prices of each meter, in one ISO 4217 currency; of one meter in order of time.

    Each price holds until the next begins; before the first there is none. A billing period with
    any usage costs ``minimum`` at least.
    """

    key: str
    currency: str
    prices: Mapping[str, Sequence[Price]]
    minimum: Decimal = ZERO

    def price_at(self, meter: str, instant: datetime) -> Price | None:
        """The price that holds at an instant."""
        found = [price for price in self.prices.get(meter, ()) if price.since <= instant]
        return found[-1] if found else None

    def periods(self, meter: str) -> Iterator[tuple[Span, Price]]:
        """The prices of a meter, each with the span in which it holds."""
        prices = self.prices.get(meter, ())
        ends = [*(price.since for price in prices[1:]), LATEST]
        for price, end in zip(prices, ends, strict=False):
            yield Span(price.since, end), price
