"""What counts once counts once, at any moment the clock may be set to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.facts import Selection
from metersim.billing.instants import Span
from metersim.world.changes import ClockSet
from metersim.world.world import World
from tests.world.opened import NOW, opening, recorded

moments = st.integers(0, 5).map(lambda minutes: NOW + timedelta(minutes=minutes))


def used(world: World) -> Decimal:
    usage = world.usage(world.opening.meters["calls"], Selection(customer="acme"))
    return usage.over(Span()) or Decimal(0)


@given(st.lists(moments, min_size=1, max_size=6), moments)
def test_of_events_that_replace_each_other_the_last_one_taken_in_by_then_counts(
    times: list[datetime], then: datetime
) -> None:
    world, plain = World(opening()), World(opening())
    sent: list[tuple[datetime, int]] = []
    for number, at in enumerate(times):
        world.apply(ClockSet(at))
        quantity = 10**number
        event = recorded(quantity)
        world.apply(replace(event, accepted=at, once="a", replaces=True))
        # Taken in at another moment, a newer one takes the place of all that were to come.
        sent = [each for each in sent if each[0] < at] + [(at, quantity)]
    for each in (world, plain):
        each.apply(ClockSet(then))
    known = [quantity for at, quantity in sent if at <= then]
    assert used(world) == used(plain) + (known[-1] if known else 0)


def test_what_replaces_nothing_is_one_more_under_the_same_id() -> None:
    world = World(opening())
    before = used(world)
    for quantity in (1, 2):
        world.apply(replace(recorded(quantity), once="a"))
    assert used(world) == before + 3
    last = world.last_recorded("a")
    assert last is not None
    assert last.properties["quantity"] == 2
    assert world.last_recorded("b") is None


def test_another_id_replaces_nothing() -> None:
    world = World(opening())
    before = used(world)
    for once in ("a", "b", None):
        world.apply(replace(recorded(1), once=once, replaces=once is not None))
    assert used(world) == before + 3
