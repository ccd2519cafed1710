"""What the SaaS API's replies say was used, and what of it is charged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from metersim.billing.accounts import Customer
from metersim.billing.facts import Selection
from metersim.billing.instants import TICK, Span, shift
from metersim.billing.meters import Aggregation
from metersim.billing.quantity import exact
from metersim.simulation.view import Shown, Sum, Viewer
from metersim.vendors.saas.behaviour import SHOWN_WITHIN
from metersim.vendors.saas.shapes import METRICS


def view(viewer: Viewer) -> Iterator[Shown | Sum]:
    """Every metric, month by month, as each customer's own session is told."""
    for customer in viewer.sample.customers:
        if customer.key not in viewer.world.opening.customers:
            continue  # came into being at another vendor, and has no session here
        for month in viewer.sample.months:
            yield from _month(viewer, customer, month)


def _month(viewer: Viewer, customer: Customer, month: Span) -> Iterator[Shown | Sum]:
    asked = {
        "startDate": _date(month.start),
        "endDate": _date(shift(month.end, -TICK)),
        "metrics": ",".join(metric.id for metric in METRICS),
    }
    reply = viewer.ask("GET", "/api/billing/usage", query=asked, customer=customer.key)
    cost = reply["data"]["estimatedCost"]
    parts = [exact(cost["base"]), exact(cost["overage"])]
    yield Sum(f"estimatedCost of {customer.key}", exact(cost["total"]), parts)
    meters, metrics = viewer.world.opening.meters, reply["data"]["metrics"]
    for metric in METRICS:
        meter = meters.get(metric.meter)
        # A level stands where it was put in whatever month: here it is no usage of this one.
        if meter is None or meter.aggregation is Aggregation.LATEST:
            continue
        used = exact(metrics[metric.id]["used"])
        yield Shown(meter, Selection(customer=customer.key), month, used, SHOWN_WITHIN)


def _date(instant: datetime) -> str:
    return instant.date().isoformat()
