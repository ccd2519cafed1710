"""What Metronome's replies say was used: by customer and metric, and its days, hours and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

from metersim.billing.facts import Selection
from metersim.billing.instants import Granularity, Span, floor, to_seconds
from metersim.billing.quantity import ZERO, exact
from metersim.reading import Json
from metersim.simulation.view import Shown, Sum, Viewer
from metersim.vendors.metronome.behaviour import MAX_GROUPS

_DAY = timedelta(days=1)

# Values by customer and metric, the ids of both.
_Values: TypeAlias = dict[tuple[str, str], list[Decimal]]


def view(viewer: Viewer) -> Iterator[Shown | Sum]:
    """Every metric of every customer, month by month; of the current month also the parts."""
    sample = viewer.sample
    if not (sample.customers and sample.meters and sample.months):
        return
    for month in sample.months:
        values = _values(viewer, month, "none")
        for customer in sample.customers:
            for meter in sample.meters:
                (value,) = values[customer.id, meter.id]
                yield Shown(meter, Selection(customer=customer.key), month, value)
    month = sample.months[0]
    today = floor(viewer.world.now, Granularity.DAY)
    yield from _windows(viewer, month, "day")
    yield from _windows(viewer, Span(today, today + _DAY), "hour")
    yield from _groups(viewer, month)


def _windows(viewer: Viewer, span: Span, size: str) -> Iterator[Sum]:
    parts, wholes = _values(viewer, span, size), _values(viewer, span, "none")
    for customer in viewer.sample.customers:
        for meter in viewer.sample.meters:
            if meter.aggregation.additive:
                pair = customer.id, meter.id
                (whole,) = wholes[pair]
                yield Sum(f"{meter.key} of {customer.key} by {size}", whole, parts[pair])


def _groups(viewer: Viewer, month: Span) -> Iterator[Sum]:
    customers = {each.id: each for each in viewer.sample.customers}
    grouped = [each for each in viewer.sample.meters if each.aggregation.additive]
    for meter in grouped:
        for key in meter.group_keys:
            metrics = [{"id": meter.id, "group_by": {"key": key}}]
            for row in _rows(viewer, month, "none", billable_metrics=metrics):
                groups = [exact(each) for each in row["groups"].values()]
                if len(groups) < MAX_GROUPS:  # there may be more, which are not answered
                    what = f"{meter.key} of {customers[row['customer_id']].key} by {key}"
                    yield Sum(what, _value(row), groups)


def _values(viewer: Viewer, span: Span, size: str) -> _Values:
    found: _Values = {}
    metrics = [{"id": meter.id} for meter in viewer.sample.meters]
    for row in _rows(viewer, span, size, billable_metrics=metrics):
        pair = row["customer_id"], row["billable_metric_id"]
        found.setdefault(pair, []).append(_value(row))
    return found


def _value(row: Mapping[str, Json]) -> Decimal:
    return ZERO if row["value"] is None else exact(row["value"])


def _rows(viewer: Viewer, span: Span, size: str, **more: Json) -> Iterator[Mapping[str, Json]]:
    body = {
        "window_size": size,
        "starting_on": to_seconds(span.start),
        "ending_before": to_seconds(span.end),
        "customer_ids": [customer.id for customer in viewer.sample.customers],
        **more,
    }
    query: dict[str, str] = {}
    while True:
        page = viewer.ask("POST", "/v1/usage", body, query=query)
        yield from page["data"]
        if page["next_page"] is None:
            return
        query = {"next_page": page["next_page"]}
