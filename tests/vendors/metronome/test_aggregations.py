"""A maximum, a latest value and a number of distinct ones are those of the window itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vendors.metronome.asking import NORTHWIND, meter, query, rows, simulate_yaml
from tests.wire import simulate

NOW = datetime(2026, 3, 1, tzinfo=UTC)
# One event, counted in every way.
WORLD = """
clock: 2026-03-01
meters:
  peak: {events: [load], aggregation: MAX}
  level: {events: [load], aggregation: LATEST}
  distinct: {events: [load], aggregation: UNIQUE}
  count: {events: [load], aggregation: COUNT}
customers: {acme: {emails: [me@acme.example]}}
projects: {site: {id: proj_site, customer: acme}}
"""
Recorded: TypeAlias = tuple[int, Decimal]

# Hours since the one before, and how much.
loads = st.lists(
    st.tuples(st.sampled_from([0, 1, 5, 24]), st.integers(0, 8).map(lambda n: Decimal(n) / 2)),
    max_size=8,
)
VALUES: dict[str, Callable[[Sequence[Decimal]], Any]] = {
    "peak": max,
    "level": lambda amounts: amounts[-1],
    "distinct": lambda amounts: len(set(amounts)),
    "count": len,
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads, st.sampled_from(["hour", "day", "none"]))
def test_metronome_24_each_window_has_the_value_of_what_was_recorded_within_it(
    tmp_path: Path, recorded: list[Recorded], size: str
) -> None:
    sim, facts = simulate_yaml(tmp_path, WORLD), list[tuple[datetime, Decimal]]()
    for hours, amount in recorded:
        if hours:
            sim.clock.advance(hours=hours)
        body = {"email": "me@acme.example", "metric": "load", "quantity": amount}
        path = "/api/billing/public/projects/proj_site/usage"
        assert sim.caller("mudbase", None).post(path, body).status == 200
        facts.append((sim.clock.now, amount))
    names = {each["id"]: each["key"] for each in sim.state["meters"]}
    found = rows(sim, query(date(2026, 3, 1), date(2026, 3, 10), size))
    assert len(found) == len(VALUES) * {"hour": 9 * 24, "day": 9, "none": 1}[size]
    for row in found:
        start, end = (
            datetime.fromisoformat(row[name]) for name in ("start_timestamp", "end_timestamp")
        )
        within = [amount for at, amount in facts if start <= at < end]
        expected = VALUES[names[row["billable_metric_id"]]](within) if within else None
        assert row["value"] == expected


@pytest.mark.parametrize(
    ("key", "smaller"), [("peak_streams", max), ("storage", lambda values: values[-1])]
)
def test_metronome_24_a_day_is_no_sum_of_its_hours(
    key: str, smaller: Callable[[list[Decimal]], Decimal]
) -> None:
    sim = simulate()
    only = {"billable_metrics": [{"id": meter(sim, key)}]}

    def values(size: str, days: int) -> list[Decimal]:
        start = date(2026, 3, 2)
        found = rows(sim, query(start, start + timedelta(days), size, **only))
        return [row["value"] for row in found if row["value"] is not None]

    hours, days, whole = values("hour", 7), values("day", 7), values("none", 7)
    assert (len(days), len(whole)) == (7 * len(whole), len(whole))
    for number, value in enumerate(whole):
        assert value == smaller(days[7 * number : 7 * number + 7])
    assert set(whole) <= set(days) <= set(hours)


def test_metronome_24_a_user_of_two_days_is_one_user_of_both() -> None:
    sim = simulate()
    only = {
        "customer_ids": [NORTHWIND],
        "billable_metrics": [{"id": meter(sim, "active_users")}],
    }
    days = rows(sim, query(date(2026, 3, 3), date(2026, 3, 5), "day", **only))
    both = rows(sim, query(date(2026, 3, 3), date(2026, 3, 5), "none", **only))
    assert [row["value"] for row in (*days, *both)] == [2, 1, 2]
