"""Strategies that draw usage of every kind, and what a ledger is asked about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import TypeVar

from hypothesis import strategies as st

from metersim.billing.facts import Axis, Horizon, Selection
from metersim.billing.instants import EARLIEST, LATEST, Span
from metersim.billing.meters import Aggregation, Meter, PropertyFilter
from metersim.billing.patterns import RHYTHMS, Episodes, Pattern
from metersim.billing.quantity import exact
from metersim.billing.usage import Series, UsageEvent, Value
from tests.billing.books import END, HOUR, PROJECTS, START, Books, Question

T = TypeVar("T")

# -- patterns


@st.composite
def episodes(draw: st.DrawFn, times: st.SearchStrategy[int]) -> Episodes:
    every = draw(st.integers(2, 12))
    lasting = draw(st.integers(1, every - 1))
    at = draw(st.none() | st.integers(0, every - lasting))
    return Episodes(every, lasting, draw(times), at)


bursts = episodes(st.integers(2, 5))
gaps = episodes(st.just(0))


@st.composite
def shares(draw: st.DrawFn) -> list[int]:
    """Thousandths that add up to the whole, in two parts or more."""
    cuts = sorted(draw(st.sets(st.integers(1, 999), min_size=1, max_size=3)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, 1_000], strict=True)]


# Whole amounts; they are split by whoever sees to all of the parts.
patterns = st.builds(
    Pattern,
    mean=st.decimals(0, 10**6, places=7),
    unit=st.sampled_from(["1", "0.01", "0.25", "1e-9", "1000"]).map(exact),
    rhythm=st.sampled_from(sorted(RHYTHMS)),
    growth=st.integers(0, 1_000),
    noise=st.integers(0, 1_000),
    holds=st.none() | st.integers(1, 50),
    bursts=st.none() | bursts,
    gaps=st.none() | gaps,
)
parts_of_patterns = st.builds(
    lambda pattern, split, parts: replace(pattern, split=tuple(split[:parts])),
    patterns,
    shares(),
    st.integers(0, 4),
)
# As large, as fine, as fast and as wild as a scenario may ask for, or more so.
HUGE = Pattern(exact("1e400"), Decimal("1e-1100"), "leisure", growth=1_000_000, noise=1_000)

# -- books: few values of everything, so that much of what is drawn is alike and meets


def mostly(usual: T, *others: T) -> st.SearchStrategy[T]:
    """What leaves most questions open enough to be answered by something."""
    return st.sampled_from([usual] * 8 * len(others) + [*others])


HALF = Decimal("0.5")
PATTERNS = [
    Pattern(Decimal("2.5"), HALF, noise=900),
    Pattern(Decimal("0.4")),
    Pattern(Decimal(4), HALF, "business", growth=900),
    Pattern(Decimal(3), holds=4, noise=500),
    Pattern(Decimal(2), HALF, bursts=Episodes(5, 2, times=3)),
    Pattern(Decimal(5), gaps=Episodes(4, 1)),
    Pattern(Decimal(1), noise=500, bursts=Episodes(3, 1, times=9), gaps=Episodes(6, 3, at=2)),
    Pattern(Decimal(7), holds=5, growth=900, gaps=Episodes(9, 4)),
    Pattern(Decimal(0)),
]
HALVES = [START + halves * HOUR / 2 for halves in range(41)]
# Several events happen at one of these: about the end of a billing period, and so long before it
# that whole periods pass without usage.
BUSY = [START + hours * HOUR for hours in (9, 10, 11, 4, -2400)]
AMOUNTS = [exact(each) for each in ("3", "0.5", "8", "12.5", "0", "-2", "-7.5")]


def labelled(name: str, *values: Value) -> list[dict[str, Value]]:
    """With each of some values of a property, and without it."""
    return [{}, *({name: value} for value in values)]


REGIONS = labelled("region", "eu", exact("1.50"))
USERS = labelled("user", "u1", "u2", exact("3"), exact("-2.5"))
QUANTITIES = labelled("quantity", *AMOUNTS, "2.50", "many")

# Hours from when an event occurs until it is charged and accepted; before it was to occur, too.
DELAYS = [(0, None), (0, 0), (3, None), (0, 2), (-3, -3)]

MOST_EVENTS = 8
instants = st.sampled_from([*BUSY * 16, *HALVES])
names = st.sampled_from(["calls", "logins"])
properties = st.sampled_from(
    [{**one, **two, **three} for one, two, three in product(QUANTITIES, USERS, REGIONS)]
)


@st.composite
def events(draw: st.DrawFn, prefix: str, first: int, step: int) -> list[UsageEvent]:
    drawn = []
    for index in range(draw(st.integers(0, MOST_EVENTS))):
        occurred, (charged, accepted) = draw(instants), draw(st.sampled_from(DELAYS))
        drawn.append(
            UsageEvent(
                id=f"{prefix}{index}",
                name=draw(names),
                customer=draw(st.sampled_from(["acme", "a@acme.example", "beta", "nobody"])),
                project=draw(st.sampled_from(["site", "shop", None])),
                occurred=occurred,
                charged=occurred + charged * HOUR,
                properties=draw(properties),
                sequence=first + step * index,
                accepted=None if accepted is None else occurred + accepted * HOUR,
            )
        )
    return drawn


@st.composite
def rows(draw: st.DrawFn) -> list[Series]:
    """One series, or one for each share that is charged at another time."""
    project = draw(st.sampled_from(["site", "shop", None]))
    pattern = draw(st.sampled_from(PATTERNS))
    series = Series(
        seed=draw(st.sampled_from("ab")),
        name=draw(names),
        customer=draw(st.sampled_from(["acme", "beta"])) if project is None else PROJECTS[project],
        project=project,
        pattern=pattern,
        start=draw(st.sampled_from([START] * len(HALVES) + HALVES)),
        step=draw(st.sampled_from([HOUR, HOUR, 24 * HOUR])),
        end=draw(mostly(LATEST, *HALVES)),
        lag=draw(st.sampled_from([timedelta(), 3 * HOUR])),
        property=draw(st.sampled_from(["quantity", "quantity", "gigabytes"])),
        properties={**draw(st.sampled_from(REGIONS)), **draw(st.sampled_from(USERS))},
    )
    split = draw(st.sampled_from([(), (), (400, 600), (1, 333, 666)]))
    return [
        replace(series, pattern=replace(pattern, split=split[: part + 1]), lag=part * 3 * HOUR)
        for part in range(len(split))
    ] or [series]


serieses = st.lists(rows(), max_size=3).map(lambda rows: [each for row in rows for each in row])
all_books = st.builds(Books, serieses, events("o", 0, 0), events("r", 1, 1))

# -- questions

property_filters = st.builds(
    PropertyFilter,
    name=st.sampled_from(["region", "user", "quantity"]),
    exists=st.sampled_from([None, True, False]),
    in_values=st.sampled_from([None, frozenset({"eu", "u1", "2.5"})]),
    not_in_values=st.sampled_from([frozenset[str](), frozenset({"1.5", "u1", ""})]),
)


@st.composite
def drawn_meters(draw: st.DrawFn, *aggregations: Aggregation) -> Meter:
    return Meter(
        "m",
        "m",
        "m",
        "units",
        events=draw(mostly(frozenset({"calls", "logins"}), frozenset({"calls"}))),
        aggregation=draw(st.sampled_from(aggregations)),
        property=draw(st.sampled_from(["quantity", "quantity", "quantity", "user"])),
        property_filters=tuple(
            draw(property_filters) for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2])))
        ),
    )


meters = drawn_meters(*Aggregation)
additive_meters = drawn_meters(Aggregation.SUM, Aggregation.SUM, Aggregation.COUNT)
MOMENTS = [(instant, sequence) for instant in BUSY for sequence in (0, 2, 4)]
LABELS: list[tuple[tuple[str, str], ...]] = [
    (("region", "eu"),),
    (("region", "1.5"), ("user", "u1")),
    (("user", ""),),
]
customers = mostly(None, "acme", "beta")
projects = mostly(None, "site", "shop")
since = mostly((EARLIEST, 0), *MOMENTS)
until = mostly((LATEST, 0), *MOMENTS)
selections = st.builds(
    Selection,
    customer=customers,
    project=projects,
    names=mostly(None, frozenset({"logins"}), frozenset[str]()),
    properties=mostly((), *LABELS),
    since=since,
    until=until,
)


@st.composite
def disjoint(draw: st.DrawFn, whole: st.SearchStrategy[Selection]) -> list[Selection]:
    """A selection, or several parts of one."""
    selection, cut = draw(whole), draw(st.sampled_from(MOMENTS))
    parts = [
        *[[selection]] * 3,
        [replace(selection, project=key) for key in reversed(PROJECTS)],
        [replace(selection, customer=key) for key in ("beta", "acme")],
        [replace(selection, names=frozenset({name})) for name in ("logins", "calls")],
        [
            replace(selection, since=max(selection.since, cut)),
            replace(selection, until=min(selection.until, cut)),
        ],
    ]
    return draw(st.sampled_from(parts))


@st.composite
def horizons(draw: st.DrawFn) -> Horizon:
    now = draw(st.sampled_from([END] * len(HALVES) + HALVES))
    return Horizon(now, now - draw(st.sampled_from([0, 0, 0, 1, 12])) * HOUR)


cuts = st.lists(instants, min_size=2, max_size=6).map(sorted)
bounded = [Span(*bounds) for bounds in product(sorted(BUSY), HALVES)]
windows = st.sampled_from([Span()] * len(bounded) + bounded)
axes = st.sampled_from(Axis)
questions = st.builds(Question, meters, disjoint(selections), horizons(), axes)
additive_questions = st.builds(Question, additive_meters, disjoint(selections), horizons(), axes)
