"""The ledger answers as a plain loop over plain facts would, whatever is asked of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.facts import Axis, Horizon, Selection, text_of
from metersim.billing.instants import TICK, Span
from metersim.billing.meters import Aggregation, Meter, PropertyFilter
from metersim.billing.patterns import Episodes, Pattern
from metersim.billing.quantity import total
from metersim.billing.usage import Series, UsageEvent, Value
from tests.billing.books import (
    HOUR,
    START,
    Books,
    Question,
    aggregated,
    ask,
    matching,
    quantities,
)
from tests.billing.drawn import MOST_EVENTS, additive_questions, all_books, cuts, questions, windows


@settings(max_examples=250)
@given(all_books, questions, windows)
def test_a_window_is_what_a_plain_loop_finds_in_it(
    books: Books, question: Question, window: Span
) -> None:
    expected = aggregated(matching(books, question, window), question.meter)
    assert ask(books, question).over(window) == expected


@settings(max_examples=100)
@given(all_books, questions, windows)
def test_when_it_began_and_occurred_is_what_a_plain_loop_finds(
    books: Books, question: Question, window: Span
) -> None:
    found, usage = matching(books, question, window), ask(books, question)
    occurred = sorted(fact.occurred for fact in found)
    assert usage.first(window) == (found[0].at(question.axis) if found else None)
    if occurred:
        assert usage.occurrences(window) == Span(occurred[0], occurred[-1] + TICK)
    else:
        assert not usage.occurrences(window)


@settings(max_examples=100)
@given(all_books, additive_questions, windows)
def test_every_fact_has_its_amount_in_order_of_occurrence_and_a_key_of_its_own(
    books: Books, question: Question, window: Span
) -> None:
    occurred, charged = (ask(books, replace(question, axis=axis)) for axis in Axis)
    listed = list(occurred.amounts(window))
    found = matching(books, replace(question, axis=Axis.OCCURRED), window)
    assert [amount for _, amount in listed] == quantities(found, question.meter)
    assert len(dict(listed)) == len(listed)
    # By which it is known on the other axis too, and in any other window.
    assert set(charged.amounts(window)) <= set(occurred.amounts(Span()))


@settings(max_examples=100)
@given(all_books, additive_questions, windows)
def test_a_sum_falls_where_a_fact_takes_something_away(
    books: Books, question: Question, window: Span
) -> None:
    found = quantities(matching(books, question, window), question.meter)
    falls = question.meter.aggregation is Aggregation.SUM and min(found, default=0) < 0
    assert ask(books, question).falls(window) == falls


@settings(max_examples=100)
@given(all_books, questions, windows, st.sampled_from(["region", "user", "nothing"]))
def test_the_parts_by_a_property_are_those_that_a_filter_selects_and_make_up_the_whole(
    books: Books, question: Question, window: Span, name: str
) -> None:
    question = replace(question, axis=Axis.OCCURRED)
    meter, selection = question.meter, question.selections[0]
    parts = books.ledger.usage_by(name, meter, selection, question.horizon)
    values = []
    for value, usage in parts.items():
        labels = (*selection.properties, (name, value))
        part = replace(question, selections=[replace(selection, properties=labels)])
        values.append(usage.over(window))
        assert values[-1] == ask(books, part).over(window)
    if meter.aggregation.additive:
        found = [each for each in values if each is not None]
        whole = ask(books, replace(question, selections=[selection])).over(window)
        assert (total(found) if found else None) == whole


@settings(max_examples=100)
@given(all_books, questions, cuts)
def test_windows_add_up_and_asking_changes_nothing(
    books: Books, question: Question, cuts: list[datetime]
) -> None:
    usage, whole = ask(books, question), Span(cuts[0], cuts[-1])
    before = usage.over(whole)
    parts = [usage.over(Span(*bounds)) for bounds in pairwise(cuts)]
    values = [value for value in parts if value is not None]
    assert (before is None) == (not values)
    if question.meter.aggregation.additive and before is not None:
        assert total(values) == before
    if question.meter.aggregation is Aggregation.MAX:
        assert max(values, default=None) == before
    assert usage.over(whole) == before


@settings(max_examples=100)
@given(all_books, questions, windows, st.permutations(range(MOST_EVENTS)))
def test_the_order_in_which_events_arrive_matters_to_nothing_but_the_latest(
    books: Books, question: Question, window: Span, order: list[int]
) -> None:
    arrived = [books.recorded[i] for i in order if i < len(books.recorded)]
    recorded = [replace(event, sequence=i) for i, event in enumerate(arrived, 1)]
    question = replace(question, selections=[by_instants(each) for each in question.selections])
    if question.meter.aggregation is not Aggregation.LATEST:
        shuffled = ask(replace(books, recorded=recorded), question)
        assert shuffled.over(window) == ask(books, question).over(window)


def by_instants(selection: Selection) -> Selection:
    """Bounded between instants, and not amid what arrived at one."""
    since, until = selection.since[0], selection.until[0]
    return replace(selection, since=(since, 0), until=(until, 0))


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("SUM", "7.5"), ("COUNT", "3"), ("MAX", "2.5"), ("LATEST", "2.5"), ("UNIQUE", "1")],
)
def test_a_label_of_a_series_counts_like_the_property_of_an_event(
    aggregation: str, expected: str
) -> None:
    labels: dict[str, Value] = {"weight": Decimal("2.5"), "colour": "red"}
    books = Books([hourly("9", labels)], [], [])
    found = value(books, Aggregation(aggregation), Span(), START + 2 * HOUR, "weight")
    assert found == Decimal(expected)


def test_distinct_amounts_of_a_series_are_counted() -> None:
    # A half a fact, in whole units: 0, 1, 0, 1.
    books = Books([hourly("0.5")], [], [])
    assert value(books, Aggregation.UNIQUE, Span(), START + 3 * HOUR) == 2


def test_in_a_gap_there_is_nothing_which_is_not_0() -> None:
    gap = Episodes(every=4, lasting=2, at=1)
    books = Books([hourly("5", gaps=gap)], [], [])
    within = Span(START + HOUR, START + 3 * HOUR)
    now = START + 7 * HOUR
    assert value(books, Aggregation.SUM, within, now) is None
    assert value(books, Aggregation.SUM, Span(), now) == 4 * 5
    assert value(books, Aggregation.COUNT, Span(), now) == 4


def hourly(
    mean: str, labels: dict[str, Value] | None = None, gaps: Episodes | None = None
) -> Series:
    pattern = Pattern(Decimal(mean), gaps=gaps)
    return Series("s", "calls", "acme", None, pattern, START, HOUR, properties=labels or {})


def at_start(*amounts: str, **properties: str) -> Books:
    """Books with these amounts, all recorded at the very same instant."""
    recorded = [
        UsageEvent(
            f"e{sequence}",
            "calls",
            "acme",
            None,
            START,
            START,
            {"quantity": Decimal(amount), **properties},
            sequence,
        )
        for sequence, amount in enumerate(amounts, 1)
    ]
    return Books([], [], recorded)


def value(
    books: Books,
    aggregation: Aggregation,
    window: Span,
    now: datetime,
    name: str = "quantity",
) -> Decimal | None:
    meter = Meter("m", "m", "m", "units", frozenset({"calls"}), aggregation, name)
    return ask(books, Question(meter, [Selection()], Horizon(now, now))).over(window)


def test_a_sum_of_nothing_is_not_the_same_as_nothing() -> None:
    day = Span(START, START + timedelta(days=1))
    assert value(at_start("2.5", "-2.5"), Aggregation.SUM, day, START) == 0
    assert value(at_start(), Aggregation.SUM, day, START) is None


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("SUM", "8.5"), ("COUNT", "3"), ("MAX", "5"), ("LATEST", "1.5"), ("UNIQUE", "3")],
)
def test_events_of_one_instant_count_in_the_order_they_came(
    aggregation: str, expected: str
) -> None:
    found = value(at_start("2", "5", "1.5"), Aggregation(aggregation), Span(), START)
    assert found == Decimal(expected)


def test_the_latest_of_one_instant_is_the_last_to_come_whichever_part_selects_it() -> None:
    books = at_start("1", "2")
    last, now = books.recorded[-1], Horizon(START, START)
    parts = [Selection(since=(START, last.sequence)), Selection(until=(START, last.sequence))]
    meter = Meter("m", "m", "m", "units", frozenset({"calls"}), Aggregation.LATEST)
    assert ask(books, Question(meter, parts, now)).over(Span()) == 2
    # A series opens the world, and comes before all that happens in it.
    books = replace(books, series=[hourly("9")])
    assert ask(books, Question(meter, parts, now)).over(Span()) == 2


def test_nothing_falls_in_a_window_for_what_fell_before_it() -> None:
    later, books = START + HOUR, at_start("-2")
    risen = replace(books.recorded[0], occurred=later, properties={"quantity": Decimal(3)})
    books = replace(books, recorded=[*books.recorded, risen])
    meter = Meter("m", "m", "m", "units", frozenset({"calls"}))
    usage = ask(books, Question(meter, [Selection()], Horizon(later, later)))
    assert usage.falls(Span(START, later))
    assert not usage.falls(Span(later))


def test_a_window_holds_its_start_and_not_its_end() -> None:
    books, now = at_start("1"), START + HOUR
    assert value(books, Aggregation.SUM, Span(START, START + HOUR), now) == 1
    assert value(books, Aggregation.SUM, Span(START - HOUR, START), now) is None


@pytest.mark.parametrize(("offset", "expected"), [(0, Decimal(1)), (-1, None)])
def test_what_happens_now_exists_and_what_comes_after_does_not(
    offset: int, expected: Decimal | None
) -> None:
    now = START + timedelta(microseconds=offset)
    assert value(at_start("1"), Aggregation.SUM, Span(), now) == expected


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ("eu", "eu"),
        (Decimal("1.50"), "1.5"),
        (Decimal("1e3"), "1000"),
        (Decimal("1e-7"), "0.0000001"),
    ],
)
def test_numbers_are_compared_in_their_shortest_spelling(found: str | Decimal, text: str) -> None:
    assert text_of(found) == text


@pytest.mark.parametrize(
    ("wanted", "passing"),
    [
        (PropertyFilter("region"), ["eu", "us", "", None]),
        (PropertyFilter("region", exists=True), ["eu", "us", ""]),
        (PropertyFilter("region", exists=False), [None]),
        (PropertyFilter("region", in_values=frozenset({"eu", ""})), ["eu", ""]),
        (PropertyFilter("region", not_in_values=frozenset({"eu", ""})), ["us", None]),
        (PropertyFilter("region", True, not_in_values=frozenset({"eu"})), ["us", ""]),
        (PropertyFilter("region", False, in_values=frozenset({"eu"})), []),
    ],
)
def test_a_filter_passes_what_satisfies_each_part_that_is_given(
    wanted: PropertyFilter, passing: list[str | None]
) -> None:
    assert [each for each in ("eu", "us", "", None) if wanted.passes(each)] == passing
