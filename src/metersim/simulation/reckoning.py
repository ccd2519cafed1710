"""Usage of a world reckoned anew, beside the ledger: what it opened with, and on top fact by fact.

Nothing is indexed, summed ahead or kept: slower than the ledger, and hard to get wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from metersim.billing.facts import Moment, Selection, counted, text_of
from metersim.billing.instants import shift
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import ONE, ZERO, add, total
from metersim.simulation.view import Shown
from metersim.world.changes import Change, ClockSet, UsageRecorded
from metersim.world.world import World


@dataclass(frozen=True, slots=True)
class _Fact:
    """What one recorded event adds to a meter, until a newer one takes its place."""

    customer: str | None
    project: str | None
    moment: Moment
    accepted: datetime
    replaced: datetime | None
    amount: Decimal


class Reckoning:
    """What replies should say was used in a world, from its opening and its changes."""

    def __init__(self, world: World, history: Sequence[Change]) -> None:
        self._opened = world.fork(each for each in history if not isinstance(each, UsageRecorded))
        self._lived = world.fork(history)
        self._facts: dict[str, list[_Fact]] = {meter: [] for meter in world.opening.meters}
        self._meters = world.meters()
        by_id: dict[str, list[UsageRecorded]] = {}
        for change in history:
            if isinstance(change, UsageRecorded) and change.once is not None:
                by_id.setdefault(change.once, []).append(change)
        sequence = 0
        for change in history:
            sequence += not isinstance(change, ClockSet)
            if isinstance(change, UsageRecorded):
                newer = by_id[change.once] if change.once is not None else [change]
                # In order of arrival: what is left are those that came after this one.
                newer.pop(0)
                self._add(change, sequence, _replaced(newer))

    def _add(self, change: UsageRecorded, sequence: int, replaced: datetime | None) -> None:
        world = self._lived
        customer, project = world.customer_key(change.customer), change.project
        if project is None and customer is not None:
            project = world.home(customer)
        moment = change.occurred, sequence
        for meter in self._meters:
            amount = _amount(change, meter)
            if amount is not None:
                fact = _Fact(customer, project, moment, change.accepted, replaced, amount)
                self._facts[meter.key].append(fact)

    def quantity(self, shown: Shown) -> Decimal:
        """How much it should be; 0 for nothing."""
        meter, span = shown.meter, shown.span
        world = self._opened if meter.aggregation.additive else self._lived
        usage = world.usage(meter, shown.selection, shown_within=shown.shown_within)
        opened = usage.over(span) or ZERO
        if not meter.aggregation.additive:
            # No sum of what there was and what came: all of it is aggregated at once.
            return opened
        now, lag = world.now, world.opening.visible_after
        if shown.shown_within is not None:
            lag = min(lag, shown.shown_within)
        visible = shift(now, -lag)
        recorded = (
            fact.amount
            for fact in self._facts[meter.key]
            if _selected(fact, shown.selection)
            and fact.moment[0] in span
            and fact.moment[0] <= now
            and fact.accepted <= visible
            and (fact.replaced is None or fact.replaced > visible)
        )
        return add(opened, total(recorded))


def _replaced(newer: Sequence[UsageRecorded]) -> datetime | None:
    """Since when one of these has the place of the event that they came after; None if none has."""
    if not (newer and newer[0].replaces):
        return None
    return min(each.accepted for each in newer if each.replaces)


def _amount(change: UsageRecorded, meter: Meter) -> Decimal | None:
    properties = change.properties
    for each in meter.property_filters:
        if not each.passes(text_of(properties[each.name]) if each.name in properties else None):
            return None
    amount = counted(properties, meter) if change.name in meter.events else None
    return ONE if amount is not None and meter.aggregation is Aggregation.COUNT else amount


def _selected(fact: _Fact, selection: Selection) -> bool:
    """Views select by customer, project and moment alone."""
    return (
        selection.customer in (None, fact.customer)
        and selection.project in (None, fact.project)
        and selection.since <= fact.moment < selection.until
    )
