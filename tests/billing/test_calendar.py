"""Spans are half-open, and calendar units partition time, to the ends of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.instants import (
    EARLIEST,
    LATEST,
    TICK,
    Granularity,
    Span,
    a_year_earlier,
    a_year_later,
    floor,
    following,
    is_midnight,
    shift,
)

instants = st.datetimes(timezones=st.just(UTC))
units = st.sampled_from(Granularity)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Span(at("2026-03-01"), at("2026-03-02"))
    assert span.start in span
    assert span.end - TICK in span
    assert span.end not in span
    assert span.start - TICK not in span


@given(st.tuples(instants, instants), st.tuples(instants, instants), instants)
def test_what_is_in_both_spans_is_in_their_common_one(
    one: tuple[datetime, datetime], other: tuple[datetime, datetime], instant: datetime
) -> None:
    both = Span(*one) & Span(*other)
    assert (instant in both) == (instant in Span(*one) and instant in Span(*other))
    assert bool(both) == (both.start < both.end)


def test_a_span_is_all_time_unless_bounded() -> None:
    assert Span()
    assert Span(EARLIEST, at("2026-03-01")) == Span(end=at("2026-03-01"))
    assert not Span(LATEST, LATEST)


def test_a_shift_stops_at_the_ends_of_the_calendar() -> None:
    day = timedelta(days=1)
    assert shift(LATEST, day) == LATEST
    assert shift(EARLIEST, -day) == EARLIEST
    assert shift(at("2024-02-28"), day) == at("2024-02-29")
    assert Span().shifted(day) == Span(EARLIEST + day, LATEST)
    assert Span().shifted(-day) == Span(EARLIEST, LATEST - day)


@pytest.mark.parametrize(
    ("unit", "first", "after"),
    [
        (Granularity.HOUR, "2024-02-29T17:00", "2024-02-29T18:00"),
        (Granularity.DAY, "2024-02-29", "2024-03-01"),
        (Granularity.WEEK, "2024-02-26", "2024-03-04"),
        (Granularity.MONTH, "2024-02-01", "2024-03-01"),
        (Granularity.YEAR, "2024-01-01", "2025-01-01"),
    ],
)
def test_a_calendar_unit_reaches_from_its_first_instant_to_the_next(
    unit: Granularity, first: str, after: str
) -> None:
    instant = at("2024-02-29T17:45:01.000001")
    assert (floor(instant, unit), following(instant, unit)) == (at(first), at(after))


@pytest.mark.parametrize(
    ("instant", "after"),
    [
        ("2024-12-31T23:30", "2025-01-01"),
        ("2023-02-28", "2023-03-01"),
        ("2000-02-29", "2000-03-01"),
    ],
)
def test_a_month_ends_with_its_last_day(instant: str, after: str) -> None:
    assert following(at(instant), Granularity.MONTH) == at(after)


@settings(max_examples=300)
@given(instants, units)
def test_calendar_units_partition_time(instant: datetime, unit: Granularity) -> None:
    first, after = floor(instant, unit), following(instant, unit)
    assert first <= instant < after or (instant, after) == (LATEST, LATEST)
    assert floor(first, unit) == first
    assert after == LATEST or floor(after, unit) == after
    assert floor(shift(after, -TICK), unit) == first
    assert following(first, unit) == after


@pytest.mark.parametrize("unit", Granularity)
def test_the_last_unit_ends_with_the_calendar(unit: Granularity) -> None:
    assert following(LATEST, unit) == LATEST
    assert floor(EARLIEST, unit) == EARLIEST


def test_the_calendar_begins_with_a_whole_week() -> None:
    assert floor(at("0001-01-07T12:00"), Granularity.WEEK) == EARLIEST


@pytest.mark.parametrize(
    ("text", "midnight"),
    [("2026-03-01", True), ("2026-03-01T01:00", False), ("2026-03-01T00:00:00.000001", False)],
)
def test_midnight_is_the_first_instant_of_a_day(text: str, midnight: bool) -> None:
    assert is_midnight(at(text)) is midnight


@pytest.mark.parametrize(
    ("instant", "later"),
    [
        ("2025-03-18", "2026-03-18"),
        ("2023-03-01", "2024-03-01"),
        ("2024-02-28", "2025-02-28"),
        ("2024-02-29", "2025-03-01"),
        ("9999-01-01", "9999-12-31T23:59:59.999999"),
    ],
)
def test_a_year_later_is_the_same_calendar_day(instant: str, later: str) -> None:
    assert a_year_later(at(instant)) == at(later)


@pytest.mark.parametrize(
    ("instant", "earlier"),
    [
        ("2026-03-18T09:30", "2025-03-18T09:30"),
        ("2024-02-29T12:00", "2023-02-28T12:00"),
        ("0001-05-05", "0001-05-05"),
    ],
)
def test_a_year_earlier_is_the_same_instant_of_the_year_before(instant: str, earlier: str) -> None:
    assert a_year_earlier(at(instant)) == at(earlier)
