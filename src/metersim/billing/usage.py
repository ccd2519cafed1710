"""Usage: single events, and series of facts that a formula yields.

A *fact* is one counted amount at one instant. A recorded event is a fact; a series is a row of
them, evenly spaced, evaluated when asked, so that opening a world costs nothing whatever its size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from metersim.billing.instants import LATEST, Span
from metersim.billing.patterns import Amounts, Pattern
from metersim.billing.quantity import EXACT, exact, multiply, plain

Value: TypeAlias = str | Decimal


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One usage event as it was sent.

    ``customer`` is the reference that came with it, resolved when it is read, since an event may
    arrive before its customer does. ``charged`` is when the vendor bills it, which may be later
    than when it ``occurred``, and ``accepted`` when the vendor took it in: None for as it occurred.
    ``sequence`` orders what happened at one instant. Under the id ``once`` it counts once: from
    ``replaced`` on, a newer event of this id has taken its place.
    """

    id: str
    name: str
    customer: str
    project: str | None
    occurred: datetime
    charged: datetime
    properties: Mapping[str, Value]
    sequence: int = 0
    accepted: datetime | None = None
    once: str | None = None
    replaced: datetime | None = None


def amount_of(value: Value | None) -> Decimal | None:
    """A property as an exact number; None when it is missing or no number."""
    if isinstance(value, str):
        try:
            return exact(value)
        except ValueError:
            return None
    return value


@dataclass(frozen=True, slots=True)
class Series:
    """Facts at ``start``, ``start + step``, … before ``end``, each carrying the same labels.

    ``lag`` is how much later than it occurred each fact is charged; ``seed`` the root of all that
    its pattern draws.
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

    def instant(self, slot: int) -> datetime:
        """When the slot of this number begins."""
        return self.start + slot * self.step

    def first_from(self, instant: datetime) -> int:
        """The first slot at or after ``instant``; one past the last if there is none."""
        within = min(max(instant, self.start), self.end)
        return -((self.start - within) // self.step)


class SeriesSums:
    """The facts of a series by number: when each occurs, its amount, and the sums of many.

    Nothing is filled: a window of any length is two evaluations of a formula.
    """

    def __init__(self, series: Series) -> None:
        self.series = series
        self._amounts = Amounts(series.pattern, series.seed, series.start, series.step)

    def indices(self, span: Span) -> tuple[int, int]:
        """The facts that occur within the span, as ``first, past the last``."""
        first, last = self.series.first_from(span.start), self.series.first_from(span.end)
        return self._amounts.facts_before(first), self._amounts.facts_before(max(first, last))

    def instant(self, index: int) -> datetime:
        """When the fact of this number occurs."""
        return self.series.instant(self._amounts.slot_of(index))

    def total(self, first: int, last: int) -> Decimal:
        """Exact sum of the facts from ``first`` up to ``last``."""
        first, last = self._amounts.slot_of(first), self._amounts.slot_of(last)
        units = self._amounts.running(last) - self._amounts.running(first)
        return plain(multiply(EXACT.create_decimal(units), self.series.pattern.unit))

    def amount(self, index: int) -> Decimal:
        """The amount of one fact."""
        return self.total(index, index + 1)
