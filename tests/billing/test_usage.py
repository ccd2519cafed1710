"""A series is a row of facts by number: their sums are those of its facts, however it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metersim.billing.instants import EARLIEST, LATEST, TICK, Span
from metersim.billing.patterns import Episodes, Pattern
from metersim.billing.quantity import exact, total
from metersim.billing.usage import Series, SeriesSums, amount_of
from tests.billing.drawn import HUGE, parts_of_patterns

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

steps = st.sampled_from([HOUR, DAY])
indices = st.integers(0, 2_000)

# Everything at once.
WILD = replace(HUGE, holds=7, bursts=Episodes(10, 3, 1_000), gaps=Episodes(9, 2), split=(1, 998))


def series(pattern: Pattern, step: timedelta = HOUR) -> Series:
    return Series("seed", "calls", "acme", None, pattern, start=MONDAY, step=step)


def flat(mean: str = "12.5", unit: str = "0.5") -> Pattern:
    return Pattern(mean=exact(mean), unit=exact(unit))


@settings(max_examples=100)
@given(parts_of_patterns, steps, indices, st.integers(0, 50))
@example(HUGE, HOUR, 69_000_000, 20)
@example(WILD, HOUR, 2_000, 20)
def test_a_window_is_the_sum_of_its_facts(
    pattern: Pattern, step: timedelta, first: int, length: int
) -> None:
    sums = SeriesSums(series(pattern, step))
    amounts = [sums.amount(index) for index in range(first, first + length)]
    assert sums.total(first, first + length) == total(amounts)


@settings(max_examples=100)
@given(parts_of_patterns, steps, st.lists(indices, min_size=1, max_size=8))
def test_the_order_of_asking_does_not_matter(
    pattern: Pattern, step: timedelta, asked: list[int]
) -> None:
    sums = SeriesSums(series(pattern, step))
    alone = [SeriesSums(sums.series).amount(index) for index in asked]
    assert [sums.amount(index) for index in asked] == alone


@settings(max_examples=100)
@given(parts_of_patterns, steps, indices)
@example(HUGE, HOUR, 69_000_000)
@example(WILD, HOUR, 2_000)
def test_every_amount_is_a_whole_multiple_of_the_unit_and_not_negative(
    pattern: Pattern, step: timedelta, index: int
) -> None:
    amount = SeriesSums(series(pattern, step)).amount(index)
    assert amount >= 0
    assert Fraction(amount) / Fraction(pattern.unit) % 1 == 0


def test_units_may_be_as_fine_as_numbers_are() -> None:
    sums = SeriesSums(series(flat("7e-9", "2e-9")))
    assert [str(sums.amount(index)) for index in range(2)] == ["6E-9", "8E-9"]


def test_a_fact_in_eight_thousand_years_costs_no_more_than_the_first() -> None:
    sums = SeriesSums(series(Pattern(Decimal(3), rhythm="business", growth=1, noise=500)))
    first, last = sums.indices(Span(MONDAY, LATEST))
    assert last - first > 69_000_000
    assert sums.total(first, last) > 3 * 69_000_000


@settings(max_examples=100)
@given(
    st.datetimes(MONDAY.replace(tzinfo=None) - 3 * DAY, MONDAY.replace(tzinfo=None) + 3 * DAY),
    st.integers(0, 60),
    st.sampled_from([HOUR, DAY]),
    st.integers(0, 150),
)
def test_the_facts_of_a_span_are_those_whose_instant_lies_in_it(
    start: datetime, hours: int, step: timedelta, life: int
) -> None:
    span = Span(start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + hours * HOUR)
    ends = MONDAY + life * timedelta(minutes=20)
    sums = SeriesSums(replace(series(flat(), step), end=ends))
    first, last = sums.indices(span)
    alive = [i for i in range(100) if sums.series.instant(i) < ends]
    expected = [i for i in alive if sums.series.instant(i) in span]
    assert list(range(first, last)) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(EARLIEST, MONDAY), (0, 0)),
        (Span(EARLIEST, MONDAY + TICK), (0, 1)),
        (Span(MONDAY, MONDAY + HOUR), (0, 1)),
        (Span(MONDAY + TICK, MONDAY + HOUR + TICK), (1, 2)),
        (Span(MONDAY + HOUR, MONDAY), (1, 1)),
    ],
)
def test_a_fact_at_the_start_of_a_span_counts_and_one_at_its_end_does_not(
    span: Span, expected: tuple[int, int]
) -> None:
    assert SeriesSums(series(flat())).indices(span) == expected


def test_a_series_goes_on_for_ever_unless_it_ends() -> None:
    endless = series(flat())
    assert endless.first_from(LATEST) > 7_900 * 365 * 24
    assert replace(endless, end=MONDAY + 90 * timedelta(minutes=1)).first_from(LATEST) == 2


@pytest.mark.parametrize(
    ("value", "amount"),
    [("2.50", "2.50"), (Decimal(7), "7"), ("", None), ("many", None), ("NaN", None), (None, None)],
)
def test_an_amount_is_the_number_that_a_property_says(
    value: str | Decimal | None, amount: str | None
) -> None:
    assert amount_of(value) == (None if amount is None else Decimal(amount))
