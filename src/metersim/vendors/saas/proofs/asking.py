"""How the proofs ask, and read what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from metersim.billing.instants import Span, parse_instant, to_seconds
from metersim.contract.exchange import Exchange, require
from metersim.contract.trial import Trial
from metersim.reading import Json

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
# Storage and seats stand where they were last put; the others count.
LEVELS = {"storage", "seats"}


def usage(trial: Trial, **query: str) -> Exchange:
    """Usage of a span: ``startDate``, ``endDate`` and ``metrics`` as they go into the query."""
    return trial.call("getUsage", query=query)


def usage_in(trial: Trial, span: Span) -> Exchange:
    """Usage from the span's start to its last second."""
    bounds = {"startDate": to_seconds(span.start), "endDate": to_seconds(span.end - SECOND)}
    return trial.call("getUsage", query=bounds)


def metrics(reply: Exchange) -> Mapping[str, Json]:
    """The metrics of a success, by id; at least one."""
    found: Mapping[str, Json] = reply.done["data"]["metrics"]
    require(found, "a metric in the reply")
    return found


def period(reply: Exchange) -> Span:
    """The period of a success, its last second counted in."""
    told = reply.done["data"]["period"]
    return Span(parse_instant(told["start"]), parse_instant(told["end"]) + SECOND)


def day(instant: datetime) -> str:
    """``2024-01-31``"""
    return instant.date().isoformat()


def discover(trial: Trial) -> Mapping[str, str]:
    """The current period, for want of a span that is known to hold usage."""
    current = period(usage(trial))
    return {"since": to_seconds(current.start), "until": to_seconds(current.end)}
