"""The amounts of a pattern: what each part of it adds or takes, whatever the other parts are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metersim.billing.instants import Span
from metersim.billing.patterns import RHYTHMS, Episodes, Pattern
from metersim.billing.quantity import multiply, subtract, total
from metersim.billing.usage import Series, SeriesSums
from tests.billing.drawn import HUGE, bursts, gaps, patterns, shares

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

few = settings(max_examples=100)
steps = st.sampled_from([HOUR, DAY])
starts = st.integers(0, 400).map(lambda halves: MONDAY + halves * HOUR / 2)
rhythms = pytest.mark.parametrize("rhythm", sorted(RHYTHMS))


def series(
    pattern: Pattern, step: timedelta = HOUR, start: datetime = MONDAY, seed: str = "seed"
) -> Series:
    return Series(seed, "calls", "acme", None, pattern, start, step)


def slots(series: Series, count: int, first: int = 0) -> list[Decimal | None]:
    """What each of some slots holds; None where there is no fact at all."""
    sums, found = SeriesSums(series), []
    for slot in range(first, first + count):
        facts = range(*sums.indices(Span(series.instant(slot), series.instant(slot + 1))))
        found.append(sums.amount(facts[0]) if facts else None)
    return found


def amounts(pattern: Pattern, count: int, step: timedelta = HOUR) -> list[Decimal]:
    return [amount or Decimal(0) for amount in slots(series(pattern, step), count)]


# -- what amounts are when nothing is drawn


def grown(series: Series, slot: int) -> Fraction:
    """The mean by then, rhythm aside."""
    months = Fraction(slot, 30 * DAY // series.step)
    return Fraction(series.pattern.mean) * (1 + Fraction(series.pattern.growth, 1_000) * months)


def weight(series: Series, slot: int) -> Fraction:
    at, (by_hour, by_day) = series.instant(slot), RHYTHMS[series.pattern.rhythm]
    return Fraction(
        by_day[at.weekday()] * (by_hour[at.hour] if series.step == HOUR else 100), 10**4
    )


@few
@given(patterns, steps, starts, st.integers(0, 500))
@example(HUGE, HOUR, MONDAY, 500)
def test_what_flows_is_the_sum_of_a_plain_loop_in_whole_units(
    pattern: Pattern, step: timedelta, start: datetime, count: int
) -> None:
    calm = replace(pattern, noise=0, holds=None, bursts=None, gaps=None)
    flow, unit = series(calm, step, start), Fraction(pattern.unit)
    expected = sum(grown(flow, slot) * weight(flow, slot) for slot in range(count))
    assert Fraction(SeriesSums(flow).total(0, count)) == expected // unit * unit


@few
@given(patterns, steps, st.integers(1, 50), st.integers(0, 300))
@example(HUGE, HOUR, 50, 300)
def test_a_level_stands_at_what_has_grown_rounded_half_up_and_noise_stays_within_reach(
    pattern: Pattern, step: timedelta, holds: int, slot: int
) -> None:
    level = series(replace(pattern, holds=holds, bursts=None, gaps=None), step)
    calm = replace(level, pattern=replace(level.pattern, noise=0))
    unit, reach = Fraction(pattern.unit), Fraction(pattern.noise, 1_000)
    first = slot // holds * holds
    exactly = grown(level, first)
    (noisy,), (steady,) = set(slots(level, holds, first)), set(slots(calm, holds, first))
    assert Fraction(steady or 0) == (exactly / unit + Fraction(1, 2)) // 1 * unit
    assert abs(Fraction(noisy or 0) - exactly) <= exactly * reach + unit / 2


def test_half_a_unit_is_a_whole_one_of_a_level_and_made_up_for_later_in_a_flow() -> None:
    assert amounts(Pattern(Decimal("0.5"), holds=2), 4) == [1, 1, 1, 1]
    assert amounts(Pattern(Decimal("0.49"), holds=2), 4) == [0, 0, 0, 0]
    assert amounts(Pattern(Decimal("0.4")), 6) == [0, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("step", [HOUR, DAY])
@pytest.mark.parametrize("flows", [True, False])
def test_growth_is_per_thirty_days(step: timedelta, flows: bool) -> None:
    month = 30 * DAY // step
    pattern = Pattern(Decimal(100_000), growth=50, holds=None if flows else month)
    sums = SeriesSums(series(pattern, step))
    assert [sums.amount(i * month) for i in range(3)] == [100_000, 105_000, 110_000]


# -- rhythm


@rhythms
@few
@given(steps, starts, st.integers(0, 400), st.integers(1, 3))
def test_a_rhythm_keeps_the_mean_over_whole_weeks(
    rhythm: str, step: timedelta, start: datetime, first: int, weeks: int
) -> None:
    sums = SeriesSums(series(Pattern(Decimal(10_000), rhythm=rhythm), step, start))
    length = weeks * 7 * DAY // step
    assert sums.total(first, first + length) == length * 10_000


@rhythms
@few
@given(st.integers(0, 500))
def test_a_rhythm_is_that_of_the_clock_wherever_the_series_starts(rhythm: str, slot: int) -> None:
    pattern = Pattern(Decimal(10_000), rhythm=rhythm)
    late = series(pattern, start=MONDAY + slot * HOUR)
    assert slots(late, 24) == slots(series(pattern), 24, slot)


@pytest.mark.parametrize(
    ("rhythm", "quiet", "busy"),
    [
        ("daily", "Tue 03", "Tue 12"),
        ("daily", "Sat 03", "Sat 12"),
        ("weekly", "Sat 12", "Tue 12"),
        ("weekly", "Sat 12", "Tue 03"),
        ("business", "Tue 03", "Tue 12"),
        ("business", "Sat 12", "Tue 12"),
        ("leisure", "Tue 12", "Tue 20"),
        ("leisure", "Tue 20", "Sat 20"),
    ],
)
def test_a_rhythm_is_busy_when_its_name_says(rhythm: str, quiet: str, busy: str) -> None:
    week = amounts(Pattern(Decimal(10_000), rhythm=rhythm), 7 * 24)
    at = {f"{MONDAY + slot * HOUR:%a %H}": amount for slot, amount in enumerate(week)}
    assert at[quiet] < at[busy]


def test_business_days_have_no_hours() -> None:
    found = amounts(Pattern(Decimal(1_000), rhythm="business"), 7, DAY)
    assert found == [1150, 1200, 1200, 1180, 1120, 600, 550]


# -- what is drawn


@few
@given(patterns, st.integers(0, 2_000), st.integers(0, 500))
def test_noise_adds_up_to_less_than_one_fact(pattern: Pattern, first: int, length: int) -> None:
    flow = replace(pattern, holds=None, bursts=None, gaps=None)
    noisy, calm = (SeriesSums(series(each)) for each in (flow, replace(flow, noise=0)))
    last = first + length
    moved = subtract(noisy.total(first, last), calm.total(first, last))
    assert -calm.amount(first) <= moved <= calm.amount(last)


@pytest.mark.parametrize("holds", [None, 1])
def test_noise_stays_within_its_reach_and_takes_all_of_it(holds: int | None) -> None:
    found = set(amounts(Pattern(Decimal(100), noise=100, holds=holds), 2_000))
    assert min(found) >= 90
    assert max(found) <= 110
    assert len(found) > 15


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(Decimal(1_000), noise=500),
        Pattern(Decimal(1_000), noise=500, holds=1),
        Pattern(Decimal(1), bursts=Episodes(9, 2, times=3)),
        Pattern(Decimal(1), gaps=Episodes(9, 2)),
    ],
)
def test_what_is_drawn_follows_from_the_seed(pattern: Pattern) -> None:
    one, same, other = (slots(series(pattern, seed=seed), 50) for seed in ("a", "a", "b"))
    assert one == same
    assert one != other


def periods(held: list[Decimal | None], every: int) -> Iterator[list[Decimal | None]]:
    return (held[first : first + every] for first in range(0, len(held), every))


def stretches(episodes: Episodes) -> list[range]:
    """Where in its period an episode may lie."""
    places = range(episodes.every - episodes.lasting + 1)
    begins = places if episodes.at is None else [episodes.at]
    return [range(begin, begin + episodes.lasting) for begin in begins]


@few
@given(patterns, steps, bursts)
def test_in_one_stretch_of_every_period_there_is_so_many_times_as_much(
    pattern: Pattern, step: timedelta, burst: Episodes
) -> None:
    plain = replace(pattern, bursts=None, gaps=None)
    without = amounts(plain, 8 * burst.every, step)
    held = slots(series(replace(plain, bursts=burst), step), 8 * burst.every)
    for number, found in enumerate(periods(held, burst.every)):
        before = without[number * burst.every :]
        assert found in [
            [
                multiply(before[slot], Decimal(burst.times if slot in stretch else 1))
                for slot in range(burst.every)
            ]
            for stretch in stretches(burst)
        ]


@few
@given(patterns, steps, gaps)
def test_in_one_stretch_of_every_period_there_is_no_fact_and_no_other_changes(
    pattern: Pattern, step: timedelta, gap: Episodes
) -> None:
    without, held = (
        slots(series(replace(pattern, gaps=each), step), 8 * gap.every) for each in (None, gap)
    )
    for before, found in zip(periods(without, gap.every), periods(held, gap.every), strict=True):
        assert found in [
            [None if slot in stretch else before[slot] for slot in range(gap.every)]
            for stretch in stretches(gap)
        ]


@few
@given(patterns, steps, gaps)
def test_facts_are_numbered_without_the_gaps(
    pattern: Pattern, step: timedelta, gap: Episodes
) -> None:
    gappy = series(replace(pattern, gaps=gap), step)
    sums, held = SeriesSums(gappy), enumerate(slots(gappy, 60))
    facts = [(gappy.instant(slot), amount) for slot, amount in held if amount is not None]
    assert sums.indices(Span(MONDAY, gappy.instant(60))) == (0, len(facts))
    assert [(sums.instant(i), sums.amount(i)) for i in range(len(facts))] == facts


@pytest.mark.parametrize("times", [0, 7])
@pytest.mark.parametrize(("at", "expected"), [(None, {0, 1, 2, 3}), (0, {0}), (3, {3})])
def test_an_episode_begins_anywhere_in_its_period_unless_it_is_said_where(
    times: int, at: int | None, expected: set[int]
) -> None:
    episodes = Episodes(every=5, lasting=2, times=times, at=at)
    one = Pattern(Decimal(1))
    pattern = replace(one, bursts=episodes) if times else replace(one, gaps=episodes)
    held = periods(slots(series(pattern), 500), 5)
    assert {period.index(Decimal(times) if times else None) for period in held} == expected


def test_bursts_and_gaps_are_drawn_apart() -> None:
    alike = Pattern(Decimal(1), bursts=Episodes(5, 1, times=7), gaps=Episodes(5, 1))
    assert Decimal(7) in amounts(alike, 50)


# -- shares


@few
@given(patterns, steps, shares(), st.integers(0, 300), st.integers(1, 40))
@example(HUGE, HOUR, [1, 998, 1], 300, 40)
def test_the_shares_of_every_fact_add_up_to_it_and_none_is_negative(
    pattern: Pattern, step: timedelta, split: list[int], first: int, length: int
) -> None:
    whole = slots(series(pattern, step), length, first)
    parts = [
        slots(series(replace(pattern, split=tuple(split[: part + 1])), step), length, first)
        for part in range(len(split))
    ]
    for amount, *shared in zip(whole, *parts, strict=True):
        held = [each for each in shared if each is not None]
        assert min(held, default=0) >= 0
        assert (total(held) if held else None) == amount
    # Each gets what it should of any window, to within a few units.
    for share, part in zip(split, parts, strict=True):
        due = Fraction(total(each or Decimal(0) for each in whole)) * Fraction(share, 1_000)
        got = Fraction(total(each or Decimal(0) for each in part))
        assert abs(got - due) < 2 * len(split) * Fraction(pattern.unit)
