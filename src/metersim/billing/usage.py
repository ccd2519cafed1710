"""Usage: single events, and series of facts that a formula yields.

A *fact* is one counted amount at one instant. A recorded event is a fact; a series is a row of
them, evenly spaced, evaluated when asked, so that opening a world costs nothing whatever its size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from itertools import accumulate
from typing import TypeAlias

from metersim.billing.instants import LATEST, Span
from metersim.billing.quantity import EXACT, exact, multiply, plain

Value: TypeAlias = str | Decimal

# Weight of each hour of a day, and of each day of a week from Monday, in percent of the mean. Both
# rows average 100, so that an amount "per hour" is what an hour holds on average.
_DAY = (40, 35, 30, 30, 30, 40, 60, 90, 120, 150, 165, 170) + (
    *(165, 165, 170, 165, 150, 130, 115, 100, 85, 75, 65, 55),
)
_WEEK = (115, 120, 120, 118, 112, 60, 55)
_WEIGHT = 100 * 100  # the mean's


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One usage event as it was sent.

    ``customer`` is the reference that came with it, resolved when it is read, since an event may
    arrive before its customer does. ``charged`` is when the vendor bills it, which may be later
    than when it ``occurred``. ``sequence`` orders what happened at one instant.
    """

    id: str
    name: str
    customer: str
    project: str | None
    occurred: datetime
    charged: datetime
    properties: Mapping[str, Value]
    sequence: int = 0


def amount_of(value: Value | None) -> Decimal | None:
    """A property as an exact number; None when it is missing or no number."""
    if isinstance(value, str):
        try:
            return exact(value)
        except ValueError:
            return None
    return value


@dataclass(frozen=True, slots=True)
class Pattern:
    """The amounts of a series: a mean with rhythm, growth and noise, in multiples of ``unit``.

    ``growth`` is per 30 days and ``noise`` the largest deviation, both in thousandths of the mean.
    """

    mean: Decimal
    unit: Decimal = Decimal(1)
    business_hours: bool = False
    growth: int = 0
    noise: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """Facts at ``start``, ``start + step``, … before ``end``, each carrying the same labels.

    ``lag`` is how much later than it occurred each fact is charged; ``seed`` the root of its noise.
    """

    seed: str
    name: str
    customer: str
    project: str | None
    pattern: Pattern
    start: datetime
    step: timedelta
    end: datetime = LATEST
    lag: timedelta = timedelta(0)
    property: str = "quantity"
    properties: Mapping[str, Value] = field(default_factory=dict)

    def instant(self, index: int) -> datetime:
        """When the fact of this index occurs."""
        return self.start + index * self.step

    def first_from(self, instant: datetime) -> int:
        """Index of the first fact at or after ``instant``; one past the last if there is none."""
        within = min(max(instant, self.start), self.end)
        return -((self.start - within) // self.step)


class SeriesSums:
    """The amounts of a series and their running sums, in closed form: nothing is filled or kept.

    The running sum is a formula of the index and an amount is the difference of two, so that a
    window of any length is two evaluations, and windows add up to the last digit. Noise moves usage
    from one fact to the one before it, never more than the fact holds.
    """

    def __init__(self, series: Series) -> None:
        self.series = series
        pattern = series.pattern
        # Mean and unit as whole multiples of one and the same fraction, however fine they are.
        mean, mean_over = pattern.mean.as_integer_ratio()
        unit, unit_over = pattern.unit.as_integer_ratio()
        self._per_30_days = timedelta(days=30) // series.step
        self._mean = mean * unit_over
        self._scale = unit * mean_over * _WEIGHT * 1_000 * self._per_30_days
        weights = _weights(series)
        self._period = len(weights)
        self._weight = list(accumulate(weights, initial=0))
        self._moment = list(accumulate((i * w for i, w in enumerate(weights)), initial=0))

    def indices(self, span: Span) -> tuple[int, int]:
        """The facts that occur within the span, as ``first, past the last``."""
        first = self.series.first_from(span.start)
        return first, max(first, self.series.first_from(span.end))

    def total(self, first: int, last: int) -> Decimal:
        """Exact sum of the facts from ``first`` up to ``last``."""
        units = self._rhythm(last) + self._moved(last) - self._rhythm(first) - self._moved(first)
        return plain(multiply(EXACT.create_decimal(units), self.series.pattern.unit))

    def amount(self, index: int) -> Decimal:
        """The amount of one fact."""
        return self.total(index, index + 1)

    def _rhythm(self, count: int) -> int:
        """Whole units in the first ``count`` facts, noise aside.

        The weights of whole weeks and of the rest, plus growth: the weights times their indices.
        """
        weeks, rest = divmod(count, self._period)
        week, moment = self._weight[-1], self._moment[-1]
        weight = weeks * week + self._weight[rest]
        grown = (
            self._period * (week * (weeks * (weeks - 1) // 2) + weeks * self._weight[rest])
            + weeks * moment
            + self._moment[rest]
        )
        growth = self.series.pattern.growth
        return self._mean * (weight * 1_000 * self._per_30_days + growth * grown) // self._scale

    def _moved(self, index: int) -> int:
        """Whole units of this fact that its noise moves to the one before it."""
        reach = self.series.pattern.noise
        if not reach:
            return 0
        draw = blake2b(f"{self.series.seed}:{index}".encode(), digest_size=4).digest()
        base = self._rhythm(index + 1) - self._rhythm(index)
        return base * reach * int.from_bytes(draw) // (1_000 << 32)


def _weights(series: Series) -> list[int]:
    """The weight of each fact of a week, counted from the series' start."""
    if not series.pattern.business_hours:
        return [_WEIGHT]
    count = timedelta(days=7) // series.step
    instants = [series.instant(index) for index in range(count)]
    daily = count == len(_WEEK)
    return [_WEEK[at.weekday()] * (100 if daily else _DAY[at.hour]) for at in instants]
