"""Usage twice, as a ledger and as a list of facts, with strategies to draw it and questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter

from hypothesis import strategies as st

from metersim.billing.facts import Axis, Moment, Selection, text_of
from metersim.billing.instants import EARLIEST, LATEST, Span
from metersim.billing.ledger import Ledger, MeteredUsage
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import exact, total
from metersim.billing.usage import Pattern, Series, SeriesSums, UsageEvent, Value

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CUSTOMERS = {"acme": "acme", "a@acme.example": "acme", "beta": "beta"}


@dataclass(frozen=True)
class Fact:
    """One counted fact, wherever it came from."""

    name: str
    customer: str | None
    project: str | None
    occurred: datetime
    charged: datetime
    sequence: int
    properties: Mapping[str, Value]


@dataclass(frozen=True)
class Books:
    """The same usage twice: as a ledger, and as a list of facts in the order they came."""

    series: Sequence[Series]
    opened: Sequence[UsageEvent]
    recorded: Sequence[UsageEvent]

    @property
    def ledger(self) -> Ledger:
        by_name: dict[str, list[SeriesSums]] = {}
        for each in self.series:
            by_name.setdefault(each.name, []).append(SeriesSums(each))
        opened: dict[str, list[UsageEvent]] = {}
        for event in self.opened:
            opened.setdefault(event.name, []).append(event)
        return Ledger(by_name, opened, self.recorded, CUSTOMERS.get)

    def facts(self) -> Iterator[Fact]:
        for each in sorted(self.series, key=attrgetter("name")):
            sums = SeriesSums(each)
            for index in range(each.first_from(min(each.end, START + 100 * HOUR))):
                at = each.instant(index)
                properties = {**each.properties, each.property: sums.amount(index)}
                customer = CUSTOMERS[each.customer]
                yield Fact(each.name, customer, each.project, at, at + each.lag, 0, properties)
        for event in (*self.opened, *self.recorded):
            customer_key = CUSTOMERS.get(event.customer)
            moments = (event.occurred, event.charged, event.sequence)
            yield Fact(event.name, customer_key, event.project, *moments, event.properties)


@dataclass(frozen=True)
class Question:
    """What a ledger is asked."""

    meter: Meter
    selection: Selection
    now: datetime
    axis: Axis


def ask(books: Books, question: Question) -> MeteredUsage:
    """The ledger's own answer."""
    return books.ledger.usage(question.meter, question.selection, question.now, question.axis)


def matching(books: Books, question: Question, window: Span) -> list[tuple[datetime, Fact]]:
    """The facts that count, by the instant that is asked for, as a plain loop finds them."""
    found = []
    for fact in books.facts():
        instant = fact.charged if question.axis is Axis.CHARGED else fact.occurred
        happened = instant in window and max(fact.occurred, instant) <= question.now
        if happened and countable(fact, question.meter) and selects(question.selection, fact):
            found.append((instant, fact))
    return sorted(found, key=lambda row: (row[0], row[1].sequence))


def selects(selection: Selection, fact: Fact) -> bool:
    return (
        (selection.names is None or fact.name in selection.names)
        and selection.customer in (None, fact.customer)
        and selection.project in (None, fact.project)
        and all(text_of(fact.properties.get(k, "")) == v for k, v in selection.properties)
        and selection.since <= (fact.occurred, fact.sequence) < selection.until
    )


def countable(fact: Fact, meter: Meter) -> bool:
    if fact.name not in meter.events or meter.aggregation is Aggregation.COUNT:
        return fact.name in meter.events
    if meter.aggregation is Aggregation.UNIQUE:
        return meter.property in fact.properties
    return number(fact, meter) is not None


def number(fact: Fact, meter: Meter) -> Decimal | None:
    value = fact.properties.get(meter.property)
    if isinstance(value, str):
        return exact(value) if value.strip("0123456789.") == "" else None
    return value


