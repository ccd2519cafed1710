"""Answers "how much of this meter in this window" from opening series and recorded events.

Ask once for the usage of a meter under a selection, then for as many windows of it as needed: the
matching is done once, a window over any number of facts is two look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import TypeAlias, assert_never

from metersim.billing.facts import (
    Axis,
    Facts,
    Horizon,
    RecordedFacts,
    Selection,
    SeriesFacts,
    counted,
    text_of,
)
from metersim.billing.instants import TICK, Span, shift
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import ZERO, plain, total
from metersim.billing.sources import EventIndex, OpeningSeries
from metersim.billing.usage import Series, SeriesSums, UsageEvent, Value

# Facts of one origin, and the numbers of the first of them and of the one past the last.
Stretch: TypeAlias = tuple[Facts, int, int]


class MeteredUsage:
    """The usage of one meter under one selection, along one axis, as far as it can be seen."""

    def __init__(self, meter: Meter, facts: Sequence[Facts], now: datetime) -> None:
        self._meter = meter
        self._facts = facts
        self._seen = Span(end=shift(now, TICK))

    def over(self, window: Span) -> Decimal | None:
        """The meter's value in a half-open window; None when nothing matched, which is not 0."""
        found = self.stretches(window)
        return self.value(found) if found else None

    def value(self, found: Sequence[Stretch]) -> Decimal:
        """The meter's value of these facts alone, of which there is one at least."""
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
                facts, _, end = sorted(found, key=lambda row: row[0].instant(row[2] - 1))[-1]
                return facts.amount(end - 1)
            case Aggregation.UNIQUE:
                return Decimal(len(set(self._texts(found))))
            case _:
                assert_never(aggregation)

    def first(self, window: Span) -> datetime | None:
        """When the first fact of a half-open window happens; None when nothing matched."""
        found = self.stretches(window)
        return min((facts.instant(first) for facts, first, _ in found), default=None)

    def occurrences(self, window: Span) -> Span:
        """The span in which the facts of a window occurred; an empty one when nothing matched."""
        found = [facts.occurred(first, last) for facts, first, last in self.stretches(window)]
        if not found:
            return Span(window.start, window.start)
        return Span(min(span.start for span in found), max(span.end for span in found))

    def amounts(self, window: Span) -> Iterator[tuple[Hashable, Decimal]]:
        """What each fact of a window adds, in order of occurrence, with a key to know it by."""
        one = Decimal(1) if self._meter.aggregation is Aggregation.COUNT else None
        rows = [
            (facts.occurred(index, index + 1).start, order, index, facts)
            for order, (facts, first, last) in enumerate(self.stretches(window))
            for index in range(first, last)
        ]
        for _, _, index, facts in sorted(rows, key=lambda row: row[:3]):
            yield facts.key(index), facts.amount(index) if one is None else one

    def falls(self, window: Span) -> bool:
        """Whether any fact of a window takes something away."""
        return self._meter.aggregation is Aggregation.SUM and any(
            facts.falls(first, last) for facts, first, last in self.stretches(window)
        )

    def stretches(self, window: Span) -> list[Stretch]:
        """The facts of a window, by origin; of origins without any in it, nothing."""
        window = window & self._seen
        return [
            (facts, *indices)
            for facts in self._facts
            if (indices := facts.indices(window))[0] < indices[1]
        ]

    def _texts(self, found: Iterable[Stretch]) -> Iterator[str]:
        name = self._meter.property
        for facts, first, last in found:
            if isinstance(facts, SeriesFacts) and not facts.varies(name):
                last = min(last, first + 1)  # a label: the same on every fact of a series
            for index in range(first, last):
                yield facts.text(index, name)


