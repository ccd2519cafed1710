"""Answers "how much of this meter in this window" from opening series and recorded events.

Ask once for the usage of a meter under a selection, then for as many windows of it as needed: the
matching is done once, a window over any number of facts is two look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import assert_never

from metersim.billing.facts import (
    Axis,
    Facts,
    RecordedFacts,
    Selection,
    SeriesFacts,
    counted,
    text_of,
)
from metersim.billing.instants import TICK, Span, shift
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import plain, total
from metersim.billing.usage import Series, SeriesSums, UsageEvent


class MeteredUsage:
    """The usage of one meter under one selection, along one axis, up to the ledger's now."""

    def __init__(self, meter: Meter, facts: Sequence[Facts], ends: datetime) -> None:
        self._meter = meter
        self._facts = facts
        self._ends = ends

    def over(self, window: Span) -> Decimal | None:
        """The meter's value in a half-open window; None when nothing matched, which is not 0."""
        found = self._found(window)
        if not found:
            return None
        match aggregation := self._meter.aggregation:
            case Aggregation.SUM:
                return plain(total(facts.total(first, last) for facts, first, last in found))
            case Aggregation.COUNT:
                return Decimal(sum(last - first for _, first, last in found))
            case Aggregation.MAX:
                return max(
                    facts.amount(index)
                    for facts, first, last in found
                    for index in range(first, last)
                )
            case Aggregation.LATEST:
                # At one instant events come after series, so the last of equals is the latest.
                found.sort(key=lambda row: row[0].instant(row[2] - 1))
                facts, _, end = found[-1]
                return facts.amount(end - 1)
            case Aggregation.UNIQUE:
                return Decimal(len(set(self._texts(found))))
            case _:
                assert_never(aggregation)

    def first(self, window: Span) -> datetime | None:
        """When the first fact of a half-open window happens; None when nothing matched."""
        return min((facts.instant(first) for facts, first, _ in self._found(window)), default=None)

    def _found(self, window: Span) -> list[tuple[Facts, int, int]]:
        window = window & Span(end=self._ends)
        return [
            (facts, *indices)
            for facts in self._facts
            if (indices := facts.indices(window))[0] < indices[1]
        ]

    def _texts(self, found: Iterable[tuple[Facts, int, int]]) -> Iterator[str]:
        name = self._meter.property
        for facts, first, last in found:
            if isinstance(facts, SeriesFacts) and not facts.varies(name):
                last = min(last, first + 1)  # a label: the same on every fact of a series
            for index in range(first, last):
                yield facts.text(index, name)


class Ledger:
    """All usage of one world: opening series, and events on top.

    ``opened`` are the events it opened with, by name, and shared; ``recorded`` those since, a list
    that may grow. ``customer_of`` turns the reference that came with an event into a customer's
    key, or None.
    """

    def __init__(
        self,
        series: Mapping[str, Sequence[SeriesSums]],
        opened: Mapping[str, Sequence[UsageEvent]],
        recorded: Sequence[UsageEvent],
        customer_of: Callable[[str], str | None],
    ) -> None:
        self._series = series
        self._opened = opened
        self._recorded = recorded
        self._recorded_by_name: dict[str, list[UsageEvent]] = {}
        self._indexed = 0
        self._customer_of = customer_of

    def usage(
        self, meter: Meter, selection: Selection, now: datetime, axis: Axis = Axis.OCCURRED
    ) -> MeteredUsage:
        """The meter's usage under a selection. Nothing after ``now`` exists, on either axis."""
        selection = _until(selection, now)
        series, events = self._matching(meter, selection)
        return _metered(meter, series, events, selection, axis, now)

    def usage_by(
        self, name: str, meter: Meter, selection: Selection, now: datetime
    ) -> dict[str, MeteredUsage]:
        """The same usage, broken down by the values of a property; "" is that of facts without.

        The property that holds the amounts of a series is none that it could be broken down by.
        """
        selection = _until(selection, now)
        series, events = self._matching(meter, selection)
        parts: dict[str, tuple[list[SeriesSums], list[UsageEvent]]] = {}
        for sums in series:
            value = text_of(sums.series.properties.get(name, ""))
            parts.setdefault(value, ([], []))[0].append(sums)
        for event in events:
            value = text_of(event.properties.get(name, ""))
            parts.setdefault(value, ([], []))[1].append(event)
        return {
            value: _metered(meter, *parts[value], selection, Axis.OCCURRED, now)
            for value in sorted(parts)
        }

    def _matching(
        self, meter: Meter, selection: Selection
    ) -> tuple[list[SeriesSums], list[UsageEvent]]:
        names = meter.events if selection.names is None else meter.events & selection.names
        series = [
            sums
            for name in sorted(names)
            for sums in self._series.get(name, ())
            if self._selects_series(selection, sums.series, meter)
        ]
        events = [
            event
            for name in sorted(names)
            for event in chain(self._opened.get(name, ()), self._recorded_as(name))
            if self._selects(selection, event)
        ]
        return series, events

    def _recorded_as(self, name: str) -> Sequence[UsageEvent]:
        for event in self._recorded[self._indexed :]:
            self._recorded_by_name.setdefault(event.name, []).append(event)
        self._indexed = len(self._recorded)
        return self._recorded_by_name.get(name, ())

    def _selects_series(self, selection: Selection, series: Series, meter: Meter) -> bool:
        return (
            (meter.property == series.property or counted(series.properties, meter) is not None)
            and selection.customer in (None, series.customer)
            and selection.project in (None, series.project)
            # What differs from fact to fact is no label: a filter on it selects no series.
            and all(
                key != series.property and text_of(series.properties.get(key, "")) == value
                for key, value in selection.properties
            )
        )

    def _selects(self, selection: Selection, event: UsageEvent) -> bool:
        return (
            selection.since <= (event.occurred, event.sequence) < selection.until
            and selection.customer in (None, self._customer_of(event.customer))
            and selection.project in (None, event.project)
            and all(text_of(event.properties.get(k, "")) == v for k, v in selection.properties)
        )


def _until(selection: Selection, now: datetime) -> Selection:
    return replace(selection, until=min(selection.until, (shift(now, TICK), 0)))


def _metered(
    meter: Meter,
    series: Iterable[SeriesSums],
    events: Sequence[UsageEvent],
    selection: Selection,
    axis: Axis,
    now: datetime,
) -> MeteredUsage:
    facts: list[Facts] = [SeriesFacts(sums, selection, meter, axis) for sums in series]
    if events:
        facts.append(RecordedFacts(events, meter, axis))
    return MeteredUsage(meter, facts, shift(now, TICK))
