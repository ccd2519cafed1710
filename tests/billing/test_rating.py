"""Rated usage costs what a plain loop over the facts of each billing period finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings

from metersim.billing.facts import Horizon, Selection
from metersim.billing.instants import TICK, Span
from metersim.billing.meters import Meter
from metersim.billing.quantity import exact, total
from metersim.billing.rates import Price, PriceModel, Tier
from metersim.billing.usage import UsageEvent
from tests.billing.bills import Order, orders
from tests.billing.books import END, HOUR, START, Books, Question, ask, matching, quantities
from tests.billing.drawn import all_books, cuts, windows


@settings(max_examples=250)
@given(all_books, orders(), windows)
def test_a_window_is_charged_what_a_plain_loop_finds(
    books: Books, order: Order, window: Span
) -> None:
    rated = order.rated(books, window)
    found = {
        (line.rate.since, line.rate.tier): Fraction(line.quantity)
        for line in rated.lines(window)
        if line.quantity
    }
    charged = order.charged(books, window)
    assert found == {rate: quantity for rate, quantity in charged.items() if quantity}
    assert Fraction(rated.cost(window)) == order.cost(books, window)


@settings(max_examples=100)
@given(all_books, orders(), cuts)
def test_costs_of_adjacent_windows_add_up_and_are_those_of_each_rated_alone(
    books: Books, order: Order, cuts: list[datetime]
) -> None:
    whole = Span(cuts[0], cuts[-1])
    rated = order.rated(books, whole)
    parts = [Span(*bounds) for bounds in pairwise(cuts)]
    for part in parts:
        assert bool(rated.lines(part)) == (rated.first(part) is not None)
    costs = [rated.cost(part) for part in parts]
    assert total(costs) == rated.cost(whole)
    assert costs == [order.rated(books, part).cost(part) for part in parts]


@settings(max_examples=100)
@given(all_books, orders(), windows)
def test_costs_of_disjoint_selections_add_up(books: Books, order: Order, window: Span) -> None:
    costs = []
    for value in ("", "eu", "1.5"):
        selections = [
            replace(each, properties=(*each.properties, ("region", value)))
            for each in order.asked.selections
        ]
        part = replace(order, asked=replace(order.asked, selections=selections))
        costs.append(part.rated(books, window).cost(window))
    assert total(costs) == order.rated(books, window).cost(window)


@settings(max_examples=100)
@given(all_books, orders(), windows)
def test_lines_are_one_for_each_rate_in_order_and_hold_all_the_usage_that_has_a_price(
    books: Books, order: Order, window: Span
) -> None:
    rated = order.rated(books, window)
    lines = rated.lines(window)
    rates = [line.rate for line in lines]
    assert rates == sorted(set(rates))
    for line in lines:
        assert Fraction(line.amount) == Fraction(line.quantity) * Fraction(line.rate.price)
    since = order.prices[0].since
    found = matching(books, order.asked, window)
    priced = [fact for fact in found if since <= fact.occurred]
    assert bool(lines) == bool(priced)
    assert rated.first(window) == (priced[0].at(order.asked.axis) if priced else None)
    if all(price.model is not PriceModel.PACKAGE for price in order.prices):
        used = quantities(priced, order.asked.meter)
        assert total(line.quantity for line in lines) == total(used)


@settings(max_examples=100)
@given(all_books, orders(), windows)
def test_less_usage_never_costs_more_where_none_is_taken_away(
    books: Books, order: Order, window: Span
) -> None:
    assume(not ask(books, order.scope).falls(Span()))
    everything = replace(order.scope, axis=order.asked.axis)
    cost = order.rated(books, window).cost(window)
    assert 0 <= cost <= replace(order, asked=everything).rated(books, window).cost(window)


# -- by example

MONTH = START.replace(month=3, day=1, hour=0)  # the turn of two billing periods
CALLS = Meter("calls", "m", "Calls", "calls", frozenset({"calls"}))
EVERYTHING = Question(CALLS, [Selection()], Horizon(END, END))
GRADUATED = Price(
    (Tier(Decimal("0.10"), Decimal(1_000)), Tier(Decimal("0.08"))), PriceModel.GRADUATED
)
VOLUME = replace(GRADUATED, model=PriceModel.VOLUME)
PACKAGES = Price((Tier(Decimal(7)),), PriceModel.PACKAGE, per=Decimal(400))


def calls(*rows: tuple[datetime, str, str]) -> Books:
    """So many calls of a project at an instant, one row after the other."""
    recorded = [
        UsageEvent(f"e{i}", "calls", "acme", project, at, at, {"quantity": exact(quantity)}, i)
        for i, (at, project, quantity) in enumerate(rows, 1)
    ]
    return Books([], [], recorded)


def charged(books: Books, *prices: Price, project: str | None = None) -> list[str]:
    """Each line as ``quantity x price``."""
    asked = replace(EVERYTHING, selections=[Selection(project=project)])
    lines = Order(prices, EVERYTHING, asked).rated(books, Span()).lines(Span())
    return [f"{line.quantity} x {line.rate.price}" for line in lines]


@pytest.mark.parametrize(
    ("price", "of_site", "of_shop"),
    [
        (GRADUATED, ["900 x 0.10", "50 x 0.08"], ["100 x 0.10", "250 x 0.08"]),
        (VOLUME, ["950 x 0.08"], ["350 x 0.08"]),
        # The shop begins the fourth package, in which the site's last calls find room.
        (PACKAGES, ["3 x 7"], ["1 x 7"]),
    ],
)
def test_a_part_is_charged_by_where_it_falls_among_all_that_the_tiers_count(
    price: Price, of_site: list[str], of_shop: list[str]
) -> None:
    rows = [(START, "site", "900"), (START, "shop", "350"), (START, "site", "50")]
    assert charged(calls(*rows), price, project="site") == of_site
    assert charged(calls(*rows), price, project="shop") == of_shop


def test_tiers_fill_anew_with_each_billing_period() -> None:
    books = calls((MONTH - TICK, "site", "1001"), (MONTH, "site", "1000"))
    assert charged(books, GRADUATED) == ["2000 x 0.10", "1 x 0.08"]
    assert charged(books, VOLUME) == ["1000 x 0.10", "1001 x 0.08"]


def test_a_price_that_begins_within_a_period_counts_what_was_used_before() -> None:
    books = calls((START, "site", "900"), (START + HOUR, "site", "200"))
    later = replace(GRADUATED, since=START + HOUR)
    assert charged(books, later) == ["100 x 0.10", "100 x 0.08"]
    assert charged(books, Price((Tier(Decimal(1)),)), later) == ["900 x 1", *charged(books, later)]


def test_what_is_given_back_is_given_back_in_the_tier_that_it_came_from() -> None:
    books = calls((START, "site", "1100"), (START, "shop", "-300"), (START, "site", "50"))
    assert charged(books, GRADUATED, project="shop") == ["-200 x 0.10", "-100 x 0.08"]
    assert charged(books, GRADUATED) == ["850 x 0.10", "0 x 0.08"]
    assert charged(books, PACKAGES, project="shop") == ["-1 x 7"]


@pytest.mark.parametrize("price", [GRADUATED, VOLUME, PACKAGES, Price((Tier(Decimal(1)),))])
def test_usage_of_0_is_charged_as_nothing_and_not_left_out(price: Price) -> None:
    # Amid what goes beyond a tier, and alone.
    books = calls((START, "site", "999"), (START, "shop", "0"), (START, "site", "9"))
    assert [line[:4] for line in charged(books, price, project="shop")] == ["0 x "]
    assert len(charged(calls((START, "shop", "0")), price)) == 1
