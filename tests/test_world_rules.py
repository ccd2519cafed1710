"""The laws of the one world behind all vendors, held from outside, over every vendor's own wire."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import add, exact, multiply, total
from metersim.scenario import load_scenario
from metersim.simulation.sessions import Sessions
from metersim.world.changes import ClockSet, UsageRecorded
from tests.transcript import READS, REFUSALS, WRITES, Wire, simulator, transcript
from tests.vendors.metronome import asking as metronome
from tests.views import (
    LIST_PRICES,
    METERS,
    RECORDERS,
    metronome_value,
    mkio_quantity,
    monk_amount,
    record,
    saas_used,
)
from tests.wire import Simulated, simulate

pytestmark = pytest.mark.inside

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
MARCH = date(2026, 3, 1), date(2026, 4, 1)
MIDNIGHT = date(2026, 3, 18)

meters = st.sampled_from(sorted(METERS))
quantities = st.decimals(0, 10**6, places=6)
days = st.dates(date(2025, 11, 1), date(2026, 3, 20))
cuts = st.lists(days, min_size=2, max_size=5, unique=True).map(sorted)


# -- WORLD-01


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(sorted(RECORDERS)), meters, quantities), max_size=4))
def test_world_01_all_vendors_show_the_same_quantity(
    facts: list[tuple[str, str, Decimal]],
) -> None:
    sim = simulate()
    opened = {meter: metronome_value(sim, meter, *MARCH) for meter in METERS}
    for vendor, meter, quantity in facts:
        assert RECORDERS[vendor](sim, meter, quantity).status < 300
    for meter, before in opened.items():
        quantity = add(before, total(each for _, name, each in facts if name == meter))
        assert metronome_value(sim, meter, *MARCH) == quantity
        assert saas_used(sim, meter, *MARCH) == quantity
        assert mkio_quantity(sim, meter, *MARCH) == quantity
        assert monk_amount(sim, meter, *MARCH) == multiply(quantity, exact(LIST_PRICES[meter]))


@settings(max_examples=25)
@given(meters, cuts)
def test_world_01_all_vendors_show_the_same_quantity_in_any_span(
    meter: str, span: list[date]
) -> None:
    sim, first, after = simulate(), span[0], span[-1]
    quantity = metronome_value(sim, meter, first, after)
    assert saas_used(sim, meter, first, after) == quantity
    assert mkio_quantity(sim, meter, first, after) == quantity
    price = exact(LIST_PRICES[meter])
    assert monk_amount(sim, meter, first, after) == multiply(quantity, price)


# -- WORLD-02


def replayed(scenario: str, seed: int, hash_seed: int) -> bytes:
    """The transcript as a process of its own prints it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.transcript", scenario, str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("scenario", ["default", "tiers", "high-cardinality"])
def test_world_02_two_processes_answer_with_the_same_bytes(scenario: str) -> None:
    here = transcript(scenario, seed=1)
    assert b"\n500\r\n" not in here
    assert replayed(scenario, seed=1, hash_seed=1) == here
    assert replayed(scenario, seed=1, hash_seed=2) == here


@pytest.mark.parametrize("scenario", ["default", "tiers", "high-cardinality"])
def test_world_02_another_seed_gives_another_world(scenario: str) -> None:
    assert transcript(scenario, seed=1) != transcript(scenario, seed=2)


# -- WORLD-03


def test_world_03_a_session_answers_as_if_it_were_alone() -> None:
    alone = Wire(simulator(), "one").calls(READS, WRITES, READS)
    both = simulator()
    one, two = Wire(both, "one"), Wire(both, "two")
    interleaved = []
    for call in (*READS, *WRITES, *READS):
        interleaved.append(one.call(*call))
        two.calls(WRITES, REFUSALS)
        two.call("POST", "__admin/reset")
        two.calls(WRITES)
    assert interleaved == alone


def test_world_03_sessions_answer_alike_until_they_are_used_differently() -> None:
    both = simulator()
    one, two = Wire(both, "one"), Wire(both, "two")
    assert one.calls(READS, WRITES) == two.calls(READS, WRITES)
    one.calls(WRITES)
    assert one.calls(READS) != two.calls(READS)


def test_world_03_deleting_a_session_leaves_the_others() -> None:
    both = simulator()
    one, two = Wire(both, "one"), Wire(both, "two")
    one.calls(WRITES)
    two.calls(WRITES)
    expected = Wire(simulator(), "one").calls(WRITES, READS)[len(WRITES) :]
    two.call("DELETE", "__admin/sessions", {"name": "two"})
    assert one.calls(READS) == expected


