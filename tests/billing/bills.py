"""What usage costs twice, as rated and by a plain loop over facts, with strategies to draw it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TypeAlias

from hypothesis import strategies as st

from metersim.billing.facts import Selection
from metersim.billing.instants import EARLIEST, Span
from metersim.billing.ledger import MeteredUsage
from metersim.billing.rates import Price, PriceModel, RateCard, Tier
from metersim.billing.rating import During, RatedUsage, rate_usage
from tests.billing.books import Books, Question, ask, matching, quantities
from tests.billing.drawn import (
    additive_meters,
    axes,
    customers,
    disjoint,
    horizons,
    instants,
    projects,
    selections,
    since,
    until,
)

# How many units, or packages, are charged: by when the price began, and by tier, from 1 on.
Charged: TypeAlias = Mapping[tuple[datetime, int], Fraction]


@dataclass(frozen=True)
class Order:
    """What is to be rated: usage asked about, at prices whose tiers count all of a scope."""

    prices: Sequence[Price]
    scope: Question
    asked: Question

    def rated(self, books: Books, window: Span) -> RatedUsage:
        """As the code under test rates it."""
        key = self.scope.meter.key
        return rate_usage(
            RateCard("list", "USD", {key: self.prices}).periods(key),
            lambda: ask(books, self.scope),
            self.during(books),
            window,
        )

    def during(self, books: Books) -> During:
        """The usage asked about, of what occurred within a span."""

        def asked(span: Span) -> MeteredUsage:
            selections = [each.during(span) for each in self.asked.selections]
            return ask(books, replace(self.asked, selections=selections))

        return asked

    def charged(self, books: Books, window: Span) -> Charged:
        """As a plain loop finds it: what the facts of a window are charged, added up."""
        by_fact = self._by_fact(books)
        found: dict[tuple[datetime, int], Fraction] = defaultdict(Fraction)
        for fact in matching(books, self.asked, window):
            for rate, quantity in by_fact[fact.number].items():
                found[rate] += quantity
        return found

    def cost(self, books: Books, window: Span) -> Fraction:
        """The sum of all quantities times their prices."""
        tiers = {price.since: price.tiers for price in self.prices}
        return sum(
            (
                quantity * Fraction(tiers[since][tier - 1].price)
                for (since, tier), quantity in self.charged(books, window).items()
            ),
            Fraction(0),
        )

    def _by_fact(self, books: Books) -> dict[int, Charged]:
        """What each fact of the scope is charged, as the quantity of its month runs up."""
        facts = matching(books, self.scope, Span())
        adding = [Fraction(each) for each in quantities(facts, self.scope.meter)]
        months = [(fact.occurred.year, fact.occurred.month) for fact in facts]
        whole: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
        for month, quantity in zip(months, adding, strict=True):
            whole[month] += quantity
        used: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
        found: dict[int, Charged] = {}
        for fact, month, quantity in zip(facts, months, adding, strict=True):
            before, after = used[month], used[month] + quantity
            used[month] = after
            found[fact.number] = {
                (price.since, tier): amount
                for price in in_force(self.prices, fact.occurred)
                for tier, amount in enumerate(step(price, before, after, whole[month]), 1)
            }
        return found


def in_force(prices: Iterable[Price], at: datetime) -> list[Price]:
    """The price at an instant, if there is any."""
    return [price for price in prices if price.since <= at][-1:]


def step(price: Price, before: Fraction, after: Fraction, whole: Fraction) -> list[Fraction]:
    """What is charged in each tier from one quantity of a month to another."""
    match price.model:
        case PriceModel.GRADUATED:
            pairs = zip(parted(price, after), parted(price, before), strict=True)
            return [later - sooner for later, sooner in pairs]
        case PriceModel.VOLUME:
            holds = [tier.up_to is None or whole <= tier.up_to for tier in price.tiers]
            return [Fraction(0)] * holds.index(True) + [after - before]
        case PriceModel.PACKAGE:
            return [Fraction(begun(price, after) - begun(price, before))]
    return [after - before]


def parted(price: Price, quantity: Fraction) -> list[Fraction]:
    """A quantity by tiers, filled one after the other; less than nothing is in the first."""
    parts, floor = [], Fraction(0)
    for tier in price.tiers:
        room = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to) - floor)
        parts.append(room)
        quantity, floor = quantity - room, Fraction(tier.up_to or 0)
    return parts


def begun(price: Price, quantity: Fraction) -> int:
    """How many packages are begun."""
    return max(0, ceil(quantity / Fraction(price.per or 1)))


# -- strategies

unit_prices = st.sampled_from([Decimal(each) for each in ("0.25", "1", "0.1", "3.5", "0")])
bounds = st.sampled_from([Decimal(each) for each in ("0.5", "3", "5", "8", "20.5", "60")])
since_prices = st.sets(instants, max_size=2).map(sorted)


@st.composite
def one_price(draw: st.DrawFn, since: datetime) -> Price:
    model = draw(st.sampled_from(PriceModel))
    if model is PriceModel.PACKAGE:
        per = draw(st.sampled_from([Decimal(each) for each in ("3", "0.5", "7.5")]))
        return Price((Tier(draw(unit_prices)),), model, since, per)
    up_tos = [] if model is PriceModel.FLAT else sorted(draw(st.sets(bounds)))
    return Price(tuple(Tier(draw(unit_prices), up_to) for up_to in [*up_tos, None]), model, since)


@st.composite
def prices(draw: st.DrawFn) -> list[Price]:
    """One after the other; before the first there may be none."""
    begins = draw(since_prices)
    if not begins or draw(st.booleans()):
        begins = [EARLIEST, *begins]
    return [draw(one_price(since)) for since in begins]


scopes = st.builds(Selection, customer=customers, project=projects, since=since, until=until)


def in_both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


@st.composite
def orders(draw: st.DrawFn) -> Order:
    scope = Question(draw(additive_meters), draw(disjoint(scopes)), draw(horizons()))
    narrower = draw(selections)
    asked = [
        replace(
            each,
            customer=each.customer or narrower.customer,
            project=each.project or narrower.project,
            names=in_both(each.names, narrower.names),
            properties=narrower.properties,
            since=max(each.since, narrower.since),
            until=min(each.until, narrower.until),
        )
        for each in scope.selections
    ]
    return Order(draw(prices()), scope, replace(scope, selections=asked, axis=draw(axes)))
