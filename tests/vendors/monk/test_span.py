"""Which usage lies between two dates, and how the dates come back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.instants import parse_instant, to_milliseconds
from metersim.billing.quantity import add
from tests.vendors.monk.asking import (
    ACME,
    INSTANTS,
    ask,
    assert_refused,
    at,
    cost,
    small_world,
)
from tests.wire import simulate

BOUNDS = ["startDate", "endDate"]


@pytest.mark.parametrize("bound", BOUNDS)
def test_monk_03_a_missing_date_is_refused_by_name(bound: str) -> None:
    assert_refused(ask(simulate(), **{bound: None}), 400, "BAD_REQUEST", f"{bound}: is required")


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize(
    "wrong",
    [
        "2026-03-01",
        "2026-03-01T00:00:00",
        "2026-03-01T00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "0000-03-01T00:00:00Z",
        "march",
        "",
        1772323200,
        True,
    ],
)
def test_monk_03_what_is_no_date_time_is_refused_by_name(bound: str, wrong: object) -> None:
    assert_refused(ask(simulate(), **{bound: wrong}), 400, "BAD_REQUEST", f"{bound}: ")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-02T00:00:00Z", "2026-03-02T00:00:01Z", "0.1005"),
        ("2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z", "0"),
        ("2026-03-02T00:00:01Z", "2026-03-02T12:00:00Z", "0"),
        ("2026-03-02T00:00:00.000001Z", "2026-03-02T12:00:00Z", "0"),
        ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00.000001Z", "0.1005"),
    ],
)
def test_monk_04_the_start_counts_and_the_end_does_not(
    tmp_path: Path, start: str, end: str, expected: str
) -> None:
    total = cost(small_world(tmp_path), customerId=ACME, startDate=start, endDate=end)
    assert total == Decimal(expected)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"),
        # One instant, written in two time zones.
        ("2026-03-01T02:00:00+02:00", "2026-03-01T00:00:00Z"),
    ],
)
def test_monk_05_a_span_that_is_empty_or_runs_backwards_is_refused(start: str, end: str) -> None:
    answer = ask(simulate(), startDate=start, endDate=end)
    assert_refused(answer, 400, "BAD_REQUEST", "startDate", "must be before endDate", start, end)


@settings(max_examples=25)
@given(st.lists(INSTANTS, min_size=3, max_size=3, unique=True))
def test_monk_13_a_split_of_the_range_splits_the_total(instants: list[datetime]) -> None:
    simulator = simulate()
    start, middle, end = (at(each) for each in sorted(instants))
    parts = [
        cost(simulator, startDate=start, endDate=middle),
        cost(simulator, startDate=middle, endDate=end),
    ]
    assert add(*parts) == cost(simulator, startDate=start, endDate=end)


@settings(max_examples=25)
@given(st.lists(INSTANTS, min_size=2, max_size=2, unique=True))
def test_monk_17_the_dates_come_back_in_milliseconds(instants: list[datetime]) -> None:
    start, end = (at(each) for each in sorted(instants))
    data = ask(simulate(), startDate=start, endDate=end).data
    assert data["startDate"] == to_milliseconds(parse_instant(start))
    assert data["endDate"] == to_milliseconds(parse_instant(end))


def test_monk_17_the_dates_come_back_in_utc() -> None:
    data = ask(
        simulate(), startDate="2026-03-01T01:30:00+02:00", endDate="2026-03-31t23:59:59.9876-00:00"
    ).data
    assert data["startDate"] == "2026-02-28T23:30:00.000Z"
    assert data["endDate"] == "2026-03-31T23:59:59.987Z"


def test_monk_17_the_query_is_dated_by_the_clock(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    assert ask(simulator, customerId=ACME).data["queriedAt"] == "2026-03-30T12:00:00.250Z"
    simulator.clock.advance(days=1)
    assert ask(simulator, customerId=ACME).data["queriedAt"] == "2026-03-31T12:00:00.250Z"


def test_monk_18_nothing_used_costs_nothing() -> None:
    answer = ask(simulate(), startDate="2020-01-01T00:00:00Z", endDate="2021-01-01T00:00:00Z")
    assert (answer.status, answer.data["totalAmount"]) == (200, 0)
    assert '"totalAmount":0,' in answer.text


def test_world_05_what_is_to_come_costs_nothing_until_the_clock_is_there() -> None:
    simulator = simulate()
    tomorrow = {"startDate": "2026-03-19T00:00:00Z", "endDate": "2026-03-20T00:00:00Z"}
    assert cost(simulator, **tomorrow) == 0
    simulator.clock.advance(days=2)
    assert cost(simulator, **tomorrow) > 0
