"""A series is a formula whose sums are those of a plain loop, in whatever order they are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.instants import EARLIEST, LATEST, TICK, Span
from metersim.billing.quantity import exact, subtract, total
from metersim.billing.usage import _DAY, _WEEK, Pattern, Series, SeriesSums, amount_of

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

patterns = st.builds(
    Pattern,
    mean=st.decimals(0, 10**6, places=7),
    unit=st.sampled_from(["1", "0.01", "0.25", "1e-9", "1000"]).map(exact),
    business_hours=st.booleans(),
    growth=st.integers(0, 1_000),
    noise=st.integers(0, 1_000),
)
steps = st.sampled_from([HOUR, DAY])
indices = st.integers(0, 2_000)


def series(pattern: Pattern, step: timedelta = HOUR, seed: str = "seed") -> Series:
    return Series(seed, "calls", "acme", None, pattern, start=MONDAY, step=step)


def flat(mean: str = "12.5", unit: str = "0.5") -> Pattern:
    return Pattern(mean=exact(mean), unit=exact(unit))


def exactly(series: Series, count: int) -> Fraction:
    """The first facts of a series, noise aside and not yet in whole units, by a plain loop."""
    pattern, months = series.pattern, timedelta(days=30) // series.step
    amounts = (
        Fraction(pattern.mean)
        * weight(series, series.instant(index))
        * (1 + Fraction(pattern.growth, 1_000) * Fraction(index, months))
        for index in range(count)
    )
    return sum(amounts, Fraction(0))


def weight(series: Series, at: datetime) -> Fraction:
    if not series.pattern.business_hours:
        return Fraction(1)
    hour = _DAY[at.hour] if series.step == HOUR else 100
    return Fraction(_WEEK[at.weekday()] * hour, 10_000)


@settings(deadline=None, max_examples=50)
@given(patterns, steps, indices)
def test_a_running_sum_is_that_of_a_plain_loop_in_whole_units(
    pattern: Pattern, step: timedelta, count: int
) -> None:
    calm = series(replace(pattern, noise=0), step)
    unit = Fraction(pattern.unit)
    assert Fraction(SeriesSums(calm).total(0, count)) == exactly(calm, count) // unit * unit


@settings(deadline=None, max_examples=50)
@given(patterns, steps, indices, st.integers(0, 50))
def test_a_window_is_the_sum_of_its_facts(
    pattern: Pattern, step: timedelta, first: int, length: int
) -> None:
    sums = SeriesSums(series(pattern, step))
    amounts = [sums.amount(index) for index in range(first, first + length)]
    assert sums.total(first, first + length) == total(amounts)


@settings(deadline=None, max_examples=50)
@given(patterns, st.lists(indices, min_size=1, max_size=8))
def test_the_order_of_asking_does_not_matter(pattern: Pattern, asked: list[int]) -> None:
    sums = SeriesSums(series(pattern))
    alone = [SeriesSums(sums.series).amount(index) for index in asked]
    assert [sums.amount(index) for index in asked] == alone


@settings(deadline=None, max_examples=50)
@given(patterns, steps, indices)
def test_every_amount_is_a_whole_multiple_of_the_unit_and_not_negative(
    pattern: Pattern, step: timedelta, index: int
) -> None:
    amount = SeriesSums(series(pattern, step)).amount(index)
    assert amount >= 0
    assert Fraction(amount) / Fraction(pattern.unit) % 1 == 0


def test_what_is_less_than_a_unit_is_made_up_for_later() -> None:
    sums = SeriesSums(series(flat("0.4", "1")))
    assert [sums.amount(index) for index in range(6)] == [0, 0, 1, 0, 1, 0]


def test_units_may_be_as_fine_as_numbers_are() -> None:
    sums = SeriesSums(series(flat("7e-9", "2e-9")))
    assert [str(sums.amount(index)) for index in range(2)] == ["6E-9", "8E-9"]


def test_a_fact_in_eight_thousand_years_costs_no_more_than_the_first() -> None:
    sums = SeriesSums(series(Pattern(Decimal(3), business_hours=True, growth=1, noise=500)))
    first, last = sums.indices(Span(MONDAY, LATEST))
    assert last - first > 69_000_000
    assert sums.total(first, last) > 3 * 69_000_000


def test_business_hours_are_busy_by_day_and_on_working_days_and_keep_the_mean() -> None:
    sums = SeriesSums(series(Pattern(Decimal(10**6), business_hours=True)))
    noon, night, saturday = sums.amount(12), sums.amount(3), sums.amount(5 * 24 + 12)
    assert night < saturday < noon
    assert sums.total(0, 7 * 24) == 7 * 24 * 10**6


def test_business_hours_are_those_of_the_clock_wherever_the_series_starts() -> None:
    pattern = Pattern(Decimal(10_000), business_hours=True)
    late = SeriesSums(replace(series(pattern), start=MONDAY + 53 * HOUR))
    assert [late.amount(i) for i in range(400)] == [
        SeriesSums(series(pattern)).amount(i + 53) for i in range(400)
    ]


def test_business_days_have_no_hours() -> None:
    sums = SeriesSums(series(Pattern(Decimal(1_000), business_hours=True), step=DAY))
    assert [sums.amount(day) for day in range(7)] == [1150, 1200, 1200, 1180, 1120, 600, 550]


@pytest.mark.parametrize("step", [HOUR, DAY])
def test_growth_is_per_thirty_days(step: timedelta) -> None:
    sums = SeriesSums(series(Pattern(Decimal(100_000), growth=50), step=step))
    month = 30 * DAY // step
    amounts = [sums.amount(index) for index in (0, month, 2 * month)]
    assert amounts == [100_000, 105_000, 110_000]


def test_noise_stays_within_its_reach_and_takes_all_of_it() -> None:
    sums = SeriesSums(series(Pattern(Decimal(100), noise=100)))
    found = {sums.amount(index) for index in range(2_000)}
    assert min(found) >= 90
    assert max(found) <= 110
    assert len(found) > 15


@settings(deadline=None, max_examples=50)
@given(patterns, indices, st.integers(0, 500))
def test_noise_adds_up_to_less_than_one_fact(pattern: Pattern, first: int, length: int) -> None:
    noisy = SeriesSums(series(pattern))
    calm = SeriesSums(series(replace(pattern, noise=0)))
    last = first + length
    moved = subtract(noisy.total(first, last), calm.total(first, last))
    assert -calm.amount(first) <= moved <= calm.amount(last)


def test_noise_follows_from_the_seed() -> None:
    noisy = Pattern(Decimal(1_000), noise=500)
    one, same, other = (SeriesSums(series(noisy, seed=seed)) for seed in ("a", "a", "b"))
    assert [one.amount(i) for i in range(50)] == [same.amount(i) for i in range(50)]
    assert [one.amount(i) for i in range(50)] != [other.amount(i) for i in range(50)]


@settings(deadline=None, max_examples=100)
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
