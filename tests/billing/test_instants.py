"""Instants are in UTC and to the microsecond; what is none is refused, what is written is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.instants import (
    parse_date,
    parse_date_or_instant,
    parse_duration,
    parse_instant,
    to_milliseconds,
    to_seconds,
)

instants = st.datetimes(timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T00:00:00Z", "2026-03-01"),
        ("2026-03-01t00:00:00z", "2026-03-01"),
        ("2026-03-01T01:30:00+01:30", "2026-03-01"),
        ("2026-02-28T22:00:00-02:00", "2026-03-01"),
        ("2026-03-01T00:00:00-00:00", "2026-03-01"),
        ("2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500000"),
        ("2024-02-29T23:59:59.123456789Z", "2024-02-29T23:59:59.123456"),
        ("0001-01-01T00:00:00Z", "0001-01-01"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999"),
    ],
)
def test_a_date_time_with_its_offset_is_an_instant_in_utc(text: str, instant: str) -> None:
    assert parse_instant(text) == at(instant)
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T00:00:00",
        "2026-03-01 00:00:00Z",
        "2026-03-01T00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-W10-1T00:00:00Z",
        "20260301T000000Z",
        "2026-03-01T00:00:60Z",
        "2026-03-01T00:00:00,5Z",
        "2026-03-01T00:00:00.Z",
        "2026-03-01T00:00:00+0100",
        "2026-03-01T00:00:00+24:00",
        "2026-03-01T00:00:00Z\n",
        "٢٠٢٦-03-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_what_is_no_rfc_3339_date_time_of_this_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an RFC 3339 date-time") as caught:
        parse_instant(text)
    assert repr(text) in str(caught.value)


@given(instants, st.timedeltas(-timedelta(hours=23), timedelta(hours=23)))
def test_an_instant_is_read_whatever_its_offset(instant: datetime, offset: timedelta) -> None:
    zone = timezone(timedelta(minutes=offset // timedelta(minutes=1)))
    try:
        local = instant.astimezone(zone)
    except OverflowError:
        return
    assert parse_instant(local.isoformat()) == instant


@given(instants)
def test_what_is_written_is_read_again_to_its_precision(instant: datetime) -> None:
    assert parse_instant(to_seconds(instant)) == instant.replace(microsecond=0)
    cut = instant.microsecond // 1_000 * 1_000
    assert parse_instant(to_milliseconds(instant)) == instant.replace(microsecond=cut)


def test_instants_are_written_with_z() -> None:
    assert to_seconds(at("2024-01-31T23:59:59.900000")) == "2024-01-31T23:59:59Z"
    assert to_milliseconds(at("2026-03-01T00:00:00")) == "2026-03-01T00:00:00.000Z"


@pytest.mark.parametrize("text", ["2024-02-29", "0001-01-01", "9999-12-31"])
def test_a_date_is_its_midnight_in_utc(text: str) -> None:
    assert parse_date(text) == parse_date_or_instant(text) == at(text)


@pytest.mark.parametrize(
    "text", ["", "2026-02-29", "2026-3-1", "20260301", "2026-W10-1", "2026/03/01", "2026-03-01\n"]
)
def test_another_form_of_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        parse_date(text)
    with pytest.raises(ValueError, match="."):
        parse_date_or_instant(text)


def test_a_date_time_may_stand_for_a_date() -> None:
    assert parse_date_or_instant("2026-03-01T09:30:00Z") == at("2026-03-01T09:30")


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P2D", timedelta(days=2)),
        ("PT36H", timedelta(hours=36)),
        ("PT0S", timedelta()),
        ("P1WT1M", timedelta(weeks=1, minutes=1)),
        ("P1W2DT3H4M5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
    ],
)
def test_a_duration_is_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "2D", "P-1D", "P1M", "P1Y", "PT1.5S", "p1d"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P9999999999D", f"PT{5_000 * '9'}S"])
def test_a_duration_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        parse_duration(text)
