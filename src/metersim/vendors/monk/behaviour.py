"""Monk's usage cost: a customer's usage of a span at list prices, in dollars or in credits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus

from metersim.billing.accounts import Customer
from metersim.billing.facts import Selection
from metersim.billing.instants import Span, parse_instant, to_milliseconds
from metersim.billing.meters import MeterStatus
from metersim.billing.quantity import multiply, plain, quotient, total
from metersim.billing.rates import RateCard
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import Problem, invalid, not_found
from metersim.world.world import World

_CENTS_PER_DOLLAR = Decimal(100)


def get_usage_cost(call: Call, world: World) -> Reply:
    """The total is in dollars, or with a rate in credits; the reply never holds both."""
    asked = call.body
    span = _span(asked)
    selection = _selection(asked, _customer(asked, world))
    dollars = _cost(selection, span, _list_prices(world), world)
    return Reply(
        {
            **_amount(dollars, asked.get("creditRateCents")),
            "startDate": to_milliseconds(span.start),
            "endDate": to_milliseconds(span.end),
            "queriedAt": to_milliseconds(world.now),
        }
    )


def _span(asked: Mapping[str, Json]) -> Span:
    span = Span(parse_instant(asked["startDate"]), parse_instant(asked["endDate"]))
    if not span:
        found = f"found {asked['startDate']} and {asked['endDate']}"
        raise invalid("startDate", f"must be before endDate, {found}")
    return span


def _customer(asked: Mapping[str, Json], world: World) -> Customer:
    """Each id is looked up among its own kind only: another vendor's alias means nothing here."""
    by_id = {customer.id: customer for customer in world.opening.customers.values()}
    by_reference: dict[str, Customer] = {}
    for customer in by_id.values():
        by_reference.setdefault(customer.external_id, customer)
    found: list[Customer] = []
    if "customerId" in asked:
        found.append(_known("customerId", asked["customerId"].lower(), by_id))
    if "externalCustomerId" in asked:
        found.append(_known("externalCustomerId", asked["externalCustomerId"], by_reference))
    if found[0] is not found[-1]:
        raise invalid("customerId", "this and externalCustomerId name different customers")
    return found[0]


def _known(field: str, wanted: str, customers: Mapping[str, Customer]) -> Customer:
    if wanted not in customers:
        raise not_found(f"No customer has the {field} {wanted!r}")
    return customers[wanted]


def _selection(asked: Mapping[str, Json], customer: Customer) -> Selection:
    """Of a meter over several events only the named ones count, so that costs by event add up.

    A property that an event lacks compares as the empty text.
    """
    names = asked.get("eventNames")
    return Selection(
        customer=customer.key,
        names=None if names is None else frozenset(names),
        properties=tuple((each["key"], each["value"]) for each in asked.get("propertyFilters", ())),
    )


def _list_prices(world: World) -> RateCard:
    """Without a contract Monk charges the organization's list prices, which are in dollars."""
    card = world.opening.list_prices
    if card.currency != "USD":
        raise Problem(
            HTTPStatus.NOT_IMPLEMENTED,
            f"Monk answers in USD alone, and this scenario's list prices are in {card.currency}",
        )
    return card


def _cost(selection: Selection, span: Span, card: RateCard, world: World) -> Decimal:
    """What has no list price costs nothing, and neither does what is not active."""
    priced = [meter for meter in world.meters(MeterStatus.ACTIVE) if meter.key in card.prices]
    used = {meter.key: world.usage(meter, selection).over(span) for meter in priced}
    return plain(total(card.cost(key, each) for key, each in used.items() if each is not None))


def _amount(dollars: Decimal, cents_per_credit: int | Decimal | None) -> dict[str, Json]:
    if cents_per_credit is None:
        return {"totalAmount": dollars, "currency": "USD", "unit": "currency"}
    # A whole number may come as 750.0.
    rate = plain(Decimal(cents_per_credit))
    # How many digits Monk keeps is not published: all of them, where they end.
    credits_spent = quotient(multiply(dollars, _CENTS_PER_DOLLAR), rate)
    return {"totalAmount": credits_spent, "creditRateCents": rate, "unit": "credits"}
