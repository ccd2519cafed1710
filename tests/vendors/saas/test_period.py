"""Which span an answer covers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import add
from metersim.simulation.call import Request
from tests.vendors.saas.asking import BACKWARDS, PATH, ask, assert_refused, small_world, usage, used
from tests.wire import simulate

COUNTERS = st.sampled_from(["apiCalls", "bandwidth", "emails", "webhooks"])
# The clock of the default scenario stands at 2026-03-18; usage is retained for a year.
DAYS = st.dates(date(2025, 1, 1), date(2026, 5, 1))
SECONDS = st.datetimes(
    datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2026-05-01")
).map(lambda instant: instant.replace(microsecond=0))


def period(now: str | None = None, **query: str) -> tuple[str, str]:
    found: Any = usage(simulate(now=now), **query)["period"]
    return found["start"], found["end"]


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2024-02-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z"),
        ("2024-02-29T23:59:59.999Z", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z"),
        ("2026-12-18T09:30:00Z", "2026-12-01T00:00:00Z", "2026-12-31T23:59:59Z"),
        ("9999-12-31T12:00:00Z", "9999-12-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_saas_03_without_dates_the_current_month_is_meant(now: str, start: str, end: str) -> None:
    assert period(now) == (start, end)


def test_saas_03_the_period_goes_with_the_clock() -> None:
    simulator = simulate()
    simulator.clock.advance(days=14)
    assert usage(simulator)["period"]["start"] == "2026-04-01T00:00:00Z"


@settings(max_examples=25)
@given(DAYS, st.integers(1, 400))
def test_saas_04_days_come_back_from_first_to_last_second(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    asked = {"startDate": str(start), "endDate": str(end)}
    assert period(**asked) == (f"{start}T00:00:00Z", f"{end}T23:59:59Z")


@settings(max_examples=25)
@given(SECONDS, st.integers(1, 10**7))
def test_saas_04_a_period_sent_back_selects_the_same(start: datetime, seconds: int) -> None:
    end = start + timedelta(seconds=seconds)
    bounds = f"{start.isoformat()}Z", f"{end.isoformat()}Z"
    assert period(startDate=bounds[0], endDate=bounds[1]) == bounds


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"startDate": "2026-03-10"}, ("2026-03-10T00:00:00Z", "2026-03-31T23:59:59Z")),
        ({"startDate": "2025-11-30"}, ("2025-11-30T00:00:00Z", "2026-03-31T23:59:59Z")),
        ({"endDate": "2026-03-10"}, ("2026-03-01T00:00:00Z", "2026-03-10T23:59:59Z")),
        ({"endDate": "2027-01-01"}, ("2026-03-01T00:00:00Z", "2027-01-01T23:59:59Z")),
        ({"endDate": "2026-03-10T08:00:00Z"}, ("2026-03-01T00:00:00Z", "2026-03-10T08:00:00Z")),
        ({"endDate": "2026-03-10t08:00:00z"}, ("2026-03-01T00:00:00Z", "2026-03-10T08:00:00Z")),
        ({"endDate": "9999-12-31"}, ("2026-03-01T00:00:00Z", "9999-12-31T23:59:59Z")),
        (
            {"startDate": "2026-03-10t02:00:00.750+02:00", "endDate": "2026-03-11"},
            ("2026-03-10T00:00:00Z", "2026-03-11T23:59:59Z"),
        ),
    ],
)
def test_saas_04_one_bound_is_enough_and_either_may_be_a_date_time(
    asked: dict[str, str], expected: tuple[str, str]
) -> None:
    assert period(**asked) == expected


def test_saas_04_the_seconds_of_both_bounds_count_in_full(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)  # where 17 calls are made half a second after 12:30:15
    bounds = {"startDate": "2024-03-05T12:30:15.9Z", "endDate": "2024-03-05T12:30:16Z"}
    assert used(simulator, "apiCalls", **bounds) == 17
    bounds = {"startDate": "2024-03-05T12:30:14Z", "endDate": "2024-03-05T12:30:15.1Z"}
    assert used(simulator, "apiCalls", **bounds) == 17
    bounds = {"startDate": "2024-03-05T12:30:16Z", "endDate": "2024-03-05T12:30:17Z"}
    assert used(simulator, "apiCalls", **bounds) == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"startDate": "2026-03-02", "endDate": "2026-03-01"},
        {"startDate": "2026-03-01", "endDate": "2026-03-01"},
        {"startDate": "2026-03-01", "endDate": "2026-03-01T00:00:00Z"},
        {"startDate": "2026-03-01T00:00:00.2Z", "endDate": "2026-03-01T00:00:00.7Z"},
        {"startDate": "2026-03-01T12:00:00Z", "endDate": "2026-03-01"},
        {"startDate": "2026-04-01"},
        {"startDate": "2026-03-31T23:59:59Z"},
        {"endDate": "2026-03-01"},
        {"endDate": "2026-02-28"},
    ],
)
def test_saas_05_a_start_that_is_not_before_the_end_is_refused(asked: dict[str, str]) -> None:
    answer = ask(simulate(), **asked)
    assert_refused(answer, 400, "BAD_REQUEST")
    assert answer.data["error"]["message"] == BACKWARDS


@pytest.mark.parametrize("bound", ["startDate", "endDate"])
@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "2024-02-30",
        "2024-W05-1",
        "2024-1-1",
        "01/31/2024",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z",
        "0000-01-01",
        "1706659200",
        "yesterday",
    ],
)
def test_saas_06_what_is_no_date_is_refused_by_name(bound: str, wrong: str) -> None:
    assert_refused(ask(simulate(), **{bound: wrong}), 400, "BAD_REQUEST", bound)


def test_saas_06_a_date_given_twice_is_refused() -> None:
    headers = {"authorization": "Bearer metersim-token"}
    query = "startDate=2026-03-01&startDate=2026-03-02"
    answer = simulate().send(Request("GET", f"/saas{PATH}", query, headers))
    assert_refused(answer, 400, "BAD_REQUEST", "startDate")


@settings(max_examples=25)
@given(COUNTERS, DAYS, st.integers(1, 200), st.integers(2, 200))
def test_saas_18_adjacent_spans_of_days_add_up(
    metric: str, start: date, first: int, second: int
) -> None:
    assert_adds_up(metric, start, timedelta(days=1), first, second)


@settings(max_examples=25)
@given(COUNTERS, SECONDS, st.integers(1, 10**7), st.integers(2, 10**7))
def test_saas_18_adjacent_spans_of_seconds_add_up(
    metric: str, start: datetime, first: int, second: int
) -> None:
    assert_adds_up(metric, start, timedelta(seconds=1), first, second)


def assert_adds_up(
    metric: str, start: date | datetime, unit: timedelta, first: int, second: int
) -> None:
    """Spans of so many units and one more; each ends a unit before the next begins."""
    simulator = simulate()
    last, end = start + first * unit, start + (first + second) * unit
    bounds = [(start, last), (last + unit, end), (start, end)]
    one, two, both = (
        used(simulator, metric, startDate=spelt(since), endDate=spelt(until))
        for since, until in bounds
    )
    assert add(Decimal(one), Decimal(two)) == both


def spelt(bound: date | datetime) -> str:
    return f"{bound.isoformat()}Z" if isinstance(bound, datetime) else bound.isoformat()
