"""What of a world can be seen from outside, as JSON data."""

from __future__ import annotations

from dataclasses import asdict

from metersim.billing.accounts import Project
from metersim.billing.instants import to_exact
from metersim.billing.rates import RateCard
from metersim.reading import Json
from metersim.scenario.prices import written
from metersim.world.world import World


def state(world: World) -> Json:
    """Entities with their ids, as they stand now, and the usage that was recorded."""
    opening = world.opening
    return {
        "now": to_exact(world.now),
        "scenario": opening.scenario,
        "seed": opening.seed,
        "customers": [_data(asdict(each)) for each in world.customers.values()],
        "meters": [_data(asdict(meter)) for meter in world.meters()],
        "plans": _data({key: asdict(plan) for key, plan in opening.plans.items()}),
        "rate_cards": {key: _card(card) for key, card in opening.rate_cards.items()},
        "payment_methods": [
            {**asdict(method), "terms_accepted": world.terms_accepted(method)}
            for method in opening.payment_methods.values()
        ],
        "projects": [_project(each, world) for each in opening.projects.values()],
        "events": [_data(asdict(event)) for event in world.recorded],
    }


def _project(project: Project, world: World) -> Json:
    method = world.payment_method(project)
    return {
        **asdict(project),
        "payment_method": method.key if method else None,
        "metrics_endpoint": world.metrics_access(project) is not None,
    }


def _card(card: RateCard) -> Json:
    prices = {meter: written(each) for meter, each in card.prices.items()}
    return {
        "key": card.key,
        "currency": card.currency,
        "prices": prices,
        "minimum": card.minimum,
    }


def _data(value: Json) -> Json:
    """Plain JSON data: sets become lists, instants text."""
    if isinstance(value, dict):
        return {key: _data(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_data(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(value)  # of themselves sets have no order, and not the same one twice
    return to_exact(value) if hasattr(value, "isoformat") else value