def aggregated(found: Sequence[tuple[datetime, Fact]], meter: Meter) -> Decimal | None:
    if not found:
        return None
    match meter.aggregation:
        case Aggregation.COUNT:
            return Decimal(len(found))
        case Aggregation.UNIQUE:
            return Decimal(len({text_of(fact.properties[meter.property]) for _, fact in found}))
    amounts = [amount for _, fact in found if (amount := number(fact, meter)) is not None]
    match meter.aggregation:
        case Aggregation.SUM:
            return total(amounts)
        case Aggregation.MAX:
            return max(amounts)
    return amounts[-1]


halves = st.integers(0, 40).map(lambda halves: START + halves * HOUR / 2)
names = st.sampled_from(["calls", "logins"])
projects = st.sampled_from([None, "site", "shop"])
regions = st.sampled_from([{}, {"region": "eu"}, {"region": Decimal("1.50")}])
amounts = st.decimals(-9, 9, places=1)
quantities: st.SearchStrategy[dict[str, Value]] = st.one_of(
    st.just({}), st.fixed_dictionaries({"quantity": amounts | st.sampled_from(["2.50", "many"])})
)
users = st.sampled_from([{}, {"user": "u1"}, {"user": "u2"}, {"user": Decimal(3)}])
properties = st.builds(lambda one, two, three: {**one, **two, **three}, quantities, users, regions)


@st.composite
def events(draw: st.DrawFn, first: int, step: int) -> list[UsageEvent]:
    drawn = []
    for index in range(draw(st.integers(0, 6))):
        occurred = draw(halves)
        customer = draw(st.sampled_from(["acme", "a@acme.example", "beta", "nobody@here.example"]))
        lag = draw(st.sampled_from([0, 0, 3]))
        drawn.append(
            UsageEvent(
                id=f"e{index}",
                name=draw(names),
                customer=customer,
                project=draw(projects),
                occurred=occurred,
                charged=occurred + lag * HOUR,
                properties=draw(properties),
                sequence=first + step * index,
            )
        )
    return drawn


patterns = st.builds(
    Pattern, st.decimals(0, 9, places=1), st.just(Decimal("0.5")), noise=st.just(900)
)
serieses = st.builds(
    Series,
    seed=st.sampled_from(["a", "b"]),
    name=names,
    customer=st.sampled_from(["acme", "beta"]),
    project=projects,
    pattern=patterns,
    start=halves,
    step=st.sampled_from([HOUR, 24 * HOUR]),
    end=st.sampled_from([LATEST, START + 7 * HOUR, START + 400 * HOUR]),
    lag=st.sampled_from([timedelta(), 3 * HOUR]),
    property=st.sampled_from(["quantity", "quantity", "gigabytes"]),
    properties=st.builds(lambda one, other: {**one, **other}, regions, users),
)
all_books = st.builds(Books, st.lists(serieses, max_size=3), events(0, 0), events(1, 1))
meters = st.builds(
    Meter,
    key=st.just("m"),
    id=st.just("m"),
    name=st.just("m"),
    unit=st.just("units"),
    events=st.sampled_from([frozenset({"calls"}), frozenset({"calls", "logins"})]),
    aggregation=st.sampled_from(Aggregation),
    property=st.sampled_from(["quantity", "quantity", "user"]),
)
sequenced = st.tuples(halves, st.integers(0, 3))
sinces: st.SearchStrategy[Moment] = st.just((EARLIEST, 0)) | sequenced
untils: st.SearchStrategy[Moment] = st.just((LATEST, 0)) | sequenced
filters: list[tuple[tuple[str, str], ...]] = [
    (),
    (("region", "eu"),),
    (("region", "1.5"), ("user", "u1")),
    (("user", ""),),
]
selections = st.builds(
    Selection,
    customer=st.sampled_from([None, "acme", "beta"]),
    project=projects,
    names=st.sampled_from([None, frozenset({"logins"}), frozenset[str]()]),
    properties=st.sampled_from(filters),
    since=sinces,
    until=untils,
)
windows = st.builds(Span, halves | st.just(EARLIEST), halves | st.just(LATEST))
questions = st.builds(Question, meters, selections, halves, st.sampled_from(Axis))