class Ledger:
    """All usage of one world: opening series, and events on top.

    ``opened`` are the events it opened with, and shared; ``recorded`` those since, a list that may
    grow. ``customer_of`` turns the reference that came with an event into a customer's key, or
    None; ``owner_of`` a project's key into that of the customer whose it is; ``home_of`` a
    customer's key into that of the project to which what came without one is put down.
    """

    def __init__(
        self,
        series: OpeningSeries,
        opened: EventIndex,
        recorded: Sequence[UsageEvent],
        customer_of: Callable[[str], str | None],
        owner_of: Callable[[str], str | None],
        home_of: Callable[[str], str | None] = lambda customer: None,
    ) -> None:
        self._series = series
        self._events = (opened, EventIndex(recorded))
        self._customer_of = customer_of
        self._owner_of = owner_of
        self._home_of = home_of

    def usage(
        self,
        meter: Meter,
        selections: Iterable[Selection],
        horizon: Horizon,
        axis: Axis = Axis.OCCURRED,
    ) -> MeteredUsage:
        """The meter's usage under any of some selections, no two of which select one fact."""
        series: list[tuple[SeriesSums, Selection]] = []
        events: list[UsageEvent] = []
        for selection in selections:
            matching, arrived = self._matching(meter, selection, horizon)
            seen = _seen(selection, horizon)
            series += ((sums, seen) for sums in matching)
            events += arrived
        return MeteredUsage(meter, list(_facts(meter, series, events, axis)), horizon.now)

    def usage_by(
        self, name: str, meter: Meter, selection: Selection, horizon: Horizon
    ) -> dict[str, MeteredUsage]:
        """The same usage, broken down by the values of a property; "" is that of facts without.

        The property that holds the amounts of a series is none that it could be broken down by.
        """
        series, events = self._matching(meter, selection, horizon)
        seen = _seen(selection, horizon)
        parts: dict[str, tuple[list[tuple[SeriesSums, Selection]], list[UsageEvent]]] = {}
        for sums in series:
            value = text_of(sums.series.properties.get(name, ""))
            parts.setdefault(value, ([], []))[0].append((sums, seen))
        for event in events:
            value = text_of(event.properties.get(name, ""))
            parts.setdefault(value, ([], []))[1].append(event)
        return {
            value: MeteredUsage(
                meter, list(_facts(meter, *parts[value], Axis.OCCURRED)), horizon.now
            )
            for value in sorted(parts)
        }

    def _matching(
        self, meter: Meter, selection: Selection, horizon: Horizon
    ) -> tuple[list[SeriesSums], list[UsageEvent]]:
        names = meter.events if selection.names is None else meter.events & selection.names
        customer = selection.customer
        if customer is None and selection.project is not None:
            # A series is its customer's, whoever else's events came with the project.
            customer = self._owner_of(selection.project)
        series = [
            sums
            for name in sorted(names)
            for sums in self._series.named(name, customer)
            if _selects_series(selection, sums.series, meter)
        ]
        events = [
            event
            for event in self._named(names, selection)
            if self._selects(selection, event, meter, horizon)
        ]
        return series, events

    def _named(self, names: Iterable[str], selection: Selection) -> Iterator[UsageEvent]:
        if selection.project is not None:
            project = selection.project
            found = chain.from_iterable(each.of_project(names, project) for each in self._events)
            _, recorded = self._events
            # A scenario says which usage is of no project; a vendor without projects cannot.
            return chain(found, recorded.unplaced(names, lambda each: self._home(each) == project))
        return chain.from_iterable(
            each.of_customers(names, lambda reference: self._is(selection.customer, reference))
            for each in self._events
        )

    def _is(self, customer: str | None, reference: str) -> bool:
        return customer is None or customer == self._customer_of(reference)

    def _home(self, reference: str) -> str | None:
        customer = self._customer_of(reference)
        return None if customer is None else self._home_of(customer)

    def _selects(
        self, selection: Selection, event: UsageEvent, meter: Meter, horizon: Horizon
    ) -> bool:
        return (
            selection.since <= (event.occurred, event.sequence) < selection.until
            and event.occurred <= horizon.now
            and (event.accepted or event.occurred) <= horizon.visible
            and (event.replaced is None or event.replaced > horizon.visible)
            and self._is(selection.customer, event.customer)
            and _passes(event.properties, selection, meter)
        )


def _selects_series(selection: Selection, series: Series, meter: Meter) -> bool:
    # What differs from fact to fact is no label: a filter on its value selects no series.
    asked = {key for key, _ in selection.properties}
    asked.update(each.name for each in meter.property_filters if each.is_on_value)
    properties = {**series.properties, series.property: ZERO}
    return (
        series.property not in asked
        and (meter.property == series.property or counted(series.properties, meter) is not None)
        and selection.customer in (None, series.customer)
        and selection.project in (None, series.project)
        and _passes(properties, selection, meter)
    )


def _passes(properties: Mapping[str, Value], selection: Selection, meter: Meter) -> bool:
    return all(text_of(properties.get(k, "")) == v for k, v in selection.properties) and all(
        each.passes(text_of(properties[each.name]) if each.name in properties else None)
        for each in meter.property_filters
    )


def _seen(selection: Selection, horizon: Horizon) -> Selection:
    return replace(selection, until=min(selection.until, (shift(horizon.visible, TICK), 0)))


def _facts(
    meter: Meter,
    series: Iterable[tuple[SeriesSums, Selection]],
    events: Sequence[UsageEvent],
    axis: Axis,
) -> Iterator[Facts]:
    for sums, seen in series:
        yield SeriesFacts(sums, seen, meter, axis)
    # All events together and last: so those of one instant count in the order in which they came.
    if events:
        yield RecordedFacts(events, meter, axis)
