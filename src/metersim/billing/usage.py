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

    def amount(self, name: str) -> Decimal | None:
        """The property as an exact number; None when it is missing or no number."""
        value = self.properties.get(name)
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
    """The amounts of a series, and their running sums as whole multiples of the pattern's unit.

    Filled as far as was asked, kept, and shared by all worlds of one opening: it never changes.
    """

    def __init__(self, series: Series) -> None:
        self.series = series
        self._mean = int(multiply(series.pattern.mean, Decimal(1_000_000)))
        self._unit = int(multiply(series.pattern.unit, Decimal(1_000_000)))
        self._sums = [0]

    def indices(self, span: Span) -> tuple[int, int]:
        """The facts that occur within the span, as ``first, past the last``."""
        first = self.series.first_from(span.start)
        return first, max(first, self.series.first_from(span.end))

    def total(self, first: int, last: int) -> Decimal:
        """Exact sum of the facts from ``first`` up to ``last``, by two look-ups."""
        self._fill(last)
        return self._amount(self._sums[last] - self._sums[first])

    def amount(self, index: int) -> Decimal:
        """The amount of one fact."""
        return self.total(index, index + 1)

    def _amount(self, units: int) -> Decimal:
        return plain(multiply(EXACT.create_decimal(units), self.series.pattern.unit))

    def _fill(self, count: int) -> None:
        known = len(self._sums) - 1
        if known < count:
            # A block at a time, so that walking a year hour by hour does not fill it hour by hour.
            units = map(self._units, range(known, count + 512))
            self._sums.extend(list(accumulate(units, initial=self._sums[-1]))[1:])

    def _units(self, index: int) -> int:
        """The amount in whole units, by integers alone: no float whose last digit could differ."""
        pattern, weight = self.series.pattern, 1_000
        if pattern.business_hours:
            at = self.series.start + index * self.series.step
            hour = _DAY[at.hour] if self.series.step < timedelta(days=1) else 100
            weight = weight * hour * _WEEK[at.weekday()] // 10_000
        if pattern.growth:
            months = timedelta(days=30) // self.series.step
            weight = weight * (1_000 * months + pattern.growth * index) // (1_000 * months)
        if pattern.noise:
            weight = weight * (1_000 + self._noise(index)) // 1_000
        return max(0, (2 * self._mean * weight + self._unit * 1_000) // (self._unit * 2_000))

    def _noise(self, index: int) -> int:
        draw = blake2b(f"{self.series.seed}:{index}".encode(), digest_size=4).digest()
        reach = self.series.pattern.noise
        return int.from_bytes(draw) % (2 * reach + 1) - reach
