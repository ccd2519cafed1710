"""What a reply says of its metrics: which, in what unit, how much, how far, at what cost."""

from __future__ import annotations

from decimal import Decimal

from metersim.billing.instants import Span
from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.vendors.saas.proofs.asking import DAY, metrics, usage, usage_in

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


@proves("SAAS-07", calls=3, examples=3)
def exactly_the_metrics_asked_for_are_shown(trial: Trial) -> None:
    drawn = trial.draw.some_of(list(_UNITS), least=1)
    shown = metrics(usage(trial))
    asked = [name for name in drawn if name in shown] or [min(shown)]
    for spelt, basis in (([_IDS[name] for name in asked], None), (asked, Basis.ASSUMED)):
        reply = usage(trial, metrics=",".join(spelt))
        reply.expect_status(200, basis=basis)
        found = set(reply.done["data"]["metrics"])
        agree(f"with metrics={','.join(spelt)}, the keys", found, set(asked), reply, basis=basis)


@proves("SAAS-09", calls=1)
def each_metric_has_its_unit(trial: Trial) -> None:
    reply = usage(trial)
    for name, metric in metrics(reply).items():
        reply.expect(name in _UNITS, f"one of {', '.join(_UNITS)}", name)
        agree(f"the unit of {name}", metric["unit"], _UNITS[name], reply)


@proves("SAAS-10", calls=2, needs=_SPAN)
def overage_is_what_exceeds_the_allowance(trial: Trial) -> None:
    for reply in (usage(trial), usage_in(trial, trial.span)):
        for name, metric in metrics(reply).items():
            expected = max(Decimal(0), Decimal(metric["used"] - metric["included"]))
            held = nearly(metric["overage"], expected)
            reply.expect(held, f"overage of {name} to be {expected}", metric["overage"])


@proves("SAAS-11", calls=2, needs=_SPAN)
def percentage_is_the_share_of_the_allowance(trial: Trial) -> None:
    for reply in (usage(trial), usage_in(trial, trial.span)):
        for name, metric in metrics(reply).items():
            if metric["included"]:
                _is_share(reply, name, metric["percentage"], metric["used"], metric["included"])


def _is_share(
    reply: Exchange, name: str, percentage: Decimal, used: Decimal, included: Decimal
) -> None:
    """To two decimals, whichever way a tie is rounded."""
    exact = Decimal(used) * 100 / Decimal(included)
    # A double that stands for two decimals may be spelt with more.
    rounded = round(Decimal(percentage), 2)
    held = abs(rounded - exact) <= _HALF_A_PLACE and nearly(Decimal(percentage), rounded)
    reply.expect(held, f"percentage of {name} to be {exact:.2f}", percentage)


@proves("SAAS-12", calls=2, needs=_SPAN)
def the_total_is_base_and_overage(trial: Trial) -> None:
    for reply in (usage(trial), usage_in(trial, trial.span)):
        cost = reply.done["data"]["estimatedCost"]
        agree("estimatedCost.total", cost["total"], cost["base"] + cost["overage"], reply)
        currency = cost["currency"]
        reply.expect(currency.islower(), "a currency in lower case", currency)


@proves("SAAS-13", calls=5, needs=_SPAN)
def overage_is_charged_by_the_price_of_each_metric(trial: Trial) -> None:
    span = trial.span
    middle = span.start + (span.end - span.start) / 2
    spans = [span, Span(span.start, middle), Span(middle, span.end)]
    replies = [usage(trial), *(usage_in(trial, each) for each in spans)]
    replies.append(usage_in(trial, Span(span.start, span.start + DAY)))
    prices: dict[str, Decimal] = {}
    # Where one metric alone is over, the charge tells its price; where more are, it is their sum.
    for reply in sorted(replies, key=lambda reply: len(_over(reply))):
        over, charged = _over(reply), reply.done["data"]["estimatedCost"]["overage"]
        unknown = over.keys() - prices.keys()
        if len(unknown) == 1:
            known = sum(prices[name] * over[name] for name in over.keys() - unknown)
            name = unknown.pop()
            prices[name] = (charged - known) / over[name]
            reply.expect(prices[name] >= 0, f"no negative price of {name}", prices[name])
        elif not unknown:
            expected = Decimal(sum(prices[name] * over[name] for name in over))
            told = f"a charge of {expected:f} for the overage of {', '.join(over) or 'nothing'}"
            reply.expect(nearly(charged, expected), told, charged)
    require(any(not _over(reply) for reply in replies), "a span in which nothing is over")


def _over(reply: Exchange) -> dict[str, Decimal]:
    found = metrics(reply).items()
    return {name: Decimal(metric["overage"]) for name, metric in found if metric["overage"]}


@proves("SAAS-14", calls=2, needs=_SPAN)
def a_projection_extrapolates_what_was_used(trial: Trial) -> None:
    current = usage(trial)
    projected = current.done["data"]["projectedUsage"]
    require(projected, "a projected metric")
    for name, projection in projected.items():
        metric = metrics(current)[name]
        held = projection["projected"] >= metric["used"]
        current.expect(held, f"{name} projected to at least {metric['used']}", projection)
        _is_share(
            current, name, projection["percentage"], projection["projected"], metric["included"]
        )
    # A year ago is over, whatever the clock.
    start = current.done["data"]["period"]["start"]
    year, rest = int(start[:4]), start[4:7]
    closed = usage(trial, startDate=f"{year - 1}{rest}-02", endDate=f"{year - 1}{rest}-20")
    for name, projection in closed.done["data"]["projectedUsage"].items():
        used = metrics(closed)[name]["used"]
        told = f"{name} projected of a closed span"
        agree(told, projection["projected"], used, closed, basis=Basis.ASSUMED)
