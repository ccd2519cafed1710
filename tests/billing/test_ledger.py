"""The ledger answers as a plain loop over plain facts would, whatever is asked of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.facts import Axis, Selection, text_of
from metersim.billing.instants import Span
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import total
from metersim.billing.usage import Pattern, Series, UsageEvent, Value
from tests.billing.books import (
    START,
    Books,
    Question,
    aggregated,
    all_books,
    ask,
    halves,
    matching,
    questions,
    windows,
)


@settings(deadline=None, max_examples=400)
@given(all_books, questions, windows)
def test_a_window_is_what_a_plain_loop_finds_in_it(
    books: Books, question: Question, window: Span
) -> None:
    expected = aggregated(matching(books, question, window), question.meter)
    assert ask(books, question).over(window) == expected


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("SUM", "7.5"), ("COUNT", "3"), ("MAX", "2.5"), ("LATEST", "2.5"), ("UNIQUE", "1")],
)
def test_a_label_of_a_series_counts_like_the_property_of_an_event(
    aggregation: str, expected: str
) -> None:
    pattern, hour = Pattern(Decimal(9)), timedelta(hours=1)
    labels: dict[str, Value] = {"weight": Decimal("2.5"), "colour": "red"}
    series = Series("s", "calls", "acme", None, pattern, START, hour, properties=labels)
    books = Books([series], [], [])
    assert value(books, Aggregation(aggregation), Span(), START + 2 * hour, "weight") == Decimal(
        expected
    )


def test_distinct_amounts_of_a_series_are_counted() -> None:
    # A half a fact, in whole units: 0, 1, 0, 1.
    series = Series("s", "calls", "acme", None, Pattern(Decimal("0.5")), START, timedelta(hours=1))
    now = START + timedelta(hours=3)
    assert value(Books([series], [], []), Aggregation.UNIQUE, Span(), now) == 2


@settings(deadline=None, max_examples=200)
@given(all_books, questions, windows)
def test_the_first_fact_and_the_parts_are_those_that_a_plain_loop_finds(
    books: Books, question: Question, window: Span
) -> None:
    found = matching(books, question, window)
    assert ask(books, question).first(window) == (found[0][0] if found else None)


@settings(deadline=None, max_examples=200)
@given(all_books, questions, windows)
def test_the_parts_by_a_property_are_those_that_a_filter_selects(
    books: Books, question: Question, window: Span
) -> None:
    question = replace(question, axis=Axis.OCCURRED)
    for name in ("region", "nothing"):
        parts = books.ledger.usage_by(name, question.meter, question.selection, question.now)
        for value, usage in parts.items():
            properties = (*question.selection.properties, (name, value))
            part = replace(question, selection=replace(question.selection, properties=properties))
            assert usage.over(window) == ask(books, part).over(window)


@settings(deadline=None, max_examples=200)
@given(all_books, questions, st.lists(halves, min_size=2, max_size=6).map(sorted))
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
    return books.ledger.usage(meter, Selection(), now).over(window)


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


def test_a_window_holds_its_start_and_not_its_end() -> None:
    books, hour = at_start("1"), timedelta(hours=1)
    now = START + hour
    assert value(books, Aggregation.SUM, Span(START, START + hour), now) == 1
    assert value(books, Aggregation.SUM, Span(START - hour, START), now) is None


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
