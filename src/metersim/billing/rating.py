"""What usage costs: each fact at the price of where it falls in its billing period.

A price with tiers counts a *scope*, such as all that a customer uses of a meter, from the start of
each billing period (the calendar month in UTC) on. What is asked about may be less: some projects,
some properties, a few hours. So that all such parts add up to the whole, time is cut into pieces
that have one rate throughout; where the rate changes, every fact is charged by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import TypeAlias

from metersim.billing.instants import Span
from metersim.billing.ledger import MeteredUsage
from metersim.billing.plans import billing_period
from metersim.billing.quantity import ZERO, add, plain, total
from metersim.billing.rates import Line, Price, PriceModel, Rate

_HOUR = timedelta(hours=1)

# The usage asked about, of what occurred within a span.
During: TypeAlias = Callable[[Span], MeteredUsage]


@dataclass(frozen=True, slots=True)
class _AtOneRate:
    """Everything at one rate. A rate per package is one at which no package begins."""

    usage: MeteredUsage
    rate: Rate

    def lines(self, window: Span) -> Iterator[Line]:
        quantity = self.usage.over(window)
        if quantity is not None:
            yield Line(quantity if self.rate.per is None else ZERO, self.rate)


@dataclass(frozen=True, slots=True)
class _FactByFact:
    """Each fact with lines of its own."""

    usage: MeteredUsage
    charged: Mapping[Hashable, Sequence[Line]]

    def lines(self, window: Span) -> Iterator[Line]:
        for key, _ in self.usage.amounts(window):
            yield from self.charged[key]


_Piece: TypeAlias = _AtOneRate | _FactByFact
_Charged: TypeAlias = Mapping[Hashable, Sequence[Line]]


class RatedUsage:
    """Usage of one meter with its price, along one axis.

    ``counted`` is what the whole scope holds of each billing period in which a price counts it.
    """

    def __init__(self, pieces: Iterable[_Piece], counted: Mapping[Span, Decimal]) -> None:
        self._pieces = list(pieces)
        self.counted = counted

    def lines(self, window: Span) -> list[Line]:
        """What a half-open window is charged for, by rate; none when it holds no usage."""
        found: dict[Rate, Decimal] = {}
        for piece in self._pieces:
            for line in piece.lines(window):
                found[line.rate] = add(found.get(line.rate, ZERO), line.quantity)
        return [Line(plain(found[rate]), rate) for rate in sorted(found)]

    def cost(self, window: Span) -> Decimal:
        """The exact cost of a half-open window; 0 when it holds no usage."""
        return plain(total(line.amount for line in self.lines(window)))

    def first(self, window: Span) -> datetime | None:
        """When the first fact of a window happens; None when nothing matched."""
        found = (piece.usage.first(window) for piece in self._pieces)
        return min((each for each in found if each is not None), default=None)


def rate_usage(
    prices: Iterable[tuple[Span, Price]],
    scope: Callable[[], MeteredUsage],
    asked: During,
    window: Span,
) -> RatedUsage:
    """The usage asked about within a window, at prices that each hold for a span.

    ``scope`` is all that the tiers count, by when it occurred; flat prices never ask for it.
    """
    counted = cache(scope)
    pieces: list[_Piece] = []
    wholes: dict[Span, Decimal] = {}
    for span, price in prices:
        usage = asked(span)
        if price.model is PriceModel.FLAT:
            pieces.append(_AtOneRate(usage, price.rate()))
            continue
        for period in _periods(counted(), usage.occurrences(window)):
            if occurred := asked(span & period).occurrences(window):
                rating = _Rating(price, counted(), counted().over(period) or ZERO)
                before = counted().over(Span(period.start, occurred.start)) or ZERO
                wholes[period] = rating.period
                pieces += _pieces(rating, asked, occurred, before)
    return RatedUsage(pieces, wholes)


def _periods(scope: MeteredUsage, span: Span) -> Iterator[Span]:
    """Billing period by billing period, leaping over those without usage."""
    while span and (first := scope.first(span)) is not None:
        period = billing_period(first)
        yield period
        span = Span(period.end, span.end)


def _pieces(rating: _Rating, asked: During, span: Span, before: Decimal) -> Iterator[_Piece]:
    stretches = rating.stretches(span, before)
    for rate, same in groupby(stretches, key=lambda stretch: stretch[1]):
        spans = [each for each, _ in same]
        usage = asked(Span(spans[0].start, spans[-1].end))
        yield _AtOneRate(usage, rate) if isinstance(rate, Rate) else _FactByFact(usage, rate)


@dataclass(frozen=True, slots=True)
class _Rating:
    """One price within one billing period, which holds so much in total."""

    price: Price
    scope: MeteredUsage
    period: Decimal

    def stretches(self, span: Span, before: Decimal) -> Iterator[tuple[Span, Rate | _Charged]]:
        """Halves the span until it has one rate, or is so short that its facts can be listed."""
        used = self.scope.over(span)
        if used is None:
            return
        rate = self.price.rate_throughout(before, add(before, used), self.period)
        # On the way to where it started, usage may have gone up and come back.
        wanders = self.price.model is not PriceModel.VOLUME and self.scope.falls(span)
        if rate is not None and not wanders:
            yield span, rate
        elif span.end - span.start <= _HOUR:
            yield span, self._charged(span, before)
        else:
            halves = _halves(span)
            yield from self.stretches(halves[0], before)
            yield from self.stretches(halves[1], add(before, self.scope.over(halves[0]) or ZERO))

    def _charged(self, span: Span, before: Decimal) -> _Charged:
        charged: dict[Hashable, Sequence[Line]] = {}
        for key, amount in self.scope.amounts(span):
            after = add(before, amount)
            charged[key] = list(self.price.lines(before, after, self.period))
            before = after
        return charged


def _halves(span: Span) -> tuple[Span, Span]:
    middle = span.start + (span.end - span.start) / 2
    return Span(span.start, middle), Span(middle, span.end)
