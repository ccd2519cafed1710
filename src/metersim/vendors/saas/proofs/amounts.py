"""What a reply says of its metrics: which, in what unit, how much, how far."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.vendors.saas.proofs.asking import (
    LEVELS,
    metrics,
    past_year,
    period,
    usage,
    usage_in,
    used,
)

_UNITS = {
    "apiCalls": "requests",
    "storage": "GB",
    "seats": "users",
    "bandwidth": "GB",
    "emails": "emails",
    "webhooks": "events",
}
_IDS = {name: name for name in _UNITS} | {"apiCalls": "api_calls"}
_SPAN = ("since", "until")
_HALF_A_PLACE = Decimal("0.005")


@proves("SAAS-07", calls=11)
def exactly_the_metrics_asked_for_are_shown(trial: Trial) -> None:
    shown = [name for name in metrics(usage(trial)) if name in _UNITS]
    # Those that the page names, as far as the plan has them: of others nobody says what is shown.
    named = [name for name in ("apiCalls", "storage") if name in shown]
    if named:
        _shows(trial, ",".join(_IDS[name] for name in named), named)
    for each in ([name] for name in shown):
        _shows(trial, _IDS[each[0]], each)
    _shows(trial, ",".join(_IDS[name] for name in reversed(shown)), shown)
    if "apiCalls" in named:
        _shows(trial, ",".join(named), named, Basis.ASSUMED)
        _shows(trial, "apiCalls", ["apiCalls"], Basis.ASSUMED)


def _shows(trial: Trial, asked: str, expected: Iterable[str], basis: Basis | None = None) -> None:
    reply = usage(trial, metrics=asked) if asked else usage(trial)
    reply.expect_status(200, basis=basis)
    found = set(reply.done["data"]["metrics"])
    told = f"with metrics={asked}, the metrics"
    agree(told, sorted(found), sorted(set(expected)), reply, basis=basis)


@proves("SAAS-09", calls=2)
def each_metric_has_its_unit(trial: Trial) -> None:
    # What a plan leaves out is shown when asked for; where it is not, nobody says it must be.
    plain = usage(trial)
    require(metrics(plain).keys() & _UNITS.keys(), "metrics in the reply")
    for reply in (plain, usage(trial, metrics=",".join(_IDS.values()))):
        shown = metrics(reply) if reply.succeeded else {}
        for name in shown.keys() & _UNITS.keys():
            agree(f"the unit of {name}", shown[name]["unit"], _UNITS[name], reply)


def _replies(trial: Trial) -> list[Exchange]:
    """Of a year more is used than of a month: what a plan includes is likelier exceeded."""
    current = usage(trial)
    return [current, usage_in(trial, trial.span), usage_in(trial, past_year(current))]


@proves("SAAS-10", calls=3, needs=_SPAN)
def overage_is_what_exceeds_the_allowance(trial: Trial) -> None:
    for reply in _replies(trial):
        for name, metric in metrics(reply).items():
            told = f"overage of {name} to be max(0, {metric['used']} - {metric['included']})"
            expected = max(Decimal(0), Decimal(metric["used"] - metric["included"]))
            # A difference of doubles is as near as they are, not as it is itself.
            slack = Decimal("1e-12") * max(abs(metric["used"]), metric["included"])
            held = nearly(metric["overage"], expected) or _far(metric["overage"], expected) <= slack
            reply.expect(held, told, metric["overage"])


def _far(one: Decimal, other: Decimal) -> Decimal:
    return abs(Decimal(one) - Decimal(other))


@proves("SAAS-11", calls=3, needs=_SPAN)
def percentage_is_the_share_of_the_allowance(trial: Trial) -> None:
    for reply in _replies(trial):
        for name, metric in metrics(reply).items():
            if metric["included"]:
                _is_share(reply, name, metric["percentage"], metric["used"], metric["included"])


def _is_share(
    reply: Exchange,
    name: str,
    percentage: Decimal,
    amount: Decimal,
    included: Decimal,
    slack: Decimal = Decimal(0),
) -> None:
    """To two decimals, whichever way a tie is rounded."""
    reply.expect(not isinstance(percentage, str), f"a number for percentage of {name}", percentage)
    exact = Decimal(amount) * 100 / Decimal(included)
    # A double that stands for two decimals may be spelt with more.
    rounded = round(Decimal(percentage), 2)
    most = _HALF_A_PLACE + slack
    held = _far(rounded, exact) <= most or nearly(rounded, exact)
    held = held and nearly(Decimal(percentage), rounded)
    told = f"percentage of {name} to be {exact:.2f}, {amount} of {included} to two decimals"
    reply.expect(held, told, percentage)


@proves("SAAS-12", calls=3, needs=_SPAN)
def the_total_is_base_and_overage(trial: Trial) -> None:
    for reply in _replies(trial):
        cost = reply.done["data"]["estimatedCost"]
        told = f"estimatedCost.total as {cost['base']} + {cost['overage']}:"
        agree(told, cost["total"], cost["base"] + cost["overage"], reply)
        currency = cost["currency"]
        held = isinstance(currency, str) and currency.islower()
        reply.expect(held, "a currency in lower case", currency)


@proves("SAAS-14", calls=3, needs=_SPAN)
def a_projection_extrapolates_what_was_used(trial: Trial) -> None:
    current = usage(trial)
    projected = current.done["data"]["projectedUsage"]
    for name, projection in projected.items():
        _is_projected(current, name, projection["projected"], projection["percentage"])
    _is_ahead(current)
    # Before the current period all is over, whatever the clock.
    over = trial.span & past_year(current)
    closed = [usage_in(trial, past_year(current))]
    closed += [usage_in(trial, over)] if over else []
    for reply in closed:
        for name, projection in reply.done["data"]["projectedUsage"].items():
            told = (
                f"{name} projected of the span until {period(reply).end:%Y-%m-%d}, which is over,"
            )
            found = projection["projected"]
            if not nearly(found, used(reply)[name]):
                agree(told, found, used(reply)[name], reply, basis=Basis.ASSUMED)
    require(projected, "a projected metric")


def _is_projected(reply: Exchange, name: str, projected: Decimal, percentage: Decimal) -> None:
    """At least what was used; a level may fall, and so may a sum of corrections."""
    metric = metrics(reply)[name]
    amount, included = Decimal(metric["used"]), Decimal(metric["included"])
    falls = name in LEVELS or amount < 0
    held = falls or projected >= amount or _far(projected, amount) < 1
    reply.expect(held, f"{name} projected to at least {amount}, as was used", projected)
    if included:
        # The share may be one of the projection before it was rounded to whole units.
        _is_share(reply, name, percentage, projected, included, slack=100 / included)


def _is_ahead(reply: Exchange) -> None:
    """Broken, by its own date, where much of the period is to come and nothing more is projected.

    The clock of the target may be another than that of its server, hence nobody's word but ours.
    """
    span, at = period(reply), _date(reply)
    if at is None or not span.start < at < span.end or (span.end - at) * 4 < span.end - span.start:
        return
    projected = reply.done["data"]["projectedUsage"]
    # A quarter more of less than four may be rounded to no more.
    counts = [name for name in projected.keys() - LEVELS if used(reply)[name] > 4]
    held = not counts or any(projected[name]["projected"] > used(reply)[name] for name in counts)
    told = f"more of {', '.join(sorted(counts))} projected than was used until {at:%Y-%m-%d}"
    reply.expect(held, told, projected, basis=Basis.ASSUMED)


def _date(reply: Exchange) -> datetime | None:
    """When the server says that it answered."""
    try:
        return parsedate_to_datetime(reply.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
