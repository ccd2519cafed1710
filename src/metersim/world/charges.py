"""What usage costs in a world: its usage, rated by a rate card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from metersim.billing.accounts import Customer, PaymentMethod
from metersim.billing.explanation import Part, cost_of, part_of
from metersim.billing.facts import Axis, Selection
from metersim.billing.instants import TICK, Span, shift
from metersim.billing.ledger import MeteredUsage
from metersim.billing.meters import Meter, MeterStatus
from metersim.billing.plans import billing_period
from metersim.billing.quantity import subtract, total
from metersim.billing.rates import RateCard
from metersim.billing.rating import RatedUsage, rate_usage
from metersim.world.world import World


def card_of(customer: Customer, world: World) -> RateCard:
    """The prices of usage that no payment method carries: the customer's own, or list prices."""
    if customer.rate_card is None:
        return world.opening.list_prices
    return world.opening.rate_cards[customer.rate_card]


def rated(
    meter: Meter,
    card: RateCard,
    scope: Iterable[Selection],
    asked: Sequence[Selection],
    window: Span,
    world: World,
    axis: Axis = Axis.OCCURRED,
) -> RatedUsage:
    """The usage asked about within a window, at the prices of a card; its tiers count the scope."""
    return rate_usage(
        card.periods(meter.key),
        lambda: world.usage(meter, *scope),
        lambda span: world.usage(meter, *(each.during(span) for each in asked), axis=axis),
        window,
    )


def charged_part(
    meter: Meter,
    card: RateCard,
    scope: tuple[str, Iterable[Selection]],
    asked: Sequence[Selection],
    window: Span,
    world: World,
    axis: Axis = Axis.OCCURRED,
) -> Part:
    """How what ``rated`` answers came about; usage from before the first price is no part of it.

    The scope is given in words too.
    """
    priced = Span(start=card.prices[meter.key][0].since)

    def during(span: Span) -> MeteredUsage:
        return world.usage(meter, *(each.during(span & priced) for each in asked), axis=axis)

    words, selections = scope
    usage = rated(meter, card, selections, asked, window, world, axis)
    cost = cost_of(meter, card, usage, window, words, during)
    return part_of(meter, during(Span()), window, axis, cost)


def carried(method: PaymentMethod, world: World, project: str | None = None) -> Iterator[Selection]:
    """The usage that a payment method carried, of one project or of all.

    In several parts where it came back to a project.
    """
    projects = world.opening.projects
    for key in projects if project is None else (project,):
        for each in world.assignments(projects[key]):
            if each.payment_method == method:
                yield Selection(project=key, since=each.since, until=each.until)


def priced_meters(card: RateCard, world: World) -> list[Meter]:
    """What is charged: active meters that have a price."""
    return [meter for meter in world.meters(MeterStatus.ACTIVE) if meter.key in card.prices]


def unpriced_meters(card: RateCard, world: World) -> list[Meter]:
    """What could be charged and is not, for want of a price: active meters that add up."""
    active = world.meters(MeterStatus.ACTIVE)
    return [each for each in active if each.aggregation.additive and each.key not in card.prices]


@dataclass(frozen=True, slots=True)
class TopUp:
    """A billing period of which less was spent than its minimum."""

    period: Span
    minimum: Decimal
    spent: Decimal

    @property
    def lacking(self) -> Decimal:
        """What is charged on top."""
        return subtract(self.minimum, self.spent)


def top_ups(customer: Customer, card: RateCard, window: Span, world: World) -> Iterator[TopUp]:
    """What each billing period with usage lacks of the card's minimum, where it lacks anything.

    Charged at the last instant of the period, once it is over.
    """
    if not card.minimum:
        return
    everything = [Selection(customer=customer.key)]
    usages = [world.usage(meter, *everything) for meter in priced_meters(card, world)]
    span = Span(billing_period(window.start).start, min(window.end, world.now))
    while found := [first for usage in usages if (first := usage.first(span)) is not None]:
        period = billing_period(min(found))
        if shift(period.end, -TICK) in window and period.end <= world.now:
            spent = total(
                rated(meter, card, everything, everything, period, world).cost(period)
                for meter in priced_meters(card, world)
            )
            if spent < card.minimum:
                yield TopUp(period, card.minimum, spent)
        span = Span(period.end, span.end)
        if not span:
            return
