"""What each vendor shows of one customer's use of a meter, in exact numbers, over whole days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from metersim.billing.quantity import ZERO, exact, total
from tests.vendors.metronome import asking as metronome
from tests.vendors.mkio import calls as mkio
from tests.vendors.monk import asking as monk
from tests.vendors.saas import asking as saas
from tests.wire import Answer, Simulated

NORTHWIND, EMAIL, PROJECT = (
    metronome.NORTHWIND,
    "melanie_mckenzie@northwind.dev",
    "proj_nCBo0AB7UWpj",
)
PROJECTS = ["my-project", "northwind-staging"]

# What all vendors show: by its key, and as the SaaS API calls it.
METERS = {"api_calls": "apiCalls", "bandwidth": "bandwidth", "emails": "emails"}
LIST_PRICES = {"api_calls": "0.0004", "bandwidth": "0.08", "emails": "0.0009"}


def record(sim: Simulated, metric: str, quantity: Decimal | int, email: str = EMAIL) -> Answer:
    """Record usage of Northwind's first project through Mudbase."""
    body = {"email": email, "metric": metric, "quantity": quantity}
    path = f"/api/billing/public/projects/{PROJECT}/usage"
    return sim.caller("mudbase", token=None).post(path, body)


def by_metronome(sim: Simulated, metric: str, quantity: Decimal | int) -> Answer:
    """The same through Metronome, to which Northwind is one of its aliases."""
    transaction = f"transaction {len(sim.state['events'])}"
    more = {"customer_id": EMAIL, "event_type": metric}
    return metronome.ingest(sim, metronome.event(transaction, str(quantity), **more))


def by_monk(sim: Simulated, metric: str, quantity: Decimal | int) -> Answer:
    """The same through Monk, after a value that it corrects."""
    key = f"key {len(sim.state['events'])}"
    return monk.send(sim, *(monk.event(key, each, eventName=metric) for each in (77, quantity)))


RECORDERS: Mapping[str, Callable[[Simulated, str, Decimal | int], Answer]] = {
    "mudbase": record,
    "metronome": by_metronome,
    "monk": by_monk,
}


def metronome_value(sim: Simulated, meter: str, first: date, after: date) -> Decimal:
    wanted = {
        "customer_ids": [NORTHWIND],
        "billable_metrics": [{"id": metronome.meter(sim, meter)}],
    }
    (row,) = metronome.rows(sim, metronome.query(first, after, "none", **wanted))
    return ZERO if row["value"] is None else exact(str(row["value"]))


def saas_used(sim: Simulated, meter: str, first: date, after: date) -> Decimal:
    # Here the last day belongs to the span, and a span of one day has to be said to the second.
    end = f"{after - timedelta(days=1)}T23:59:59Z"
    return exact(str(saas.used(sim, METERS[meter], startDate=str(first), endDate=end)))


def mkio_quantity(sim: Simulated, meter: str, first: date, after: date) -> Decimal:
    rows = mkio.report(sim.caller("mkio"), first, after, projectNames=PROJECTS)
    return total(exact(str(row["quantity"])) for row in rows if row["meter"] == meter)


def monk_amount(sim: Simulated, meter: str, first: date, after: date) -> Decimal:
    span = {"startDate": f"{first}T00:00:00Z", "endDate": f"{after}T00:00:00Z"}
    return monk.cost(sim, eventNames=[meter], **span)
