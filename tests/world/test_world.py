"""A world is its opening plus changes, and back to the opening when it is reset."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.facts import Axis, Selection
from metersim.billing.instants import LATEST, Span
from metersim.billing.meters import MeterStatus
from metersim.world.changes import (
    Change,
    ClockSet,
    MetricsEndpointSwitched,
    PaymentMethodAssigned,
    TermsAccepted,
)
from metersim.world.store import MemoryStore
from metersim.world.world import World
from tests.world.opened import NOW, opening, recorded

HOUR = timedelta(hours=1)
OPENING = opening()

instants = st.integers(-5, 5).map(lambda hours: NOW + hours * HOUR)
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(recorded, st.integers(1, 9), instants, st.sampled_from(["acme", "nobody"])),
    st.builds(
        PaymentMethodAssigned,
        st.sampled_from(["site", "idea"]),
        st.sampled_from(["card", "bank"]),
        instants,
    ),
    st.just(TermsAccepted("bank")),
    st.builds(MetricsEndpointSwitched, st.sampled_from(["site", "idea"]), st.booleans()),
    st.builds(ClockSet, instants, st.none() | st.integers(0, 60).map(Decimal)),
)


def used(world: World, window: Span | None = None, axis: Axis = Axis.OCCURRED) -> Decimal | None:
    usage = world.usage(world.opening.meters["calls"], Selection(), axis=axis)
    return usage.over(window or Span())


def seen(world: World) -> list[Any]:
    """All that can be read of a world."""
    projects = world.opening.projects.values()
    return [
        world.now,
        world.rate,
        used(world),
        used(world, Span(NOW - HOUR, NOW)),
        world.recorded,
        list(world.changes),
        [world.terms_accepted(method) for method in world.opening.payment_methods.values()],
        [world.assignments(project) for project in projects],
        [world.payment_method(project) for project in projects],
        [world.metrics_access(project) for project in projects],
    ]


@pytest.fixture
def world() -> World:
    return World(OPENING)


# -- changes


@given(st.lists(changes))
def test_reset_undoes_every_change(made: list[Change]) -> None:
    world = World(OPENING)
    for change in made:
        world.apply(change)
    world.reset()
    assert seen(world) == seen(World(OPENING))


@given(st.lists(changes))
def test_the_same_changes_make_the_same_world(made: list[Change]) -> None:
    one, other = World(OPENING), World(opening())
    for change in made:
        one.apply(change)
    for change in one.changes:
        other.apply(change)
    assert seen(one) == seen(other)


@given(st.lists(changes, min_size=1))
def test_worlds_of_one_opening_do_not_touch_each_other(made: list[Change]) -> None:
    one, other = World(OPENING), World(OPENING)
    before = seen(other)
    for change in made:
        one.apply(change)
    assert seen(other) == before
    assert one.opening is other.opening


def test_a_reset_rebuilds_nothing_of_the_opening(world: World) -> None:
    world.apply(recorded(1))
    world.reset()
    assert world.opening is OPENING
    assert world.opening.events is OPENING.events


def test_changes_are_kept_in_order_where_the_world_is_told_to() -> None:
    store = MemoryStore()
    world = World(OPENING, store)
    made: list[Change] = [recorded(1), ClockSet(NOW + HOUR), recorded(2)]
    for change in made:
        world.apply(change)
    assert list(store) == made
    assert len(world.changes) == 3
    world.reset()
    assert list(store) == []


# -- usage


def test_recorded_usage_adds_to_what_the_world_opened_with(world: World) -> None:
    assert used(world) == 15  # ten hours since midnight, and one event of 5
    world.apply(recorded(Decimal("0.5")))
    assert used(world) == Decimal("15.5")
    assert [event.properties["quantity"] for event in world.recorded] == [Decimal("0.5")]


def test_what_was_read_does_not_change_afterwards(world: World) -> None:
    before = world.recorded
    world.apply(recorded(1))
    assert before == []


def test_events_have_ids_of_their_own_that_follow_from_the_seed(world: World) -> None:
    for _ in range(3):
        world.apply(recorded(1))
    ids = [event.id for event in world.recorded]
    assert len(set(ids)) == 3
    again, other = World(OPENING), World(opening(seed=2))
    for each in (again, other):
        each.apply(recorded(1))
    assert again.recorded[0].id == ids[0] != other.recorded[0].id


def test_usage_sent_under_any_name_of_a_customer_is_that_customers(world: World) -> None:
    for name in ("uuid-acme", "cust_1", "acme", "a@acme.example", "nobody"):
        world.apply(recorded(1, customer=name))
    usage = world.usage(OPENING.meters["calls"], Selection(customer="acme"))
    assert usage.over(Span(NOW, NOW + HOUR)) == 5 + 4


# -- time


def test_the_clock_stands_until_it_is_set_and_then_there(world: World) -> None:
    assert world.now == world.now == NOW
    world.apply(ClockSet(NOW + HOUR))
    assert world.now == NOW + HOUR


def test_what_lies_ahead_comes_to_be_when_the_clock_gets_there(world: World) -> None:
    world.apply(recorded(7, at=NOW + HOUR))
    assert used(world) == 15
    world.apply(ClockSet(NOW + HOUR))
    assert used(world) == 15 + 7 + 1
    world.apply(ClockSet(NOW))
    assert used(world) == 15


def test_the_last_instant_of_the_calendar_can_be_lived(world: World) -> None:
    world.apply(ClockSet(LATEST))
    assert (used(world) or 0) > 69_000_000


# -- entities


@pytest.mark.parametrize(
    ("reference", "key"),
    [("uuid-beta", "beta"), ("cust_2", "beta"), ("shared", "acme"), ("nobody", None)],
)
def test_a_customer_is_found_by_any_reference_and_the_first_to_claim_one_has_it(
    world: World, reference: str, key: str | None
) -> None:
    customer = world.customer(reference)
    assert world.customer_key(reference) == key == (customer.key if customer else None)


def test_meters_are_chosen_by_their_standing(world: World) -> None:
    assert [meter.key for meter in world.meters()] == ["calls", "faxes"]
    assert [meter.key for meter in world.meters(MeterStatus.ACTIVE)] == ["calls"]
    assert world.meters(MeterStatus.INACTIVE) == []


def test_a_credential_is_found_by_its_token(world: World) -> None:
    assert world.credential("key") is OPENING.credentials["key"]
    assert world.credential("other") is None


def test_a_project_is_found_by_its_id() -> None:
    assert OPENING.project_by_id == {each.id: each for each in OPENING.projects.values()}


# -- payment


def test_a_world_on_a_store_that_holds_changes_has_made_them() -> None:
    first = World(OPENING)
    first.apply(ClockSet(NOW + timedelta(days=1)))
    first.apply(TermsAccepted("bank"))
    second = World(OPENING, MemoryStore(first.changes))
    assert second.now == first.now
    assert second.terms_accepted(OPENING.payment_methods["bank"])
    assert list(second.changes) == list(first.changes)
