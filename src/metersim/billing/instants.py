"""Instants (aware datetimes in UTC, to the microsecond), spans between them, calendar units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
TICK = timedelta(microseconds=1)


class Granularity(StrEnum):
    """A calendar unit in UTC; weeks begin on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_DURATION = re.compile(
    r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_INSTANT = re.compile(
    rf"({_DATE.pattern})[Tt]({_TIME}:[0-5]\d)(\.\d+)?([Zz]|[-+]{_TIME})", re.ASCII
)
_LONGEST = {
    Granularity.HOUR: timedelta(hours=1),
    Granularity.DAY: timedelta(days=1),
    Granularity.WEEK: timedelta(days=7),
    Granularity.MONTH: timedelta(days=31),
    Granularity.YEAR: timedelta(days=366),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time: ``start`` belongs to it, ``end`` does not."""

    start: datetime = EARLIEST
    end: datetime = LATEST

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def __and__(self, other: Span) -> Span:
        return Span(max(self.start, other.start), min(self.end, other.end))

    def __bool__(self) -> bool:
        return self.start < self.end

    def shifted(self, by: timedelta) -> Span:
        """The span moved by a duration, held within the calendar's ends."""
        return Span(shift(self.start, by), shift(self.end, by))


def parse_instant(text: str) -> datetime:
    """An RFC 3339 date-time with its offset, as UTC; ValueError when it is none.

    Leap seconds and the year 0 are valid RFC 3339 but no instants here, and are refused too.
    """
    found = _INSTANT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day, time, decimals, offset = found.groups(default="")
        # What is finer than a microsecond is cut.
        instant = datetime.fromisoformat(f"{day}T{time}{decimals[:7]}{offset.upper()}")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"not an RFC 3339 date-time: {text!r}") from None


def parse_date(text: str) -> datetime:
    """Midnight UTC of a ``YYYY-MM-DD`` date; ValueError when it is none."""
    # Alone, fromisoformat would take a week date too, which is just as long: 2026-W01-1.
    if _DATE.fullmatch(text) is None:
        raise ValueError(f"not a date as YYYY-MM-DD: {text!r}")
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def parse_date_or_instant(text: str) -> datetime:
    """A date, which means its midnight UTC, or a date-time; ValueError when it is neither."""
    return parse_date(text) if len(text) == 10 else parse_instant(text)


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of days and less (``P2D``, ``PT36H``); ValueError when it is none.

    Months and years are refused: how long they are depends on where they start.
    """
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(
            f"not an ISO 8601 duration of weeks, days, hours, minutes, seconds: {text!r}"
        )
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise ValueError(f"longer than the calendar: {text!r}") from None


def to_seconds(instant: datetime) -> str:
    """``2024-01-31T23:59:59Z``"""
    return instant.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def to_milliseconds(instant: datetime) -> str:
    """``2026-03-01T00:00:00.000Z``"""
    return instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def to_exact(instant: datetime) -> str:
    """As ``to_milliseconds``, or to the microsecond where that loses something."""
    precision = "microseconds" if instant.microsecond % 1_000 else "milliseconds"
    return instant.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def is_midnight(instant: datetime) -> bool:
    """Whether the instant is the first of a UTC day."""
    return instant == floor(instant, Granularity.DAY)


def shift(instant: datetime, by: timedelta) -> datetime:
    """``instant + by``, stopping at the calendar's ends instead of overflowing."""
    try:
        return instant + by
    except OverflowError:
        return LATEST if by > timedelta(0) else EARLIEST


def floor(instant: datetime, unit: Granularity) -> datetime:
    """The first instant of the calendar unit that holds ``instant``."""
    if unit is Granularity.HOUR:
        return instant.replace(minute=0, second=0, microsecond=0)
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit is Granularity.WEEK:
        return shift(midnight, -timedelta(days=midnight.weekday()))
    if unit is Granularity.MONTH:
        return midnight.replace(day=1)
    if unit is Granularity.YEAR:
        return midnight.replace(month=1, day=1)
    return midnight


def following(instant: datetime, unit: Granularity) -> datetime:
    """The first instant of the calendar unit after the one that holds ``instant``."""
    # The longest unit of each kind lands in the next one or early in it: its floor is the answer.
    later = shift(floor(instant, unit), _LONGEST[unit])
    return later if later == LATEST else floor(later, unit)


def a_year_later(midnight: datetime) -> datetime:
    """The same calendar day next year; 1 March for 29 February, whose year is 366 days long."""
    if midnight.year == LATEST.year:
        return LATEST
    if (midnight.month, midnight.day) == (2, 29):
        return midnight.replace(year=midnight.year + 1, month=3, day=1)
    return midnight.replace(year=midnight.year + 1)


def a_year_earlier(instant: datetime) -> datetime:
    """The same instant of last year; 28 February for 29 February."""
    if (instant.month, instant.day) == (2, 29):
        instant = instant.replace(day=28)
    return instant.replace(year=max(instant.year - 1, 1))
