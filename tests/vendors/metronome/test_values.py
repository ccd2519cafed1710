"""What the value of a window says: nothing, zero, or an exact number."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.vendors.metronome.asking import (
    LARKSPUR,
    NORTHWIND,
    customer,
    meter,
    query,
    rows,
    simulate_yaml,
)
from tests.wire import simulate


def test_metronome_14_no_usage_is_null_and_usage_that_cancels_out_is_0() -> None:
    sim = simulate()
    only: Any = {
        "customer_ids": [customer(sim, "heron")],
        "billable_metrics": [{"id": meter(sim, "emails")}],
    }
    daily = rows(sim, query(date(2026, 3, 4), date(2026, 3, 7), **only))
    assert [row["value"] for row in daily] == [None, 0, None]
    hourly = rows(sim, query(date(2026, 3, 5), date(2026, 3, 6), "hour", **only))
    assert [row["value"] for row in hourly] == [*[None] * 10, 0, *[None] * 13]


def test_metronome_14_customers_without_any_usage_have_rows_of_null() -> None:
    sim = simulate()
    body = query(date(2026, 3, 1), date(2026, 3, 4), customer_ids=[LARKSPUR])
    body["billable_metrics"] = [{"id": meter(sim, "active_users")}]
    assert [row["value"] for row in rows(sim, body)] == [None] * 3


TENTHS = """
clock: 2026-03-02
meters: {m: {}, wide: {}}
customers: {c: {}}
usage:
  - {customer: c, event: m, from: 2026-03-01, until: 2026-03-01T10:00:00Z, amount: 0.1, unit: 0.1}
events:
  - {at: 2026-02-01, customer: c, event: m, quantity: 0.1}
  - {at: 2026-02-01, customer: c, event: m, quantity: 0.2}
  - {at: 2026-02-01, customer: c, event: wide, quantity: 9007199254740993}
  - {at: 2026-02-01, customer: c, event: wide, quantity: 0.000000000000000001}
"""


@pytest.mark.parametrize(
    ("key", "start", "spelt"),
    [
        ("m", date(2026, 3, 1), "1"),
        ("m", date(2026, 2, 1), "0.3"),
        ("wide", date(2026, 2, 1), "9007199254740993.000000000000000001"),
    ],
)
def test_metronome_23_sums_are_exact_decimals_to_the_wire(
    tmp_path: Path, key: str, start: date, spelt: str
) -> None:
    sim = simulate_yaml(tmp_path, TENTHS)
    body = query(start, start + timedelta(1), billable_metrics=[{"id": meter(sim, key)}])
    answer = sim.caller("metronome").post("/v1/usage", body)
    assert f'"value":{spelt}}}' in answer.text


def test_the_running_day_counts_up_to_now_and_grows_with_the_clock() -> None:
    sim = simulate(now="2026-03-18T09:30:00Z")
    body = query(
        *(date(2026, 3, 18), date(2026, 3, 20), "hour"),
        billable_metrics=[{"id": meter(sim, "api_calls")}],
        customer_ids=[NORTHWIND],
    )
    before = [row["value"] for row in rows(sim, body)]
    assert None not in before[:10]
    assert before[10:] == [None] * 38
    sim.clock.advance(hours=1)
    after = [row["value"] for row in rows(sim, body)]
    assert after[:10] == before[:10]
    assert after[10] > 0
    assert after[11:] == [None] * 37
