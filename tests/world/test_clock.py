"""The clock stands, ticks or runs fast, by the machine's time and never by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.facts import Selection
from metersim.billing.instants import LATEST, TICK, Span
from metersim.billing.quantity import ZERO
from metersim.world.changes import ClockSet
from metersim.world.clock import FASTEST, Clock
from metersim.world.opening import Opening
from metersim.world.store import MemoryStore
from metersim.world.world import World
from tests.world.machine import MachineByHand
from tests.world.opened import NOW, opening, recorded

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
STANDING = opening()
TICKING = replace(STANDING, rate=Decimal(1))
FAST = replace(STANDING, rate=Decimal(60))

rates = st.decimals(0, FASTEST, places=7)
nanoseconds = st.integers(0, 10**12)


@pytest.fixture
def hand() -> MachineByHand:
    return MachineByHand(7)


def used(world: World) -> Decimal | None:
    return world.usage(world.opening.meters["calls"], Selection()).over(Span())


# -- the clock alone


def never() -> int:
    raise AssertionError("the machine was asked for its time")


def test_a_clock_that_stands_never_asks_the_machine() -> None:
    clock = Clock(NOW, ZERO, never)
    clock.set(NOW + HOUR, ZERO)
    clock.catch_up()
    assert (clock.now, clock.rate) == (NOW + HOUR, ZERO)


@given(st.lists(st.tuples(rates, nanoseconds)))
def test_it_moves_by_what_passes_times_the_rate_to_the_microsecond(
    stretches: list[tuple[Decimal, int]],
) -> None:
    hand = MachineByHand()
    clock = Clock(NOW, ZERO, hand.machine.nanoseconds)
    due = Fraction(0)
    for rate, passed in stretches:
        clock.set(clock.now, rate)
        hand.nanoseconds += passed
        clock.catch_up()
        due += Fraction(rate) * Fraction(passed, 1_000)
        assert clock.now == NOW + floor(due) * TICK


def test_it_moves_only_when_it_catches_up(hand: MachineByHand) -> None:
    clock = Clock(NOW, Decimal(60), hand.machine.nanoseconds)
    hand.passes(MINUTE)
    assert clock.now == NOW
    clock.catch_up()
    assert clock.now == NOW + HOUR


@pytest.mark.parametrize("to", [NOW - HOUR, NOW + HOUR, LATEST - HOUR])
def test_where_it_is_set_to_it_goes_on_at_the_rate_it_had(
    hand: MachineByHand, to: datetime
) -> None:
    clock = Clock(NOW, Decimal(60), hand.machine.nanoseconds)
    clock.set(to)
    hand.passes(SECOND)
    clock.catch_up()
    assert (clock.now, clock.rate) == (to + MINUTE, Decimal(60))


def test_what_passed_while_it_stood_is_not_made_up_for(hand: MachineByHand) -> None:
    clock = Clock(NOW, Decimal(1), hand.machine.nanoseconds)
    clock.set(clock.now, ZERO)
    hand.passes(HOUR)
    clock.catch_up()
    assert clock.now == NOW
    clock.set(clock.now, Decimal(1))
    hand.passes(SECOND)
    clock.catch_up()
    assert clock.now == NOW + SECOND


def test_what_passes_while_a_call_changes_the_rate_is_not_lost(hand: MachineByHand) -> None:
    clock = Clock(NOW, Decimal(1), hand.machine.nanoseconds)
    hand.passes(SECOND)
    clock.set(clock.now, Decimal(60))
    clock.catch_up()
    assert clock.now == NOW + MINUTE


def test_where_it_is_set_to_it_begins_a_whole_microsecond(hand: MachineByHand) -> None:
    clock = Clock(NOW, Decimal(1), hand.machine.nanoseconds)
    for nanoseconds in (999, 999, 1):
        assert clock.now == NOW
        clock.set(NOW + TICK)
        clock.set(NOW)
        hand.nanoseconds += nanoseconds
        clock.catch_up()
    assert clock.now == NOW


def test_at_the_calendars_end_it_stays_and_can_be_set_back(hand: MachineByHand) -> None:
    clock = Clock(NOW, FASTEST, hand.machine.nanoseconds)
    for _ in range(2):
        hand.passes(timedelta(days=365_000))
        clock.catch_up()
        assert clock.now == LATEST
    clock.set(NOW, Decimal(1))
    hand.passes(SECOND)
    clock.catch_up()
    assert clock.now == NOW + SECOND


# -- a world by the clock


def test_a_world_whose_clock_stands_opens_resets_and_is_asked_without_the_machine(
    hand: MachineByHand,
) -> None:
    world = World(STANDING, machine=replace(hand.machine, nanoseconds=never))
    world.catch_up()
    world.apply(recorded(1))
    world.reset()
    assert (world.now, world.rate) == (NOW, ZERO)


def test_usage_comes_into_being_as_the_clock_ticks(hand: MachineByHand) -> None:
    world = World(FAST, machine=hand.machine)
    assert used(world) == 15
    hand.passes(30 * SECOND - TICK)
    world.catch_up()
    assert used(world) == 15
    hand.passes(TICK)
    world.catch_up()
    assert (world.now, used(world)) == (NOW + 30 * MINUTE, Decimal(15 + 1))


def test_a_reset_puts_instant_and_rate_back(hand: MachineByHand) -> None:
    world = World(TICKING, machine=hand.machine)
    world.apply(ClockSet(NOW + HOUR, ZERO))
    hand.passes(HOUR)
    world.reset()
    assert (world.now, world.rate) == (NOW, Decimal(1))
    hand.passes(SECOND)
    world.catch_up()
    assert world.now == NOW + SECOND


def test_real_time_is_read_off_the_wall_once_and_again_on_reset(hand: MachineByHand) -> None:
    world = World(replace(TICKING, real_time=True, now=NOW - HOUR), machine=hand.machine)
    assert world.now == NOW
    hand.time_of_day = NOW - 24 * HOUR
    hand.passes(SECOND)
    world.catch_up()
    assert world.now == NOW + SECOND
    world.reset()
    assert world.now == NOW - 24 * HOUR


def test_the_machine_that_is_there_serves_real_time() -> None:
    world = World(replace(TICKING, real_time=True))
    opened = world.now
    world.catch_up()
    assert world.now >= opened > NOW - 365 * 24 * HOUR


# -- replay

Step: TypeAlias = Callable[[World, MachineByHand], None]


def passing(time: int) -> Step:
    def step(world: World, hand: MachineByHand) -> None:
        hand.nanoseconds += time
        world.catch_up()

    return step


def setting(hours: int, rate: Decimal | None) -> Step:
    return lambda world, _: world.apply(ClockSet(world.now + hours * HOUR, rate))


def recording(quantity: int) -> Step:
    return lambda world, _: world.apply(recorded(quantity, at=world.now))


steps = st.one_of(
    st.builds(passing, nanoseconds),
    st.builds(setting, st.integers(-3, 3), st.none() | rates),
    st.builds(recording, st.integers(1, 9)),
)


def seen(world: World) -> list[Any]:
    return [world.now, world.rate, used(world), world.recorded, list(world.changes)]


@given(st.lists(steps), st.sampled_from([STANDING, TICKING, FAST]))
def test_a_replay_of_the_changes_gives_the_same_world_on_any_machine(
    made: list[Step], opened: Opening
) -> None:
    hand = MachineByHand()
    world = World(opened, machine=hand.machine)
    for step in [*made, recording(1)]:
        step(world, hand)
    other = World(opened, MemoryStore(world.changes), machine=MachineByHand(10**18).machine)
    assert seen(other) == seen(world)


def test_what_happens_under_a_ticking_clock_is_preceded_by_when_it_did(
    hand: MachineByHand,
) -> None:
    world = World(TICKING, machine=hand.machine)
    world.apply(recorded(1))
    hand.passes(SECOND)
    world.catch_up()
    world.apply(recorded(2))
    world.apply(recorded(3))
    made = [recorded(1), ClockSet(NOW + SECOND), recorded(2), recorded(3)]
    assert list(world.changes) == made


def test_ids_are_the_same_whether_the_clock_ticks_or_stands(hand: MachineByHand) -> None:
    standing, ticking = World(STANDING), World(TICKING, machine=hand.machine)
    for _ in range(3):
        hand.passes(SECOND)
        ticking.catch_up()
        for world in (standing, ticking):
            world.apply(recorded(1))
    assert [each.id for each in standing.recorded] == [each.id for each in ticking.recorded]
