"""Monk's ingestion: usage events, of which the newest under one key counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from metersim.billing.instants import parse_instant, shift
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.ingestion import read_properties
from metersim.simulation.problems import invalid
from metersim.vendors.monk.behaviour import known_customer
from metersim.world.changes import UsageRecorded
from metersim.world.world import World

_AHEAD = timedelta(hours=1)
# What counts once at another vendor under the same id is something else.
_PREFIX = "monk "


def create_event(call: Call, world: World) -> Reply:
    """An event without a key is given one, and counts for itself."""
    recorded = _read(call.body, "", _minted(call, "0", world), world)
    world.apply(recorded)
    return _accepted(call, {"idempotencyKey": _key(recorded)})


def create_events(call: Call, world: World) -> Reply:
    """All of them or none. Of two under one key in a batch, the one further back is the newer."""
    events = call.body["events"]
    records = [
        _read(event, f"events.{number}.", _minted(call, str(number), world), world)
        for number, event in enumerate(events)
    ]
    for each in records:
        world.apply(each)
    return _accepted(call, {"count": len(events)})


def _accepted(call: Call, told: Mapping[str, Json]) -> Reply:
    request = f"req_{call.id.replace('-', '')[:16]}"
    return Reply({"status": "accepted", **told, "requestId": request}, HTTPStatus.ACCEPTED)


def _minted(call: Call, number: str, world: World) -> str:
    return world.identifiers.uuid("idempotency key", call.id, number)


def _read(event: Mapping[str, Json], where: str, minted: str, world: World) -> UsageRecorded:
    """Whose it is, is found out now: there is no other name that means a customer for good."""
    occurred = _occurred(event, where, world)
    return UsageRecorded(
        name=event["eventName"],
        customer=known_customer(event, world).id,
        project=None,
        accepted=world.now,
        occurred=occurred,
        charged=occurred,
        properties=read_properties(event.get("properties", {})),
        once=f"{_PREFIX}{event.get('idempotencyKey', minted)}",
        replaces=True,
    )


def _key(recorded: UsageRecorded) -> str:
    return (recorded.once or "").removeprefix(_PREFIX)


def _occurred(event: Mapping[str, Json], where: str, world: World) -> datetime:
    if "timestamp" not in event:
        return world.now
    occurred = parse_instant(event["timestamp"])
    if occurred > shift(world.now, _AHEAD):
        told = f"must be at most 1 hour ahead, found {event['timestamp']}"
        raise invalid(f"{where}timestamp", told, rule="MONK-22")
    return occurred
