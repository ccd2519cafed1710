"""Metronome's ingestion: usage events in batches, each of which counts once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from metersim.billing.instants import parse_instant, shift
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.ingestion import read_properties
from metersim.simulation.problems import invalid
from metersim.world.changes import UsageRecorded
from metersim.world.world import World

# How long a transaction id is remembered, and how late an event may come and still count.
_KEPT = timedelta(days=34)
_AHEAD = timedelta(hours=24)


def ingest_usage(call: Call, world: World) -> Reply:
    """All events or none: whatever is wrong with one is found before the first is recorded."""
    for number, event in enumerate(call.body):
        if parse_instant(event["timestamp"]) > shift(world.now, _AHEAD):
            told = f"must be at most 24 hours ahead, found {event['timestamp']}"
            raise invalid(f"{number}.timestamp", told, rule="METRONOME-21")
    for event in call.body:
        _record(event, world)
    return Reply(None)


def _record(event: Mapping[str, Json], world: World) -> None:
    """The customer stays the name that came with it, to be looked up whenever usage is read."""
    occurred = parse_instant(event["timestamp"])
    since = shift(world.now, -_KEPT)
    if occurred < since:
        return
    once = f"metronome {event['transaction_id']}"
    before = world.last_recorded(once)
    accepted = None if before is None else before.accepted
    if accepted is not None and since <= accepted <= world.now:
        return
    world.apply(
        UsageRecorded(
            name=event["event_type"],
            customer=event["customer_id"],
            project=None,
            accepted=world.now,
            occurred=occurred,
            charged=occurred,
            properties=read_properties(event.get("properties", {})),
            once=once,
            # Where the clock was set back, what was accepted later is not to come.
            replaces=accepted is not None and accepted > world.now,
        )
    )
