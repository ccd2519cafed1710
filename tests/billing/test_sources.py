"""Series are made when they are asked for, and once; events are found in order of arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.patterns import Pattern
from metersim.billing.sources import EventIndex, OpeningSeries, SeriesFamily
from metersim.billing.usage import Series, UsageEvent
from tests.billing.books import START

CUSTOMERS = ("acme", "beta", "gamma")
names = st.sampled_from(["calls", "logins"])
customers = st.sampled_from(CUSTOMERS)
# Whose series a family holds: of one customer, of many, of nobody.
rows = st.lists(st.tuples(names, st.lists(customers, unique=True), st.integers(0, 2)), max_size=5)
questions = st.lists(st.tuples(names, st.none() | customers | st.just("nobody")), max_size=8)


def series(name: str, customer: str, family: int, number: int) -> Series:
    seed = f"{family}/{number}"
    return Series(seed, name, customer, None, Pattern(Decimal(1)), START, timedelta(hours=1))


def made(
    rows: Sequence[tuple[str, list[str], int]], calls: Counter[tuple[int, str]]
) -> OpeningSeries:
    """Families that count how often each is asked to make the series of a customer."""

    def of(family: int, name: str, count: int) -> Callable[[str], Sequence[Series]]:
        def make(customer: str) -> Sequence[Series]:
            calls[family, customer] += 1
            return [series(name, customer, family, number) for number in range(count)]

        return make

    return OpeningSeries(
        SeriesFamily(name, owners, of(family, name, count))
        for family, (name, owners, count) in enumerate(rows)
    )


@given(rows, questions)
def test_exactly_what_is_asked_for_is_made_and_once(
    rows: list[tuple[str, list[str], int]], questions: list[tuple[str, str | None]]
) -> None:
    calls: Counter[tuple[int, str]] = Counter()
    opening = made(rows, calls)
    due: set[tuple[int, str]] = set()
    assert not calls
    for name, customer in questions:
        found = [sums.series for sums in opening.named(name, customer)]
        wanted = [
            (family, owner, count)
            for family, (called, owners, count) in enumerate(rows)
            for owner in owners
            if called == name and customer in (None, owner)
        ]
        assert Counter(each.seed + each.customer for each in found) == Counter(
            f"{family}/{number}{owner}"
            for family, owner, count in wanted
            for number in range(count)
        )
        assert {each.name for each in found} <= {name}
        due.update((family, owner) for family, owner, _ in wanted)
        assert calls == Counter(due)


@given(rows, names)
def test_everyones_series_are_those_of_one_customer_after_the_other_and_the_very_same(
    rows: list[tuple[str, list[str], int]], name: str
) -> None:
    opening = made(rows, Counter())
    everyones = list(opening.named(name, None))
    in_turn = dict.fromkeys(sums.series.customer for sums in everyones)
    assert everyones == [sums for each in in_turn for sums in opening.named(name, each)]


def event(number: int, name: str, customer: str, project: str | None) -> UsageEvent:
    return UsageEvent(f"e{number}", name, customer, project, START, START, {})


arrivals = st.lists(
    st.tuples(
        names,
        st.sampled_from(["acme", "a@acme.example", "beta"]),
        st.sampled_from([None, "site", "shop"]),
        st.booleans(),
    ),
    max_size=12,
)


@given(arrivals, st.sets(names), st.sampled_from(["site", "shop"]))
def test_events_are_found_in_order_of_arrival_while_more_arrive(
    arrivals: list[tuple[str, str, str | None, bool]], wanted: set[str], project: str
) -> None:
    events: list[UsageEvent] = []
    index = EventIndex(events)
    for number, (name, customer, came_with, is_asked) in enumerate(arrivals):
        events.append(event(number, name, customer, came_with))
        if is_asked:
            named = [each for each in events if each.name in wanted]
            assert list(index.of_customers(wanted, lambda reference: "acme" in reference)) == [
                each for each in named if "acme" in each.customer
            ]
            assert list(index.of_project(wanted, project)) == [
                each for each in named if each.project == project
            ]
