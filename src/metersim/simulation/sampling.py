"""Whom and what a world is looked at for, where looking at everything would take too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from metersim.billing.instants import LATEST
from metersim.billing.plans import billing_period
from metersim.simulation.view import Sample
from metersim.world.world import World

# A scenario may have a thousand of each. Every pair of a customer and a meter is asked about alone.
MOST = 8
MOST_METERS = 24
MOST_PAIRS = 64


def sample_of(world: World) -> Sample:
    """First those to whom something happened, then in the scenario's order."""
    opening = world.opening
    recorded = world.recorded
    concerned = (world.customer_key(event.customer) for event in reversed(recorded))
    customers = dict.fromkeys(key for key in concerned if key is not None)
    projects = dict.fromkeys(event.project for event in reversed(recorded) if event.project)
    meters = {meter.key: meter for meter in world.meters()}
    used = dict.fromkeys(event.name for event in reversed(recorded))
    touched = dict.fromkeys(k for name in used for k, m in meters.items() if name in m.events)
    chosen = _first(MOST_METERS, touched, meters)
    most = min(MOST, MOST_PAIRS // max(1, len(chosen)))
    month = billing_period(world.now)
    months = [month, billing_period(month.end)]
    return Sample(
        [world.customers[key] for key in _first(most, customers, world.customers)],
        [opening.projects[key] for key in _first(MOST, projects, opening.projects)],
        [meters[key] for key in chosen],
        # The calendar ends within a month, of which no vendor can be asked.
        [each for each in months if each.end != LATEST],
    )


def _first(most: int, wanted: Iterable[str], known: Mapping[str, object]) -> list[str]:
    chosen = dict.fromkeys(islice((key for key in wanted if key in known), most))
    chosen |= dict.fromkeys(islice(known, most))
    return list(chosen)[:most]
