"""Walking the pages: every row once, in order, and no cursor but our own for the query it is of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.vendors.metronome.behaviour import WINDOWS_PER_PAGE
from tests.vendors.metronome.asking import (
    customer,
    meter,
    pages,
    query,
    rows,
)
from tests.wire import Simulated, simulate

METERS = ["api_calls", "bandwidth", "emails", "cpu_hours", "storage", "faxes"]
CUSTOMERS = ["northwind", "larkspur", "heron", "bluefin"]


def identity(row: Any) -> tuple[str, str, str]:
    return row["customer_id"], row["billable_metric_id"], row["start_timestamp"]


def chosen(sim: Simulated, customers: list[str], meters: list[str]) -> Any:
    return {
        "customer_ids": [customer(sim, key) for key in customers],
        "billable_metrics": [{"id": meter(sim, key)} for key in meters],
    }


@settings(max_examples=25)
@given(
    days=st.integers(1, 30),
    size=st.sampled_from(["hour", "day", "none"]),
    customers=st.lists(st.sampled_from(CUSTOMERS), unique=True, max_size=3),
    meters=st.lists(st.sampled_from(METERS), unique=True, max_size=3),
)
def test_metronome_08_a_walk_yields_every_row_exactly_once(
    days: int, size: str, customers: list[str], meters: list[str]
) -> None:
    sim, start = simulate(), date(2026, 2, 25)
    body = query(start, start + timedelta(days), size, **chosen(sim, customers, meters))
    found = rows(sim, body)
    windows = {"hour": 24 * days, "day": days, "none": 1}[size]
    assert len(set(map(identity, found))) == len(found)
    assert len(found) == len(customers) * len(meters) * windows


@settings(max_examples=15)
@given(days=st.integers(1, 420), size=st.sampled_from(["hour", "day", "none"]))
def test_metronome_09_rows_are_ordered_and_a_page_holds_one_pair_in_200_windows(
    days: int, size: str
) -> None:
    sim, start = simulate(), date(2025, 2, 25)
    span = timedelta(days if size != "hour" else days // 20 + 1)
    body = query(start, start + span, size, **chosen(sim, CUSTOMERS[:3], METERS[:3]))
    walked = list(pages(sim, body))
    found = [row for page in walked for row in page["data"]]
    assert found == sorted(found, key=identity)
    for page in walked:
        assert 0 < len(page["data"]) <= WINDOWS_PER_PAGE
        assert len({identity(row)[:2] for row in page["data"]}) == 1
    full = len([page for page in walked if len(page["data"]) == WINDOWS_PER_PAGE])
    assert len(walked) - full <= 9  # at most one of each pair is not full


@pytest.mark.parametrize(
    ("days", "count"), [(1, 1), (200, 1), (201, 2), (400, 2), (401, 3), (365 * 3, 6)]
)
def test_metronome_09_the_pages_of_a_pair_are_200_windows_each(days: int, count: int) -> None:
    sim, start = simulate(), date(2023, 1, 1)
    body = query(start, start + timedelta(days), **chosen(sim, ["heron"], ["emails"]))
    assert [len(page["data"]) for page in pages(sim, body)][:-1] == [200] * (count - 1)


def test_metronome_08_three_years_of_hours_are_walked_to_the_end() -> None:
    sim = simulate()
    body = query(
        *(date(2023, 3, 1), date(2026, 3, 1), "hour"), **chosen(sim, ["larkspur"], ["api_calls"])
    )
    found = rows(sim, body)
    starts = [row["start_timestamp"] for row in found]
    assert len(found) == len(set(starts)) == (366 + 2 * 365) * 24
    assert starts == sorted(starts)
    assert (found[-1]["end_timestamp"], found[0]["value"]) == ("2026-03-01T00:00:00Z", None)
