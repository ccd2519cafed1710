"""What Monk's replies say was used: the cost of one meter, over what one unit of it costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from metersim.billing.accounts import Customer
from metersim.billing.facts import Selection
from metersim.billing.instants import Span, to_milliseconds
from metersim.billing.meters import Meter
from metersim.billing.quantity import exact, quotient
from metersim.billing.rates import PriceModel, RateCard
from metersim.simulation.view import Shown, Sum, Viewer
from metersim.world.charges import card_of, priced_meters

_MOST_EVENTS = 50


def view(viewer: Viewer) -> Iterator[Shown | Sum]:
    """Each meter whose cost tells its quantity, month by month; and the costs of all of them."""
    for customer in viewer.sample.customers:
        card = card_of(customer, viewer.world)
        if card.currency != "USD":
            continue  # Monk has no answer
        meters = priced_meters(card, viewer.world)
        for month in viewer.sample.months:
            yield from _quantities(viewer, customer, card, meters, month)
            yield from _costs(viewer, customer, meters, month)


def _quantities(
    viewer: Viewer, customer: Customer, card: RateCard, meters: list[Meter], month: Span
) -> Iterator[Shown]:
    for meter in meters:
        price = _unit_price(card, meter, month)
        if price and meter in viewer.sample.meters and _alone(meter, meters):
            cost = _cost(viewer, customer, meter.events, month)
            yield Shown(meter, Selection(customer=customer.key), month, quotient(cost, price))


def _costs(viewer: Viewer, customer: Customer, meters: list[Meter], month: Span) -> Iterator[Sum]:
    """By groups of events that no meter spreads over: only those are told apart by their names."""
    groups: list[frozenset[str]] = []
    for meter in meters:
        joined = meter.events.union(*(each for each in groups if each & meter.events))
        groups = [*(each for each in groups if not each & meter.events), joined]
    everything = frozenset().union(*groups)
    if not 0 < len(everything) <= _MOST_EVENTS:
        return
    parts = [_cost(viewer, customer, each, month) for each in groups]
    whole = _cost(viewer, customer, everything, month)
    yield Sum(f"cost of {customer.key} by events", whole, parts)


def _unit_price(card: RateCard, meter: Meter, month: Span) -> Decimal | None:
    """The one price of every unit of the month; None where some cost more than others."""
    prices = card.prices[meter.key]
    only = prices[0]
    flat = len(prices) == 1 and only.model is PriceModel.FLAT and only.since <= month.start
    return only.rate().price if flat else None


def _alone(meter: Meter, meters: Iterable[Meter]) -> bool:
    """Whether the cost of its events is its own: no other meter is charged by one of them."""
    shared = any(each.events & meter.events for each in meters if each != meter)
    return not shared and len(meter.events) <= _MOST_EVENTS


def _cost(viewer: Viewer, customer: Customer, events: Iterable[str], month: Span) -> Decimal:
    body = {
        "customerId": customer.id,
        "startDate": to_milliseconds(month.start),
        "endDate": to_milliseconds(month.end),
        "eventNames": sorted(events),
    }
    return exact(viewer.ask("POST", "/v1/usage/cost", body)["totalAmount"])
