"""The reply's parts: usage by metric, the estimated cost, the projection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from metersim.billing.instants import TICK, Span, shift, to_seconds
from metersim.billing.meters import Meter, MeterStatus
from metersim.billing.plans import Allowance, Plan
from metersim.billing.quantity import ZERO, add, divide, exact, multiply, plain, total
from metersim.reading import Json

_TICKS_PER_SECOND = Decimal(1_000_000)
_NOT_INCLUDED = Allowance(ZERO, projected=False)


@dataclass(frozen=True, slots=True)
class Metric:
    """One of the vendor's metrics: its id, the meter behind it, and how it is shown.

    ``name`` is for a world without the meter. ``places`` is how many decimals a projection has.
    """

    id: str
    meter: str
    name: str
    unit: str
    places: int = 0


METRICS = (
    Metric("apiCalls", "api_calls", "API Calls", "requests"),
    Metric("storage", "storage", "Storage", "GB", places=2),
    Metric("seats", "seats", "Team Seats", "users"),
    Metric("bandwidth", "bandwidth", "Bandwidth", "GB", places=2),
    Metric("emails", "emails", "Emails", "emails"),
    Metric("webhooks", "webhooks", "Webhooks", "events"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """What one account used in a period, by meter, and the plan that it is measured by."""

    plan: Plan
    period: Span
    now: datetime
    meters: Mapping[str, Meter]
    used: Mapping[str, Decimal]

    @property
    def running(self) -> bool:
        """Whether the period has begun and is not over."""
        return self.period.start < self.now < self.period.end

    @property
    def whole(self) -> Decimal:
        """How many seconds the period has."""
        return _seconds(self.period.end - self.period.start)

    @property
    def elapsed(self) -> Decimal:
        """How many of them have passed, of a period that runs."""
        return _seconds(self.now - self.period.start)

    def allowance(self, metric: Metric) -> Allowance:
        """What the plan includes of it; of what is outside the plan, nothing."""
        return self.plan.allowances.get(metric.meter, _NOT_INCLUDED)


def _seconds(length: timedelta) -> Decimal:
    return divide(exact(length // TICK), _TICKS_PER_SECOND, places=6)


def usage_data(account: Account, metrics: Iterable[Metric]) -> Json:
    """All that a reply says of the account, with these metrics."""
    return {
        "period": {
            "start": to_seconds(account.period.start),
            "end": to_seconds(shift(account.period.end, -TICK)),
        },
        "metrics": {metric.id: _usage(metric, account) for metric in metrics},
        "estimatedCost": _cost(account),
        "projectedUsage": {
            metric.id: _projection(metric, account)
            for metric in metrics
            if account.allowance(metric).projected
        },
    }


def _usage(metric: Metric, account: Account) -> dict[str, Json]:
    meter = account.meters.get(metric.meter)
    allowance, used = account.allowance(metric), account.used.get(metric.meter, ZERO)
    return {
        "name": metric.name if meter is None else meter.name,
        "unit": metric.unit,
        "included": allowance.included,
        "used": used,
        "overage": allowance.overage(used),
        "percentage": allowance.percentage(used),
    }


def _cost(account: Account) -> dict[str, Json]:
    """The plan's price, and the overage of all its metrics: what is not shown is not charged."""
    plan = account.plan
    overage = plain(
        total(
            plan.allowances[metric.meter].overage_cost(account.used[metric.meter])
            for metric in billed(account)
        )
    )
    return {
        "base": plan.price,
        "overage": overage,
        "total": add(plan.price, overage),
        "currency": plan.currency.lower(),
    }


def billed(account: Account) -> list[Metric]:
    """The metrics of the plan whose overage is charged."""
    return [
        metric
        for metric in METRICS
        if metric.meter in account.plan.allowances
        and account.meters[metric.meter].status is MeterStatus.ACTIVE
    ]


def _projection(metric: Metric, account: Account) -> dict[str, Json]:
    projected = _projected(account.used[metric.meter], metric.places, account)
    return {"projected": projected, "percentage": account.allowance(metric).percentage(projected)}


def _projected(used: Decimal, places: int, account: Account) -> Decimal:
    """``used`` over the time that has passed, times the whole period; rounded half up.

    Never less than ``used``, which is also the answer when the period is over or yet to begin.
    """
    if not account.running:
        return used
    return max(used, divide(multiply(used, account.whole), account.elapsed, places))
