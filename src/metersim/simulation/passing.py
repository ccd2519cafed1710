"""What comes of time that passes: periods close, usage shows, credentials expire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from metersim.billing.instants import LATEST, Span, shift, to_exact
from metersim.billing.plans import billing_period
from metersim.billing.usage import UsageEvent
from metersim.reading import Json
from metersim.world.world import World

# Of one kind; a clock may be moved by centuries.
MOST_EVENTS = 100


def events(world: World, since: datetime) -> list[Json]:
    """What came about after ``since`` up to the world's now, kind by kind, oldest first."""
    found: list[Json] = []
    for each in (_closed(since, world.now), _visible(world, since), _expired(world, since)):
        found += islice(each, MOST_EVENTS)
    return found


def _closed(since: datetime, now: datetime) -> Iterator[Json]:
    period = billing_period(since)
    while period.end <= now and period.end != LATEST:
        yield {"type": "billing_period.closed", **_told(period)}
        period = billing_period(period.end)


def _told(period: Span) -> Json:
    return {"start": to_exact(period.start), "end": to_exact(period.end)}


def _visible(world: World, since: datetime) -> Iterator[Json]:
    """Usage that was recorded, and not what a scenario's series bring with every hour."""

    def shown(event: UsageEvent, at: datetime) -> bool:
        accepted = event.accepted or event.occurred
        return event.occurred <= at and accepted <= shift(at, -world.opening.visible_after)

    new = [each for each in world.recorded if shown(each, world.now) and not shown(each, since)]
    if new:
        yield {"type": "usage.visible", "count": len(new)}


def _expired(world: World, since: datetime) -> Iterator[Json]:
    """Which one is told by whose it is and when: a token is a secret."""
    ends = ((each.expires, each) for each in world.opening.credentials.values() if each.expires)
    for at, each in sorted(ends, key=lambda end: end[0]):
        if since < at <= world.now:
            yield {"type": "credential.expired", "at": to_exact(at), "customer": each.customer}
