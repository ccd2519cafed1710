"""Facts of one origin, a formula or records, by their number along one of the date axes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Protocol, TypeAlias

from metersim.billing.instants import EARLIEST, LATEST, TICK, Span, shift
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import ZERO, add, multiply, plain, subtract
from metersim.billing.usage import SeriesSums, UsageEvent, Value, amount_of

# An instant, and the place among what happened at it: 0 for all that the world opened with.
Moment: TypeAlias = tuple[datetime, int]


class Axis(StrEnum):
    """Which of a fact's two dates is compared with a window."""

    OCCURRED = "occurred"
    CHARGED = "charged"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which facts of a meter count: those that satisfy every part that is given.

    ``since`` and ``until`` bound the moment of occurrence, half-open, whatever axis is asked.
    """

    customer: str | None = None
    project: str | None = None
    names: frozenset[str] | None = None
    properties: tuple[tuple[str, str], ...] = ()
    since: Moment = (EARLIEST, 0)
    until: Moment = (LATEST, 0)

    def during(self, span: Span) -> Selection:
        """The same, of what occurred within a span."""
        since, until = max(self.since, (span.start, 0)), min(self.until, (span.end, 0))
        return replace(self, since=since, until=until)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far usage can be seen: nothing after ``now`` exists, on either axis.

    Nor is anything shown that was accepted after ``visible``, which a vendor's lag sets back.
    """

    now: datetime
    visible: datetime


class Facts(Protocol):
    """Facts of one origin, in order of time along one axis, by number."""

    def indices(self, window: Span) -> tuple[int, int]: ...
    def total(self, first: int, last: int) -> Decimal: ...
    def amount(self, index: int) -> Decimal: ...
    def instant(self, index: int) -> datetime: ...
    def occurred(self, first: int, last: int) -> Span: ...
    def text(self, index: int, name: str) -> str: ...
    def key(self, index: int) -> Hashable: ...
    def falls(self, first: int, last: int) -> bool: ...


class SeriesFacts:
    """A series, cut to the moments selected, seen along one axis.

    A meter may aggregate a label instead of the amounts: then each fact counts for what it says.
    """

    def __init__(self, sums: SeriesSums, selection: Selection, meter: Meter, axis: Axis) -> None:
        labelled = meter.property != sums.series.property
        self._label = counted(sums.series.properties, meter) if labelled else None
        self.sums = sums
        self._lag = sums.series.lag if axis is Axis.CHARGED else timedelta(0)
        self._within = Span(_after_opening(selection.since), _after_opening(selection.until))

    def indices(self, window: Span) -> tuple[int, int]:
        return self.sums.indices(window.shifted(-self._lag) & self._within)

    def total(self, first: int, last: int) -> Decimal:
        if self._label is None:
            return self.sums.total(first, last)
        return multiply(self._label, Decimal(last - first))

    def amount(self, index: int) -> Decimal:
        return self.total(index, index + 1)

    def instant(self, index: int) -> datetime:
        return self.sums.instant(index) + self._lag

    def occurred(self, first: int, last: int) -> Span:
        return Span(self.sums.instant(first), shift(self.sums.instant(last - 1), TICK))

    def text(self, index: int, name: str) -> str:
        if self.varies(name):
            return text_of(self.sums.amount(index))
        return text_of(self.sums.series.properties.get(name, ""))

    def key(self, index: int) -> Hashable:
        return self.sums, index

    def varies(self, name: str) -> bool:
        return name == self.sums.series.property

    def falls(self, first: int, last: int) -> bool:
        return self._label is not None and self._label < 0


def _after_opening(moment: Moment) -> datetime:
    # What the world opened with comes before any change made at the same instant.
    instant, sequence = moment
    return shift(instant, TICK) if sequence else instant


class RecordedFacts:
    """Recorded events in order of time along one axis, with running sums."""

    def __init__(self, events: Iterable[UsageEvent], meter: Meter, axis: Axis) -> None:
        charged = axis is Axis.CHARGED
        rows = [
            (event.charged if charged else event.occurred, event.sequence, event, amount)
            for event in events
            if (amount := counted(event.properties, meter)) is not None
        ]
        rows.sort(key=lambda row: row[:2])
        self._instants = [row[0] for row in rows]
        self.events = [row[2] for row in rows]
        self._amounts = [row[3] for row in rows]
        self._sums = list(accumulate(self._amounts, add, initial=ZERO))
        self._falls = list(accumulate((each < 0 for each in self._amounts), initial=0))

    def indices(self, window: Span) -> tuple[int, int]:
        first = bisect_left(self._instants, window.start)
        return first, max(first, bisect_left(self._instants, window.end))

    def total(self, first: int, last: int) -> Decimal:
        return subtract(self._sums[last], self._sums[first])

    def amount(self, index: int) -> Decimal:
        return self._amounts[index]

    def instant(self, index: int) -> datetime:
        return self._instants[index]

    def occurred(self, first: int, last: int) -> Span:
        occurred = [event.occurred for event in self.events[first:last]]
        return Span(min(occurred), shift(max(occurred), TICK))

    def text(self, index: int, name: str) -> str:
        return text_of(self.events[index].properties.get(name, ""))

    def key(self, index: int) -> Hashable:
        return self.events[index].id

    def falls(self, first: int, last: int) -> bool:
        return self._falls[last] > self._falls[first]


def counted(properties: Mapping[str, Value], meter: Meter) -> Decimal | None:
    """What a fact adds; None when it lacks the property that is aggregated."""
    if meter.aggregation is Aggregation.COUNT:
        return ZERO
    if meter.aggregation is Aggregation.UNIQUE:
        return ZERO if meter.property in properties else None
    return amount_of(properties.get(meter.property))


def text_of(value: Value) -> str:
    """A property's value as filters and groups compare it: numbers in their shortest spelling."""
    return value if isinstance(value, str) else format(plain(value), "f")
