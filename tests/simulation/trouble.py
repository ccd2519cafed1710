"""Calls to vendors of which some are in for trouble."""

from __future__ import annotations

from typing import Any

from metersim.simulation.call import Reply, Request
from metersim.simulation.faults import FaultPlan
from metersim.simulation.pipeline import answer
from metersim.simulation.vendor import installed_vendors
from metersim.world.world import World
from tests.simulation.parcels import world as printed_world
from tests.wire import Answer, Simulated

VENDORS = installed_vendors()
USAGE = {
    "window_size": "day",
    "starting_on": "2021-01-01T00:00:00Z",
    "ending_before": "2021-01-03T00:00:00Z",
}
RECORD = {"email": "amari_koss69@northwind.dev", "metric": "storage_mb", "quantity": 1}
PROJECT = "/api/billing/public/projects/proj_nCBo0AB7UWpj/usage"
TOKEN = {"authorization": "Bearer metersim-token"}
# Sent as they stand these are sound, but for a body.
CALLS = {
    "metronome": ("POST", "/v1/usage"),
    "mkio": ("GET", "/api/v1/organization/paymentMethods"),
    "monk": ("POST", "/v1/usage/cost"),
    "mudbase": ("POST", PROJECT),
    "saas": ("GET", "/api/billing/usage"),
}


def plan(*rules: dict[str, Any], world: World | None = None) -> FaultPlan:
    """A plan of these rules."""
    found = FaultPlan()
    for rule in rules:
        found.add(rule, VENDORS, world or printed_world())
    return found


def called(faults: FaultPlan, world: World, vendor: str = "metronome", **more: Any) -> Reply:
    """The reply to a call of the vendor's, with no more to it than is given."""
    method, path = CALLS[vendor]
    request = Request(method, path, **{"headers": TOKEN, **more})
    return answer(VENDORS[vendor], request, world, "call-1", faults=faults)


def usage(sim: Simulated, **more: Any) -> Answer:
    """The usage that Metronome's page prints."""
    return sim.caller("metronome").send("POST", "/v1/usage", USAGE, **more)


def record(sim: Simulated) -> Answer:
    """Usage recorded through Mudbase."""
    return sim.caller("mudbase").post(PROJECT, RECORD)
