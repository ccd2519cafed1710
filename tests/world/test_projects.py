"""Which method carries a project's usage when, and who may scrape its metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from metersim.billing.facts import Selection
from metersim.billing.instants import EARLIEST, LATEST, Span
from metersim.world.changes import (
    ClockSet,
    MetricsEndpointSwitched,
    PaymentMethodAssigned,
    TermsAccepted,
)
from metersim.world.world import World
from tests.world.opened import CARD, NOW, opening, recorded

HOUR = timedelta(hours=1)
OPENING = opening()


def bounds(world: World, project: str) -> Iterator[tuple[str, datetime, datetime]]:
    for each in world.assignments(OPENING.projects[project]):
        yield each.payment_method.key, each.since[0], each.until[0]


@pytest.fixture
def world() -> World:
    return World(OPENING)


def test_a_project_without_a_method_has_none_until_one_is_assigned(world: World) -> None:
    idea = OPENING.projects["idea"]
    assert world.payment_method(idea) is None
    assert world.assignments(idea) == []
    world.apply(PaymentMethodAssigned("idea", "card", NOW))
    assert world.payment_method(idea) is OPENING.payment_methods["card"]
    assert list(bounds(world, "idea")) == [("card", NOW, LATEST)]


def test_methods_carry_a_project_one_after_the_other(world: World) -> None:
    world.apply(PaymentMethodAssigned("site", "bank", NOW))
    world.apply(ClockSet(NOW + HOUR))
    world.apply(PaymentMethodAssigned("site", "card", NOW + HOUR))
    assert list(bounds(world, "site")) == [
        ("card", EARLIEST, NOW),
        ("bank", NOW, NOW + HOUR),
        ("card", NOW + HOUR, LATEST),
    ]


def test_what_was_assigned_later_is_forgotten_when_the_clock_went_back(world: World) -> None:
    world.apply(PaymentMethodAssigned("site", "bank", NOW + HOUR))
    assert world.payment_method(OPENING.projects["site"]) is OPENING.payment_methods["card"]
    world.apply(PaymentMethodAssigned("site", "bank", NOW))
    assert list(bounds(world, "site")) == [("card", EARLIEST, NOW), ("bank", NOW, LATEST)]


def test_usage_before_an_assignment_and_usage_after_it_in_one_instant_are_told_apart(
    world: World,
) -> None:
    world.apply(recorded(2))
    world.apply(PaymentMethodAssigned("site", "bank", NOW))
    world.apply(recorded(3))
    by_method = {
        each.payment_method.key: world.usage(
            OPENING.meters["calls"], Selection(since=each.since, until=each.until)
        ).over(Span())
        for each in world.assignments(OPENING.projects["site"])
    }
    assert by_method == {"card": 15 + 2, "bank": 3}


def test_terms_are_accepted_from_the_start_or_by_a_change(world: World) -> None:
    card, bank = OPENING.payment_methods.values()
    assert (world.terms_accepted(card), world.terms_accepted(bank)) == (True, False)
    world.apply(TermsAccepted("bank"))
    assert world.terms_accepted(bank)
    assert world.rate_card(bank) is CARD


# -- metrics endpoint


def test_a_metrics_endpoint_has_a_new_password_each_time_it_is_switched_on(world: World) -> None:
    site = OPENING.projects["site"]
    found = []
    for enabled in (True, True, False, True):
        world.apply(MetricsEndpointSwitched("site", enabled))
        found.append(world.metrics_access(site))
    first, same, off, new = found
    assert first is not None
    assert new is not None
    assert (first == same, off) == (True, None)
    assert new.username == first.username
    assert new.password != first.password


def test_a_metrics_endpoint_is_its_projects_own(world: World) -> None:
    world.apply(MetricsEndpointSwitched("site", enabled=True))
    assert world.metrics_access(OPENING.projects["idea"]) is None
