"""The one read: what the account behind a session token used in a period, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus

from metersim.billing.accounts import Customer
from metersim.billing.facts import Selection
from metersim.billing.instants import (
    TICK,
    Granularity,
    Span,
    a_year_earlier,
    following,
    parse_date_or_instant,
    shift,
)
from metersim.billing.ledger import MeteredUsage
from metersim.billing.meters import Aggregation, Meter, MeterStatus
from metersim.billing.plans import Plan, billing_period
from metersim.billing.quantity import ZERO
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import Problem, forbidden
from metersim.vendors.saas.shapes import METRICS, Account, Metric, usage_data
from metersim.world.world import World

_SECOND = timedelta(seconds=1)
SHOWN_WITHIN = timedelta(minutes=5)
_NO_PLAN = Plan("none", "No plan", ZERO, "USD", {})


def get_usage(call: Call, world: World) -> Reply:
    """The plan's metrics, or exactly those asked for; the cost is that of the whole plan."""
    period = read_period(call.query, world.now)
    account, metrics = read_account(
        _customer(call, world), period, call.query.get("metrics"), world
    )
    return Reply({"success": True, "data": usage_data(account, metrics)})


def read_account(
    customer: Customer, period: Span, asked: Sequence[str] | None, world: World
) -> tuple[Account, list[Metric]]:
    """What the customer used in a period, and the metrics to show of it."""
    plan = _NO_PLAN if customer.plan is None else world.opening.plans[customer.plan]
    meters = world.opening.meters
    metrics = _metrics(asked, plan, meters)
    needed = {*plan.allowances, *(metric.meter for metric in metrics)} & meters.keys()
    used = {key: _used(meters[key], customer, period, world) for key in needed}
    return Account(plan, period, world.now, meters, used), metrics


def _customer(call: Call, world: World) -> Customer:
    """The session says whose usage it is: nobody reads another's here."""
    if call.credential is None or call.credential.customer is None:
        raise forbidden("The session belongs to no customer")
    return world.opening.customers[call.credential.customer]


def read_period(query: Mapping[str, str], now: datetime) -> Span:
    """A bound that is not given is that of the current billing period.

    The bounds are compared as they were sent, so that equal dates are no period; only then does the
    last day, or the last second, count in full.
    """
    current = billing_period(now)
    start, last, end = current.start, _whole_second(shift(current.end, -TICK)), current.end
    if "startDate" in query:
        start = _whole_second(parse_date_or_instant(query["startDate"]))
    if "endDate" in query:
        last = _whole_second(parse_date_or_instant(query["endDate"]))
        bare = "T" not in query["endDate"].upper()
        end = following(last, Granularity.DAY) if bare else shift(last, _SECOND)
    if start >= last:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "Invalid date range: startDate must be before endDate",
            rule="SAAS-05",
        )
    return Span(start, end)


def _whole_second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _metrics(asked: Sequence[str] | None, plan: Plan, meters: Mapping[str, Meter]) -> list[Metric]:
    """In the order of the vendor's table; each goes by its id and by the key of its meter.

    One that is asked for is shown even if the plan does not include it.
    """
    if asked is not None:
        return [metric for metric in METRICS if {metric.id, metric.meter} & set(asked)]
    return [
        metric
        for metric in METRICS
        if metric.meter in plan.allowances
        and meters[metric.meter].status is not MeterStatus.ARCHIVED
    ]


def _used(meter: Meter, customer: Customer, period: Span, world: World) -> Decimal:
    usage, window = usage_of(meter, customer, period, world)
    return usage.over(window) or ZERO


def usage_of(
    meter: Meter, customer: Customer, period: Span, world: World
) -> tuple[MeteredUsage, Span]:
    """What a customer used, and the window of it that counts for a period.

    A level stands where it was last put, in whatever period; all else counts the period.

    Neither goes back to what happened more than a year ago, which is not retained. However slow the
    world is to show usage, here it shows within five minutes.
    """
    window = Span(a_year_earlier(world.now), period.end)
    if meter.aggregation is not Aggregation.LATEST:
        window = window & period
    selection = Selection(customer=customer.key)
    return world.usage(meter, selection, shown_within=SHOWN_WITHIN), window
