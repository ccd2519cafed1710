"""An explanation's parts are all that counted, each once, and add up to what was answered."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings

from metersim.billing.explanation import Cost, Part, cost_of, part_of
from metersim.billing.instants import EARLIEST, Span
from metersim.billing.meters import Aggregation
from metersim.billing.plans import billing_period
from metersim.billing.quantity import ZERO, multiply, total
from metersim.billing.rates import PriceModel, RateCard
from tests.billing.bills import Order, orders
from tests.billing.books import Books, Question, ask, matching, quantities
from tests.billing.drawn import additive_questions, all_books, questions, windows

any_of = settings(max_examples=100)


def explained(books: Books, question: Question, window: Span) -> Part:
    return part_of(question.meter, ask(books, question), window, question.axis)


def charged(books: Books, order: Order, window: Span) -> Cost:
    meter = order.asked.meter
    card = RateCard("list", "USD", {meter.key: order.prices})
    return cost_of(meter, card, order.rated(books, window), window, "", order.during(books))


def shares(part: Part) -> list[Decimal]:
    """What each source comes to."""
    return [*(each.value for each in part.series), *(each.value for each in part.events)]


# -- quantities


@any_of
@given(all_books, questions, windows)
def test_the_quantity_is_the_one_that_is_answered(
    books: Books, question: Question, window: Span
) -> None:
    assert explained(books, question, window).quantity == ask(books, question).over(window)


@any_of
@given(all_books, additive_questions, windows)
def test_the_shares_of_a_sum_or_a_count_add_up(
    books: Books, question: Question, window: Span
) -> None:
    part = explained(books, question, window)
    assert total(shares(part)) == (part.quantity or ZERO)
    assert (part.quantity is None) == (shares(part) == [])


@any_of
@given(all_books, questions, windows)
def test_a_level_is_one_that_a_source_has_and_a_count_of_values_none_that_all_together_lack(
    books: Books, question: Question, window: Span
) -> None:
    part = explained(books, question, window)
    values = shares(part)
    if part.quantity is None:
        return
    match part.aggregation:
        case Aggregation.MAX:
            assert part.quantity == max(values)
        case Aggregation.LATEST:
            assert part.quantity in values
        case Aggregation.UNIQUE:
            assert max(values) <= part.quantity <= sum(values)


@any_of
@given(all_books, questions, windows)
def test_every_fact_that_matches_is_told_once(
    books: Books, question: Question, window: Span
) -> None:
    part = explained(books, question, window)
    found = matching(books, question, window)
    of_series = [fact for fact in found if fact.amount_in is not None]
    assert sum(each.facts for each in part.series) == len(of_series)
    assert {at for each in part.series for at in (each.first, each.last)} <= {
        fact.occurred for fact in of_series
    }
    events = [(fact.occurred, fact.charged, fact.accepted) for fact in found if not fact.amount_in]
    told = [(each.occurred, each.charged, each.accepted) for each in part.events]
    assert sorted(told) == sorted(events)
    assert len({each.id for each in part.events}) == len(events)


@any_of
@given(all_books, additive_questions, windows)
def test_a_share_is_what_its_own_facts_add(books: Books, question: Question, window: Span) -> None:
    part = explained(books, question, window)
    found = matching(books, question, window)
    amounts = zip(found, quantities(found, question.meter), strict=True)
    by_plain_loop = sorted(amount for fact, amount in amounts if fact.amount_in is None)
    assert sorted(each.value for each in part.events) == by_plain_loop
    assert {(each.event, each.charged_after) for each in part.series} == {
        (fact.name, fact.charged - fact.occurred) for fact in found if fact.amount_in is not None
    }


# -- charges


@any_of
@given(all_books, orders(), windows)
def test_charges_are_quantity_times_price_and_add_up_to_the_cost(
    books: Books, order: Order, window: Span
) -> None:
    cost = charged(books, order, window)
    for charge in cost.charges:
        assert charge.amount == multiply(charge.quantity, charge.price)
    assert total(charge.amount for charge in cost.charges) == cost.amount
    assert cost.amount == order.rated(books, window).cost(window)


@any_of
@given(all_books, orders(), windows)
def test_a_charge_tells_the_tier_that_its_price_stands_in(
    books: Books, order: Order, window: Span
) -> None:
    prices = {price.since: price for price in order.prices}
    for charge in charged(books, order, window).charges:
        price = prices[charge.since or EARLIEST]
        tier = price.tiers[charge.tier - 1]
        assert (charge.model, charge.per) == (price.model, price.per)
        assert (charge.price, charge.up_to) == (tier.price, tier.up_to)
        floors = [None, *(each.up_to for each in price.tiers)]
        assert charge.above == floors[charge.tier - 1]


@any_of
@given(all_books, orders(), windows)
def test_counts_tell_what_the_scope_holds_of_each_billing_period_and_how_much_of_it_is_other_usage(
    books: Books, order: Order, window: Span
) -> None:
    facts = matching(books, order.scope, Span())
    counted = list(zip(facts, quantities(facts, order.scope.meter), strict=True))
    asked = {fact.number: fact.occurred for fact in matching(books, order.asked, window)}
    expected = {
        billing_period(at)
        for span, price in RateCard("list", "USD", {"m": order.prices}).periods("m")
        for at in asked.values()
        if price.model is not PriceModel.FLAT and at in span
    }
    told = charged(books, order, window).counts
    assert [each.period for each in told] == sorted(expected, key=lambda period: period.start)
    for each in told:
        month = [(fact, amount) for fact, amount in counted if fact.occurred in each.period]
        assert each.total == total(amount for _, amount in month)
        assert each.other == total(amount for fact, amount in month if fact.number not in asked)
