"""How a number came about: series and events → quantity → tier → price → amount.

Nothing is reckoned here. Each part is asked of the very usage that answers, cut into smaller
pieces, so that the parts add up to the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from metersim.billing.facts import Axis, RecordedFacts, SeriesFacts
from metersim.billing.instants import TICK, Span
from metersim.billing.ledger import MeteredUsage, Stretch
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import ZERO, plain, subtract
from metersim.billing.rates import Line, Price, PriceModel, RateCard
from metersim.billing.rating import During, RatedUsage
from metersim.billing.usage import Value


@dataclass(frozen=True, slots=True)
class SeriesShare:
    """The facts of a series that matched, from the ``first`` that occurred to the ``last``.

    ``value`` is what they come to by themselves: of a sum their share, of a level where it stood.
    """

    event: str
    customer: str
    project: str | None
    properties: Mapping[str, Value]
    facts: int
    first: datetime
    last: datetime
    charged_after: timedelta
    value: Decimal


@dataclass(frozen=True, slots=True)
class EventShare:
    """A single event that matched, opened with or recorded; ``value`` as of a series."""

    event: str
    customer: str
    project: str | None
    properties: Mapping[str, Value]
    id: str
    occurred: datetime
    charged: datetime
    accepted: datetime
    value: Decimal


@dataclass(frozen=True, slots=True)
class Charge:
    """So many units, or packages of ``per`` units, at the price of one tier.

    The tier holds what goes beyond ``above``, up to and including ``up_to``; the price holds from
    ``since`` on. Each is None where there is no such bound. ``asked`` marks the one of several that
    is the row that was asked about.
    """

    model: PriceModel
    since: datetime | None
    tier: int
    above: Decimal | None
    up_to: Decimal | None
    per: Decimal | None
    quantity: Decimal
    price: Decimal
    amount: Decimal
    asked: bool = False


@dataclass(frozen=True, slots=True)
class TierCount:
    """What tiers and packages count of a billing period: ``total`` by now.

    So much of it is ``other`` usage than that of the part.
    """

    period: Span
    total: Decimal
    other: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What a part is charged; ``counts`` tells what there is of ``scope`` in each billing period.

    It is empty where no price counts.
    """

    rate_card: str
    currency: str
    scope: str
    counts: Sequence[TierCount]
    charges: Sequence[Charge]
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """A meter's quantity in a window, where it comes from, and what it costs if it is priced."""

    meter: str
    name: str
    unit: str
    aggregation: Aggregation
    window: Span
    axis: Axis
    series: Sequence[SeriesShare]
    events: Sequence[EventShare]
    quantity: Decimal | None
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A number that follows from those before it; ``how`` says in which way, numbers filled in."""

    name: str
    how: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a number came about: part by part, then step by step.

    ``number`` is what the vendor calls it, ``amount`` the number itself, None where the vendor
    answers null. ``notes`` say what is no part of it, and in which way the row that was asked about
    departs from that.
    """

    title: str
    number: str
    parts: Sequence[Part]
    steps: Sequence[Step]
    amount: Decimal | None
    unit: str
    notes: Sequence[str] = ()


def part_of(
    meter: Meter,
    usage: MeteredUsage,
    window: Span,
    axis: Axis = Axis.OCCURRED,
    cost: Cost | None = None,
) -> Part:
    """A meter's quantity in a window, split by series and event."""
    found = usage.stretches(window)
    return Part(
        meter=meter.key,
        name=meter.name,
        unit=meter.unit,
        aggregation=meter.aggregation,
        window=window,
        axis=axis,
        series=list(_series(usage, found)),
        events=list(_events(usage, found)),
        quantity=usage.over(window),
        cost=cost,
    )


def _series(usage: MeteredUsage, found: Sequence[Stretch]) -> Iterator[SeriesShare]:
    for facts, first, last in found:
        if isinstance(facts, SeriesFacts):
            series, occurred = facts.sums.series, facts.occurred(first, last)
            yield SeriesShare(
                event=series.name,
                customer=series.customer,
                project=series.project,
                properties=series.properties,
                facts=last - first,
                first=occurred.start,
                last=occurred.end - TICK,
                charged_after=series.lag,
                value=usage.value([(facts, first, last)]),
            )


def _events(usage: MeteredUsage, found: Sequence[Stretch]) -> Iterator[EventShare]:
    for facts, first, last in found:
        if not isinstance(facts, RecordedFacts):
            continue
        for index in range(first, last):
            event = facts.events[index]
            yield EventShare(
                event=event.name,
                customer=event.customer,
                project=event.project,
                properties=event.properties,
                id=event.id,
                occurred=event.occurred,
                charged=event.charged,
                accepted=event.accepted or event.occurred,
                value=usage.value([(facts, index, index + 1)]),
            )


def cost_of(
    meter: Meter, card: RateCard, usage: RatedUsage, window: Span, scope: str, asked: During
) -> Cost:
    """What a meter's usage in a window costs, split by tier and price.

    ``scope`` says what its tiers count, in words; ``asked`` is the very usage that is rated.
    """
    prices = {price.since: price for price in card.prices[meter.key]}
    return Cost(
        rate_card=card.key,
        currency=card.currency,
        scope=scope,
        counts=[
            TierCount(period, whole, subtract(whole, asked(period).over(window) or ZERO))
            for period, whole in usage.counted.items()
        ],
        charges=[_charge(line, prices[line.rate.since]) for line in usage.lines(window)],
        amount=usage.cost(window),
    )


def _charge(line: Line, price: Price) -> Charge:
    rate = line.rate
    return Charge(
        model=price.model,
        since=price.begins,
        tier=rate.tier,
        above=price.tiers[rate.tier - 2].up_to if rate.tier > 1 else None,
        up_to=price.tiers[rate.tier - 1].up_to,
        per=rate.per,
        quantity=line.quantity,
        price=plain(rate.price),
        amount=plain(line.amount),
    )
