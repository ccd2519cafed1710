"""How the proofs ask, and read what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from metersim.billing.instants import Span, a_year_earlier, parse_instant, to_seconds
from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.rule import Basis
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
    return usage(trial, **between(span))


def between(span: Span) -> dict[str, str]:
    """The span as it is asked for, by its first and its last second."""
    return {"startDate": to_seconds(span.start), "endDate": to_seconds(span.end - SECOND)}


def metrics(reply: Exchange) -> Mapping[str, Json]:
    """The metrics of a success, by id; at least one."""
    found: Mapping[str, Json] = reply.done["data"]["metrics"]
    require(found, "a metric in the reply")
    return found


def used(reply: Exchange) -> dict[str, Decimal]:
    """How much of each metric was used."""
    return {name: Decimal(metric["used"]) for name, metric in metrics(reply).items()}


def period(reply: Exchange) -> Span:
    """The period of a success, its last second counted in."""
    told = reply.done["data"]["period"]
    return Span(parse_instant(told["start"]), parse_instant(told["end"]) + SECOND)


def period_is(reply: Exchange, span: Span, basis: Basis | None = None) -> None:
    """Broken unless the reply tells the span for its period, however it spells an instant."""
    reply.expect_status(200, basis=basis)
    expected = {"start": to_seconds(span.start), "end": to_seconds(span.end - SECOND)}
    try:
        held = period(reply) == span
    except ValueError:
        held = False
    if not held:
        agree("the period", reply.done["data"]["period"], expected, reply, basis=basis)


def past_year(current: Exchange) -> Span:
    """The twelve months before the current period, of which usage is still kept."""
    start = period(current).start
    return Span(a_year_earlier(start), start)


def day(instant: datetime) -> str:
    """``2024-01-31``"""
    return instant.date().isoformat()


def discover(trial: Trial) -> Mapping[str, str]:
    """The current period, for want of a span that is known to hold usage."""
    current = period(usage(trial))
    return {"since": to_seconds(current.start), "until": to_seconds(current.end)}
