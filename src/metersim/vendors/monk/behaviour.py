"""Monk's usage cost: a customer's usage of a span at list prices, in dollars or in credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from metersim.billing.accounts import Customer
from metersim.billing.facts import Selection
from metersim.billing.instants import Span, parse_instant, to_milliseconds
from metersim.billing.quantity import multiply, plain, quotient, total
from metersim.billing.rates import RateCard
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import Problem, invalid, not_found
from metersim.world.charges import TopUp, card_of, priced_meters, rated, top_ups
from metersim.world.world import World

_CENTS_PER_DOLLAR = Decimal(100)


@dataclass(frozen=True, slots=True)
class Question:
    """Which of a customer's usage is priced, by which rate card."""

    customer: Customer
    card: RateCard
    span: Span
    everything: Selection
    asked: Selection


def get_usage_cost(call: Call, world: World) -> Reply:
    """The total is in dollars, or with a rate in credits; the reply never holds both."""
    question = read_question(call.body, world)
    dollars = cost(question, world)
    return Reply(
        {
            **amount(dollars, call.body.get("creditRateCents")),
            "startDate": to_milliseconds(question.span.start),
            "endDate": to_milliseconds(question.span.end),
            "queriedAt": to_milliseconds(world.now),
        }
    )


def read_question(asked: Mapping[str, Json], world: World) -> Question:
    """What a request is about."""
    span, customer = _span(asked), known_customer(asked, world)
    everything = Selection(customer=customer.key)
    card = _rate_card(customer, world)
    return Question(customer, card, span, everything, _selection(asked, customer))


def _span(asked: Mapping[str, Json]) -> Span:
    span = Span(parse_instant(asked["startDate"]), parse_instant(asked["endDate"]))
    if not span:
        found = f"found {asked['startDate']} and {asked['endDate']}"
        raise invalid("startDate", f"must be before endDate, {found}", rule="MONK-05")
    return span


def known_customer(asked: Mapping[str, Json], world: World) -> Customer:
    """Each id is looked up among its own kind only: another vendor's alias means nothing here."""
    customers = world.customers
    found: list[str] = []
    if "customerId" in asked:
        found.append(_known("customerId", asked["customerId"].lower(), customers.by_id))
    if "externalCustomerId" in asked:
        reference = asked["externalCustomerId"]
        found.append(_known("externalCustomerId", reference, customers.by_external_id))
    if found[0] != found[-1]:
        told = "this and externalCustomerId name different customers"
        raise invalid("customerId", told, rule="MONK-06")
    return customers[found[0]]


def _known(field: str, wanted: str, keys: Mapping[str, str]) -> str:
    if wanted not in keys:
        raise not_found(f"No customer has the {field} {wanted!r}")
    return keys[wanted]


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


def cost(question: Question, world: World) -> Decimal:
    """What has no price costs nothing, and neither does what is not active.

    Tiers count all that the customer uses of a meter, however little of it is asked about.
    """
    card, span, scope = question.card, question.span, [question.everything]
    costs = [
        rated(meter, card, scope, [question.asked], span, world).cost(span)
        for meter in priced_meters(card, world)
    ]
    return plain(total([*costs, *(each.lacking for each in minimums(question, world))]))


def minimums(question: Question, world: World) -> list[TopUp]:
    """A minimum is of whole months: of some events, or of some properties, it is no part."""
    if question.asked != question.everything:
        return []
    return list(top_ups(question.customer, question.card, question.span, world))


def _rate_card(customer: Customer, world: World) -> RateCard:
    """Monk charges the organization's list prices, unless the customer has prices of its own."""
    card = card_of(customer, world)
    if card.currency != "USD":
        raise Problem(
            HTTPStatus.NOT_IMPLEMENTED,
            f"Monk answers in USD alone, and the rate card {card.key!r} is in {card.currency}",
        )
    return card


def amount(dollars: Decimal, cents_per_credit: int | Decimal | None) -> dict[str, Json]:
    """The total as it is answered: in dollars, or at a rate in credits."""
    if cents_per_credit is None:
        return {"totalAmount": dollars, "currency": "USD", "unit": "currency"}
    # A whole number may come as 750.0.
    rate = plain(Decimal(cents_per_credit))
    # How many digits Monk keeps is not published: all of them, where they end.
    credits_spent = quotient(multiply(dollars, _CENTS_PER_DOLLAR), rate)
    return {"totalAmount": credits_spent, "creditRateCents": rate, "unit": "credits"}
