"""How the charge in a row of a report, or of a project's usage, came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from metersim.billing.explanation import Explanation, Part
from metersim.billing.facts import Axis
from metersim.billing.instants import Span, is_midnight, to_seconds
from metersim.billing.meters import Meter
from metersim.billing.plans import billing_period
from metersim.billing.rates import RateCard
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.explaining import check_row, departures, known, window_of
from metersim.validation import Validator
from metersim.world.charges import carried, charged_part, priced_meters
from metersim.world.world import World

_HOUR = timedelta(hours=1)
_FORM = Validator(
    {
        "type": "object",
        "required": ["projectName", "paymentMethodId", "meter", "startDate", "endDate"],
        "additionalProperties": False,
        "properties": {
            "projectName": {"type": "string"},
            "paymentMethodId": {"type": "string"},
            "meter": {"type": "string"},
            "unit": {"type": "string"},
            "quantity": {"type": "number"},
            "price": {"type": "number"},
            "cost": {"type": "number"},
            "currency": {"type": "string"},
            "startDate": {"type": "string", "format": "instant"},
            "endDate": {"type": "string", "format": "instant"},
            # Stands beside the rows of a report, and says which of its dates a charge goes by.
            "filterOnReportedDate": {"type": "boolean"},
        },
    }
)


def explain(row: Mapping[str, Json], world: World) -> Explanation:
    """A row of ``value``; rows that differ in price alone, as by tier, are explained together."""
    row = check_row(row, _FORM)
    project = known("projectName", row["projectName"], world.opening.projects)
    method = known("paymentMethodId", row["paymentMethodId"], world.opening.payment_methods)
    card, asked = world.rate_card(method), list(carried(method, world, project.key))
    scope = f"all that {method.key} carried", list(carried(method, world))
    meter = _charged(row["meter"], card, world)
    axis = Axis.CHARGED if row.get("filterOnReportedDate") else Axis.OCCURRED
    title = f"{meter.key} of {project.key}, charged to {method.key}"
    readings = [
        _reading(row, title, charged_part(meter, card, scope, asked, window, world, axis))
        for window in _windows(row, world.now)
    ]
    return next((each for each in readings if not each.notes), readings[0])


def _charged(key: str, card: RateCard, world: World) -> Meter:
    priced = {meter.key: meter for meter in priced_meters(card, world)}
    if key in world.opening.meters.keys() - priced.keys():
        message = f"{key!r} is not charged by rate card {card.key}"
        raise ControlError(f"row.meter: {message}; {nearest(key, priced)}")
    return known("meter", key, priced)


def _windows(row: Mapping[str, Json], now: datetime) -> Iterator[Span]:
    """What the dates say; or, as a project's usage means them, the month with this very instant."""
    month = billing_period(now)
    if (row["startDate"], row["endDate"]) != (to_seconds(month.start), to_seconds(now)):
        yield window_of(row, "startDate", "endDate")
        return
    # A report has a row from the first of a month until midnight, or of its first hour.
    end = now.replace(microsecond=0)
    if end != month.start and (is_midnight(end) or end - month.start == _HOUR):
        yield Span(month.start, end)
    yield month


def _reading(row: Mapping[str, Json], title: str, part: Part) -> Explanation:
    cost = part.cost
    assert cost is not None  # it is a charged one
    answered = {
        "quantity": [charge.quantity for charge in cost.charges],
        "price": [charge.price for charge in cost.charges],
        "cost": [charge.amount for charge in cost.charges],
    }
    if len(cost.charges) > 1 and "price" in row:
        charges = [replace(each, asked=each.price == row["price"]) for each in cost.charges]
        part = replace(part, cost=replace(cost, charges=charges))
    return Explanation(
        title=title,
        number="cost",
        parts=[part],
        steps=[],
        amount=cost.amount,
        unit=cost.currency,
        notes=departures(row, answered),
    )
