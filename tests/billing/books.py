"""Usage twice, as a ledger and as a list of facts, and the answers that a plain loop finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count

from metersim.billing.facts import Axis, Horizon, Selection, text_of
from metersim.billing.instants import TICK, Span
from metersim.billing.ledger import Ledger, MeteredUsage
from metersim.billing.meters import Aggregation, Meter, PropertyFilter
from metersim.billing.quantity import exact, total
from metersim.billing.sources import EventIndex, OpeningSeries, SeriesFamily
from metersim.billing.usage import Series, SeriesSums, UsageEvent, Value

HOUR = timedelta(hours=1)

# Ten hours before a billing period ends, so that another begins in the midst of all that is drawn.
START = datetime(2026, 2, 28, 14, tzinfo=UTC)
END = START + 20 * HOUR

CUSTOMERS = {"acme": "acme", "a@acme.example": "acme", "beta": "beta"}
PROJECTS = {"site": "acme", "shop": "beta"}


@dataclass(frozen=True)
class Fact:
    """One fact, wherever it came from; ``number`` is its place among all.

    ``amount_in`` is the property that differs from fact to fact of a series; None for an event.
    """

    number: int
    name: str
    customer: str | None
    project: str | None
    occurred: datetime
    charged: datetime
    accepted: datetime
    sequence: int
    properties: Mapping[str, Value]
    amount_in: str | None = None

    def at(self, axis: Axis) -> datetime:
        return self.charged if axis is Axis.CHARGED else self.occurred


@dataclass(frozen=True)
class Books:
    """The same usage twice: as a ledger, and as a list of facts in the order they came."""

    series: Sequence[Series]
    opened: Sequence[UsageEvent]
    recorded: Sequence[UsageEvent]

    @cached_property
    def ledger(self) -> Ledger:
        families = [SeriesFamily(each.name, [each.customer], only(each)) for each in self.series]
        opened = EventIndex(self.opened)
        return Ledger(OpeningSeries(families), opened, self.recorded, CUSTOMERS.get, PROJECTS.get)

    @cached_property
    def facts(self) -> list[Fact]:
        return list(self._listed())

    def _listed(self) -> Iterator[Fact]:
        numbers = count()
        for series in self._by_name_and_customer():
            sums = SeriesSums(series)
            for slot in range(series.first_from(END + TICK)):
                at = series.instant(slot)
                for index in range(*sums.indices(Span(at, at + TICK))):  # none in a gap
                    yield Fact(
                        next(numbers),
                        series.name,
                        series.customer,
                        series.project,
                        at,
                        at + series.lag,
                        at,
                        0,
                        {**series.properties, series.property: sums.amount(index)},
                        series.property,
                    )
        for event in (*self.opened, *self.recorded):
            yield Fact(
                next(numbers),
                event.name,
                CUSTOMERS.get(event.customer),
                event.project,
                event.occurred,
                event.charged,
                event.accepted or event.occurred,
                event.sequence,
                event.properties,
            )

    def _by_name_and_customer(self) -> list[Series]:
        """As a ledger goes through them: of each name, one customer after the other."""
        customers = [(each.name, each.customer) for each in self.series]
        return sorted(
            self.series, key=lambda each: (each.name, customers.index((each.name, each.customer)))
        )


def only(series: Series) -> Callable[[str], Sequence[Series]]:
    return lambda customer: [series]


@dataclass(frozen=True)
class Question:
    """What a ledger is asked."""

    meter: Meter
    selections: Sequence[Selection]
    horizon: Horizon
    axis: Axis = Axis.OCCURRED


def ask(books: Books, question: Question) -> MeteredUsage:
    """The ledger's own answer."""
    return books.ledger.usage(question.meter, question.selections, question.horizon, question.axis)


def matching(books: Books, question: Question, window: Span) -> list[Fact]:
    """The facts that count, as a plain loop finds them, in order along the axis that is asked for.

    At one instant come series before events, and those in the order in which they arrived.
    """
    found = [
        ((fact.at(question.axis), fact.amount_in is None, fact.sequence, part, fact.number), fact)
        for fact in books.facts
        for part, selection in enumerate(question.selections)
        if fact.at(question.axis) in window
        and is_seen(question, fact)
        and countable(fact, question.meter)
        and selects(selection, fact)
    ]
    return [fact for _, fact in sorted(found, key=lambda row: row[0])]


def is_seen(question: Question, fact: Fact) -> bool:
    horizon = question.horizon
    happened = max(fact.occurred, fact.at(question.axis)) <= horizon.now
    return happened and fact.accepted <= horizon.visible


def selects(selection: Selection, fact: Fact) -> bool:
    return (
        (selection.names is None or fact.name in selection.names)
        and selection.customer in (None, fact.customer)
        and selection.project in (None, fact.project)
        and all(says(fact, name, value) for name, value in selection.properties)
        and selection.since <= (fact.occurred, fact.sequence) < selection.until
    )


def says(fact: Fact, name: str, value: str) -> bool:
    # What differs from fact to fact of a series is no label that could be asked for.
    return name != fact.amount_in and text_of(fact.properties.get(name, "")) == value


def countable(fact: Fact, meter: Meter) -> bool:
    if fact.name not in meter.events or not all(passes(fact, f) for f in meter.property_filters):
        return False
    match meter.aggregation:
        case Aggregation.COUNT:
            return True
        case Aggregation.UNIQUE:
            return meter.property in fact.properties
    return number(fact, meter) is not None


def passes(fact: Fact, wanted: PropertyFilter) -> bool:
    is_there, name = wanted.name in fact.properties, wanted.name
    if wanted.exists is not None and wanted.exists != is_there:
        return False
    if wanted.in_values is None and not wanted.not_in_values:
        return True
    is_in = any(is_there and says(fact, name, value) for value in wanted.in_values or ())
    is_out = any(is_there and says(fact, name, value) for value in wanted.not_in_values)
    return name != fact.amount_in and (is_in or wanted.in_values is None) and not is_out


def number(fact: Fact, meter: Meter) -> Decimal | None:
    value = fact.properties.get(meter.property)
    if isinstance(value, str):
        return exact(value) if value.strip("0123456789.") == "" else None
    return value


def quantities(found: Sequence[Fact], meter: Meter) -> list[Decimal]:
    """What each of the facts adds."""
    if meter.aggregation is Aggregation.COUNT:
        return [Decimal(1)] * len(found)
    if meter.aggregation is Aggregation.UNIQUE:
        return [Decimal(0)] * len(found)
    return [amount for fact in found if (amount := number(fact, meter)) is not None]


def aggregated(found: Sequence[Fact], meter: Meter) -> Decimal | None:
    if not found:
        return None
    match meter.aggregation:
        case Aggregation.SUM | Aggregation.COUNT:
            return total(quantities(found, meter))
        case Aggregation.MAX:
            return max(quantities(found, meter))
        case Aggregation.LATEST:
            return quantities(found, meter)[-1]
    return Decimal(len({text_of(fact.properties[meter.property]) for fact in found}))
