"""How the proofs ask, and read what is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

from metersim.billing.instants import (
    Granularity,
    Span,
    floor,
    is_midnight,
    parse_date,
    parse_date_or_instant,
    parse_instant,
)
from metersim.contract.exchange import Exchange, Unproven, require
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.rows import Rows, busy

DAY = timedelta(days=1)
HOURLY_DAYS = 31
# So many pages of payment methods are looked at, however many there are.
PAGES = 5
# A name that nobody gives anything.
NOBODY = "metersim-check-no-such-name"
# Where a law is about dates alone and nobody knows of usage.
_ANY_DAY = parse_date("2024-03-11")
# Usage is looked for in so many days before now.
_LOOKED_BACK = 62 * DAY
_WIDE = Span(parse_date("2015-01-01"), parse_date("2040-01-01"))
_DAILY = Granularity.DAY
# So many calls discovery takes at most: of usage, of a month, of a method, and of all of them.
FINDING = 3 + PAGES


def day(instant: datetime) -> str:
    """``2026-01-31``"""
    return instant.date().isoformat()


def report(trial: Trial, span: Span, **asked: Json) -> Exchange:
    """The organization's report of a span of whole days, in JSON unless the form is named."""
    dates = {"startDate": day(span.start), "endDate": day(span.end)}
    return trial.call("createUsageReport", {**dates, "format": "json", **asked})


def rows(reply: Exchange) -> Rows:
    """The rows of a report, or of a project's usage."""
    found: Rows = reply.done["value"]
    return found


def month(trial: Trial, project: str) -> Exchange:
    """A project's usage in the current month."""
    return trial.call("getProjectUsage", path={"name": project})


def told(reply: Exchange) -> Span:
    """The span that a project's usage says it covers."""
    metadata = reply.done["metadata"]
    return Span(parse_instant(metadata["startDate"]), parse_instant(metadata["endDate"]))


def projects(trial: Trial, *keys: str) -> list[str]:
    """The projects that are known by these values, each once."""
    found = (trial.get(key) for key in keys or ("project", "other_project"))
    return list(dict.fromkeys(name for name in found if name is not None))


def scope(trial: Trial) -> dict[str, Json]:
    """The known project alone, so that no reply is larger than need be."""
    return {"projectNames": projects(trial)[:1]} if projects(trial) else {}


def methods(trial: Trial) -> Sequence[Json]:
    """The payment methods that are listed on the first pages, each once."""
    found: dict[str, Json] = {}
    query: dict[str, str] = {}
    for _ in range(PAGES):
        reply = trial.call("listPaymentMethods", query=query)
        found |= {each["metadata"]["id"]: each for each in reply.done["value"]}
        pagination = reply.json["supplemental"]["pagination"]
        if pagination["end"] >= pagination["total"]:
            break
        query = {"$skiptoken": str(pagination["end"])}
    return list(found.values())


# -- spans


def days(trial: Trial) -> Span:
    """The whole days of the span that is known to hold usage."""
    span = trial.span
    start = floor(span.start, _DAILY)
    found = Span(start if is_midnight(span.start) else start + DAY, floor(span.end, _DAILY))
    require(found, "--set since=… until=… at least a day apart")
    return found


def last_year(trial: Trial) -> Span:
    """As much of those days, up to their end, as a report by day may cover."""
    span = days(trial)
    return Span(max(span.start, span.end - 365 * DAY), span.end)


def some_span(trial: Trial) -> Span:
    """Whole days for laws about dates alone: with usage, where it is known."""
    known = trial.get("since") and trial.get("until")
    return days(trial) if known else Span(_ANY_DAY, _ANY_DAY + 7 * DAY)


def some_day(trial: Trial) -> datetime:
    """The first of those days."""
    return some_span(trial).start


def busy_days(trial: Trial) -> list[datetime]:
    """The days on which the known project used something, of the span's last year."""
    span = last_year(trial)
    reply = report(trial, span, granularity="day", **scope(trial))
    starts = {parse_instant(row["startDate"]) for row in rows(reply) if busy([row])}
    found = sorted({floor(start, _DAILY) for start in starts if start in span})
    require(found, "usage of the project: --set project=… since=… until=…")
    return found


def around(trial: Trial, busy_day: datetime, before: int, after: int) -> Span:
    """So many days about a day, none of them after the span that is known to hold usage."""
    return Span(busy_day - before * DAY, min(busy_day + after * DAY, days(trial).end))


# -- discovery


def discover(trial: Trial) -> Mapping[str, str]:
    """Two projects with usage, two methods, and the last two months of whole days."""
    known = trial.get("project")
    names = [known] if known else _by_usage(trial, _WIDE)
    if not names:
        return {}
    found = {"project": names[0]}
    for discovered in (_dates, _methods):
        with suppress(Unproven):
            found |= discovered(trial, names[0])
    dates = {key: trial.get(key) or found.get(key, "") for key in ("since", "until")}
    if known and trial.get("other_project") is None and all(dates.values()):
        # Last, as of a large organization no report of all may be had.
        span = Span(*(floor(parse_date_or_instant(each), _DAILY) for each in dates.values()))
        with suppress(Unproven):
            names += _by_usage(trial, span)
    others = [name for name in names if name != names[0]]
    return found | ({"other_project": others[0]} if others else {})


def _by_usage(trial: Trial, span: Span) -> list[str]:
    """Project names, those that use the most meters first."""
    meters: dict[str, set[str]] = {}
    # By year, as that has no cap and the fewest rows.
    for row in rows(report(trial, span, granularity="year")):
        if busy([row]):
            meters.setdefault(row["projectName"], set()).add(row["meter"])
    return sorted(meters, key=lambda name: (-len(meters[name]), name))


def _dates(trial: Trial, project: str) -> dict[str, str]:
    until = floor(told(month(trial, project)).end, _DAILY)
    return {"since": day(until - _LOOKED_BACK), "until": day(until)}


def _methods(trial: Trial, project: str) -> dict[str, str]:
    current = assigned(trial.call("getProjectPaymentMethod", path={"name": project}))
    accepted = [each["metadata"]["id"] for each in methods(trial) if each["spec"]["termsAccepted"]]
    others = [key for key in accepted if key != current]
    found = {"payment_method": current} if current else {}
    return found | ({"other_payment_method": others[0]} if others else {})


def assigned(reply: Exchange) -> str | None:
    """The id of the method that an assignment names."""
    found: str | None = reply.done["spec"]["paymentMethodId"]
    return found


def prices(card: Json) -> dict[str, set[Decimal]]:
    """Every price on a rate card, by meter."""
    return {rate["meter"]: set(_all_prices([rate])) for rate in card["spec"]["rates"]}


def _all_prices(rates: Iterable[Json]) -> Iterable[Decimal]:
    for rate in rates:
        yield Decimal(rate["price"])
        yield from (Decimal(tier["price"]) for tier in rate.get("tiers") or ())
        yield from _all_prices(rate.get("changes") or ())
