"""MK.IO's wire shapes: how charges, payment methods and projects look in its answers."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from metersim.billing.accounts import PaymentMethod, Project
from metersim.billing.facts import Selection, text_of
from metersim.billing.instants import EARLIEST, Span, to_seconds
from metersim.billing.meters import Meter, MeterStatus
from metersim.billing.quantity import ZERO, plain
from metersim.billing.rates import Line, Price, PriceModel, Rate, RateCard
from metersim.reading import Json
from metersim.world.world import World

Row: TypeAlias = dict[str, str | Decimal]

EXPOSITION_TYPE = CONTENT_TYPE_PLAIN_0_0_4

COLUMNS = (
    "projectName",
    "paymentMethodId",
    "meter",
    "unit",
    "quantity",
    "price",
    "cost",
    "currency",
    "startDate",
    "endDate",
)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a payment method is charged for one project's use of one meter within a bucket."""

    project: Project
    method: PaymentMethod
    meter: Meter
    bucket: Span
    line: Line
    currency: str


def charge_row(charge: Charge) -> Row:
    """One row of a report; its keys stand in the order of ``COLUMNS``."""
    rate = charge.line.rate
    return {
        "projectName": charge.project.key,
        "paymentMethodId": charge.method.key,
        "meter": charge.meter.key,
        "unit": _unit(charge.meter, rate),
        "quantity": charge.line.quantity,
        "price": plain(rate.price),
        "cost": plain(charge.line.amount),
        "currency": charge.currency,
        "startDate": to_seconds(charge.bucket.start),
        "endDate": to_seconds(charge.bucket.end),
    }


def _unit(meter: Meter, rate: Rate) -> str:
    """What is counted: of a price per package, packages, so that cost is quantity times price."""
    return meter.unit if rate.per is None else f"{text_of(rate.per)} {meter.unit}"


def as_csv(rows: Sequence[Row]) -> str:
    """The rows under a header, as RFC 4180 has it; numbers in digits only, as spreadsheets want."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {k: format(v, "f") if isinstance(v, Decimal) else v for k, v in row.items()}
        )
    return text.getvalue()


def method_resource(method: PaymentMethod, world: World) -> Json:
    """A payment method, and whether its terms are accepted by now."""
    return {
        "metadata": {"id": method.key},
        "spec": {
            "displayName": method.name,
            "kind": method.kind,
            "termsAccepted": world.terms_accepted(method),
        },
    }


def page(value: Sequence[Json], kind: str, start: int, total: int) -> Json:
    """A page of a list that begins at row ``start`` of ``total``, rows being counted from 0."""
    pagination = {"start": start, "end": start + len(value), "records": len(value), "total": total}
    return {
        "value": value,
        "supplemental": {
            "count": len(value),
            "kind": kind,
            "operation": "list",
            "pagination": pagination,
        },
    }


def rate_card_resource(method: PaymentMethod, world: World) -> Json:
    """The price of each meter that is not archived; an inactive one has a price all the same."""
    card = world.rate_card(method)
    shown = {meter.key: meter for meter in world.meters(MeterStatus.ACTIVE, MeterStatus.INACTIVE)}
    rates = [_rate(shown[key], card, world) for key in sorted(shown.keys() & card.prices.keys())]
    return {
        "metadata": {"paymentMethodId": method.key},
        "spec": {"currency": card.currency, "rates": rates},
    }


def _rate(meter: Meter, card: RateCard, world: World) -> Json:
    """The price that holds now, or else the first to come; and all of them where it changes."""
    prices = card.prices[meter.key]
    now = card.price_at(meter.key, world.now) or prices[0]
    rate = {"meter": meter.key, **_price(meter, now)}
    if len(prices) > 1:
        rate["changes"] = [
            {
                "startDate": None if price.since == EARLIEST else to_seconds(price.since),
                **_price(meter, price),
            }
            for price in prices
        ]
    return rate


def _price(meter: Meter, price: Price) -> dict[str, Json]:
    first = price.rate()
    shown: dict[str, Json] = {"unit": _unit(meter, first), "price": plain(first.price)}
    if price.model in (PriceModel.GRADUATED, PriceModel.VOLUME):
        shown["tierMode"] = price.model.value
        shown["tiers"] = [
            {
                "upTo": None if tier.up_to is None else plain(tier.up_to),
                "price": plain(tier.price),
            }
            for tier in price.tiers
        ]
    return shown


def assignment_resource(project: Project, world: World) -> Json:
    """The method that carries the project's usage; null while there is none, and it is inactive."""
    method = world.payment_method(project)
    return {
        "metadata": {"projectName": project.key},
        "spec": {"paymentMethodId": None if method is None else method.key},
        "status": {"projectStatus": "inactive" if method is None else "active"},
    }


def metrics_resource(project: Project, world: World, url: str) -> Json:
    """The metrics endpoint; how to connect is told only while it is on."""
    access = world.metrics_access(project)
    resource: dict[str, Mapping[str, Json]] = {
        "metadata": {"projectName": project.key},
        "spec": {"enabled": access is not None},
    }
    if access is not None:
        resource["status"] = {
            "url": url,
            "username": access.username,
            "password": access.password,
        }
    return resource


class _UsageCounters(Collector):
    """One counter per meter of a project, over all its usage up to now.

    Not prometheus_client's own Counter, which would stamp each with the machine's time.
    """

    def __init__(self, project: Project, world: World) -> None:
        self._project = project
        self._world = world

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "mkio_usage", "Metered usage of the project.", labels=["project", "meter", "unit"]
        )
        for meter in self._world.meters(MeterStatus.ACTIVE):
            # The others go down as well as up, or mean nothing but within a window.
            if meter.aggregation.additive:
                usage = self._world.usage(meter, Selection(project=self._project.key))
                labels = [self._project.key, meter.key, meter.unit]
                # A counter starts from 0, so that Prometheus sees its first increase. Prometheus
                # has no numbers but doubles: it is here, and only here, that one is made.
                family.add_metric(labels, float(usage.over(Span()) or ZERO))
        yield family


def exposition(project: Project, world: World) -> str:
    """The project's metrics in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_UsageCounters(project, world))
    return generate_latest(registry).decode()