# -- WORLD-04


@settings(max_examples=10)
@given(st.lists(st.sampled_from([*READS, *REFUSALS, *WRITES]), max_size=12))
def test_world_04_a_reset_session_answers_like_a_fresh_one(
    calls: list[tuple[str, str, object]],
) -> None:
    server = simulator()
    used = Wire(server, "one")
    used.calls(tuple(calls))
    used.call("POST", "__admin/reset")
    assert used.calls(READS, WRITES, READS) == Wire(server, "two").calls(READS, WRITES, READS)


class Untouchable:
    """Stands for something of any size; to look at it in any way is an error."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"looked at the scenario: {name}")

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("walked through the scenario")

    def __len__(self) -> int:
        raise AssertionError("measured the scenario")

    def __getitem__(self, key: object) -> Any:
        raise AssertionError(f"looked up {key!r} in the scenario")


def test_world_04_neither_opening_nor_resetting_looks_at_the_scenario() -> None:
    opening = load_scenario("default").open()
    # What these hold is as large as the scenario; the rest is its name, its seed and its clock.
    sized = {f.name for f in fields(opening)} - {"scenario", "seed", "now", "rate", "real_time"}
    hidden: dict[str, Any] = dict.fromkeys(sized, Untouchable())
    sessions = Sessions(replace(opening, **hidden))
    session = sessions.get("any")
    world = session.world
    world.apply(
        UsageRecorded("api_calls", "northwind", None, NOW, NOW, NOW, {"quantity": Decimal(1)})
    )
    world.apply(ClockSet(NOW + timedelta(days=1)))
    session.reset()
    assert (world.recorded, list(world.changes), world.now) == ([], [], NOW)
    assert world.opening is sessions.usual.opening is sessions.get("other").world.opening


# -- WORLD-05


def hourly(sim: Simulated) -> dict[datetime, Any]:
    """Northwind's calls on the two days around now, hour by hour, as Metronome shows them."""
    query = metronome.query(
        MIDNIGHT,
        MIDNIGHT + timedelta(days=2),
        "hour",
        customer_ids=[metronome.NORTHWIND],
        billable_metrics=[{"id": metronome.meter(sim, "api_calls")}],
    )
    return {
        datetime.fromisoformat(row["start_timestamp"]): row["value"]
        for row in metronome.rows(sim, query)
    }


@settings(max_examples=25)
@given(st.integers(0, 40 * 60))
def test_world_05_nothing_after_now_exists_until_the_clock_gets_there(minutes: int) -> None:
    sim = simulate()
    before = hourly(sim)
    sim.clock.set((NOW + timedelta(minutes=minutes)).isoformat())
    after = hourly(sim)
    assert all((before[hour] is not None) == (hour <= NOW) for hour in before)
    assert all((after[hour] is not None) == (hour <= sim.clock.now) for hour in after)
    assert all(after[hour] == before[hour] for hour in before if hour <= NOW)


def totals(sim: Simulated) -> list[Decimal]:
    views: list[Callable[[Simulated, str, date, date], Decimal]]
    views = [metronome_value, saas_used, mkio_quantity, monk_amount]
    return [view(sim, "api_calls", *MARCH) for view in views]


def test_world_05_no_vendor_shows_more_before_the_clock_moves_and_every_one_does_after() -> None:
    sim = simulate()
    before = totals(sim)
    assert totals(sim) == before
    sim.clock.advance(minutes=29)
    assert totals(sim) == before
    sim.clock.advance(minutes=1)
    assert all(new > old for new, old in zip(totals(sim), before, strict=True))


def test_world_05_what_was_recorded_is_gone_when_the_clock_goes_back() -> None:
    sim = simulate()
    opened = totals(sim)
    sim.clock.advance(minutes=20)
    record(sim, "api_calls", 5)
    sim.clock.set("2026-03-18T09:49:59.999Z")
    assert totals(sim) == opened
    sim.clock.set("2026-03-18T09:50:00Z")
    assert totals(sim) > opened


def test_world_05_the_clock_stands_still_whatever_is_asked() -> None:
    wire = Wire(simulator(), "one")
    clock = wire.call("GET", "__admin/clock")
    wire.calls(READS, REFUSALS)
    assert wire.call("GET", "__admin/clock") == clock
