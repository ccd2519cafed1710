"""The windows of a span, and what is counted in each."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.instants import parse_instant
from metersim.billing.quantity import total
from tests.vendors.metronome.asking import (
    NORTHWIND,
    meter,
    pages,
    query,
    rows,
    simulate_yaml,
)
from tests.wire import simulate

PER_DAY = {"hour": 24, "day": 1}
ADDITIVE = ["api_calls", "bandwidth", "emails", "token_used", "cpu_hours", "exports", "faxes"]

# Spans around the scenario's present, some of which lie before any usage or after now.
starts = st.dates(date(2025, 12, 20), date(2026, 3, 20))
lengths = st.integers(1, 9)


def by_pair(found: list[Any]) -> dict[tuple[str, str], list[Any]]:
    pairs = defaultdict(list)
    for row in found:
        pairs[row["customer_id"], row["billable_metric_id"]].append(row)
    return pairs


def bounds(row: Any) -> tuple[str, str]:
    return row["start_timestamp"], row["end_timestamp"]


def summed(found: list[Any]) -> Decimal | None:
    values = [Decimal(row["value"]) for row in found if row["value"] is not None]
    return total(values) if values else None


@settings(max_examples=15)
@given(start=starts, days=lengths, size=st.sampled_from(["hour", "day"]))
def test_metronome_06_windows_are_contiguous_and_fill_the_span(
    start: date, days: int, size: str
) -> None:
    sim, end = simulate(), start + timedelta(days)
    pairs = by_pair(rows(sim, query(start, end, size)))
    assert len(pairs) == 4 * 12
    for windows in pairs.values():
        assert len(windows) == days * PER_DAY[size]
        assert bounds(windows[0])[0] == f"{start}T00:00:00Z"
        assert bounds(windows[-1])[1] == f"{end}T00:00:00Z"
        assert all(bounds(one)[1] == bounds(next_one)[0] for one, next_one in pairwise(windows))
        for begin, past in map(bounds, windows):
            length = parse_instant(past) - parse_instant(begin)
            assert length == timedelta(hours=24 // PER_DAY[size])


@pytest.mark.parametrize("end", ["2026-03-02", "2026-03-20", "9999-12-31"])
def test_metronome_06_none_is_one_window_with_the_bounds_asked_for(end: str) -> None:
    body = query("2026-03-01T02:00:00+02:00", f"{end}T00:00:00.000Z", "none")
    pairs = by_pair(rows(simulate(), body))
    assert len(pairs) == 4 * 12
    for windows in pairs.values():
        assert list(map(bounds, windows)) == [("2026-03-01T00:00:00Z", f"{end}T00:00:00Z")]


AT_THE_EDGES = """
clock: 2026-03-04
meters: {m: {}}
customers: {c: {}}
events:
  - {at: 2026-03-01T23:59:59.999999Z, customer: c, event: m, quantity: 1}
  - {at: 2026-03-02, customer: c, event: m, quantity: 20}
  - {at: 2026-03-02T23:59:59.999999Z, customer: c, event: m, quantity: 300}
  - {at: 2026-03-03, customer: c, event: m, quantity: 4000}
"""


def test_metronome_06_a_window_has_its_start_and_not_its_end(tmp_path: Path) -> None:
    sim = simulate_yaml(tmp_path, AT_THE_EDGES)
    by_day = rows(sim, query(date(2026, 3, 1), date(2026, 3, 4)))
    assert [row["value"] for row in by_day] == [1, 320, 4000]
    (one,) = rows(sim, query(date(2026, 3, 2), date(2026, 3, 3), "none"))
    assert one["value"] == 320
    by_hour = rows(sim, query(date(2026, 3, 2), date(2026, 3, 3), "hour"))
    assert [row["value"] for row in by_hour] == [20, *[None] * 22, 300]


@pytest.mark.parametrize("size", ["hour", "day", "none"])
def test_metronome_06_the_calendar_has_no_edge_to_fall_off(size: str) -> None:
    sim = simulate()
    metric = [{"id": meter(sim, "seats")}]
    for first, last in (("0001-01-01", "0001-01-03"), ("9999-12-29", "9999-12-31")):
        body = query(f"{first}T00:00:00Z", f"{last}T00:00:00Z", size, billable_metrics=metric)
        windows = by_pair(rows(sim, body))[NORTHWIND, metric[0]["id"]]
        assert (bounds(windows[0])[0], bounds(windows[-1])[1]) == (
            f"{first}T00:00:00Z",
            f"{last}T00:00:00Z",
        )
        assert {row["value"] for row in windows} == {None}


@pytest.mark.parametrize("size", ["hour", "day"])
def test_metronome_06_all_of_time_is_answered_page_by_page(size: str) -> None:
    body = query("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", size)
    first = [row for page in islice(pages(simulate(), body), 3) for row in page["data"]]
    assert len(first) == 600
    assert len(by_pair(first)) == 1


@settings(max_examples=15)
@given(start=starts, days=lengths, key=st.sampled_from(ADDITIVE))
def test_metronome_07_hours_add_up_to_days_and_days_to_the_whole(
    start: date, days: int, key: str
) -> None:
    sim, end = simulate(), start + timedelta(days)
    metric = [{"id": meter(sim, key)}]
    hourly, daily, whole = (
        by_pair(rows(sim, query(start, end, size, billable_metrics=metric)))
        for size in ("hour", "day", "none")
    )
    for pair, (row,) in whole.items():
        assert summed(daily[pair]) == row["value"]
        for number, day in enumerate(daily[pair]):
            assert summed(hourly[pair][24 * number : 24 * number + 24]) == day["value"]


@settings(max_examples=15)
@given(start=starts, days=st.integers(2, 60), data=st.data())
def test_metronome_07_a_span_cut_in_two_adds_up_to_itself(
    start: date, days: int, data: st.DataObject
) -> None:
    sim, end = simulate(), start + timedelta(days)
    cut = start + timedelta(data.draw(st.integers(1, days - 1)))
    metrics = [{"id": meter(sim, key)} for key in ADDITIVE]
    whole, left, right = (
        by_pair(rows(sim, query(*span, "none", billable_metrics=metrics)))
        for span in ((start, end), (start, cut), (cut, end))
    )
    for pair, (row,) in whole.items():
        assert summed([*left[pair], *right[pair]]) == row["value"]
