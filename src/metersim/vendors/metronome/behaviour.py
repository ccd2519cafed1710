"""Metronome's batched usage: every customer's every metric, window by window, in pages."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from metersim.billing.facts import Selection
from metersim.billing.instants import Span, is_midnight, parse_instant, to_seconds
from metersim.billing.ledger import MeteredUsage
from metersim.billing.meters import Meter, MeterStatus
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.paging import CursorError, read_cursor, write_cursor
from metersim.simulation.problems import invalid
from metersim.world.world import World

# Not settable and not documented: the figure that observed request counts imply.
WINDOWS_PER_PAGE = 200
MAX_GROUPS = 200
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}

_GroupBy: TypeAlias = Mapping[str, Json] | None


class _Position(NamedTuple):
    """Where a page begins: a pair's ids, and the number of a window."""

    ids: tuple[str, str]
    window: int


_START = _Position(("", ""), 0)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A customer and a metric: all rows of one pair come before those of the next.

    ``customer`` is its key. ``group_by`` holds a key, and values unless all of them are wanted.
    """

    customer_id: str
    customer: str
    meter: Meter
    group_by: _GroupBy


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every customer with every metric, both in order of id, by number: none is made to count."""

    customer_ids: Sequence[str]
    metrics: Sequence[tuple[Meter, _GroupBy]]

    def __len__(self) -> int:
        return len(self.customer_ids) * len(self.metrics)

    def metric(self, number: int) -> tuple[Meter, _GroupBy]:
        """The pair's metric, and how it is grouped."""
        return self.metrics[number % len(self.metrics)]

    def ids(self, number: int) -> tuple[str, str]:
        """What pairs are ordered by."""
        return self.customer_ids[number // len(self.metrics)], self.metric(number)[0].id

    def number(self, ids: tuple[str, str]) -> int:
        """The first pair at or after these ids; one past the last if there is none."""
        customer, metric = ids
        row = bisect_left(self.customer_ids, customer)
        column = 0
        if row < len(self.customer_ids) and self.customer_ids[row] == customer:
            column = bisect_left(self.metrics, metric, key=lambda each: each[0].id)
        return row * len(self.metrics) + column


@dataclass(frozen=True, slots=True)
class _Windows:
    """The windows of a span, by number; a step of None is one window of the whole span."""

    span: Span
    step: timedelta | None

    def __len__(self) -> int:
        return 1 if self.step is None else (self.span.end - self.span.start) // self.step

    def __getitem__(self, index: int) -> Span:
        if self.step is None:
            return self.span
        start = self.span.start + index * self.step
        return Span(start, start + self.step)


def list_usage(call: Call, world: World) -> Reply:
    """One page, which holds windows of one pair only; a pair that is gone by now is passed over."""
    windows = _windows(call.body)
    pairs = _Pairs(_customer_ids(call.body, world), _metrics(call.body, world))
    begin = _position(call, world)
    number = pairs.number(begin.ids)
    if number == len(pairs):
        return Reply({"data": [], "next_page": None})

    ids = pairs.ids(number)
    first = begin.window if ids == begin.ids else 0
    last = min(first + WINDOWS_PER_PAGE, len(windows))
    following: _Position | None = None
    if last < len(windows):
        following = _Position(ids, last)
    elif number + 1 < len(pairs):
        following = _Position(pairs.ids(number + 1), 0)
    cursor = following and write_cursor(following, _query(call), world.identifiers)
    pair = _Pair(ids[0], world.customers.by_id[ids[0]], *pairs.metric(number))
    rows = _rows(world, pair, windows, range(first, last))
    return Reply({"data": rows, "next_page": cursor})


def _windows(body: Mapping[str, Json]) -> _Windows:
    """Both bounds sit on midnight whatever the window size: the live API refuses anything else."""
    bounds = {name: parse_instant(body[name]) for name in ("starting_on", "ending_before")}
    for name, bound in bounds.items():
        if not is_midnight(bound):
            raise invalid(
                name, f"must be midnight UTC, found {bound.isoformat()}", rule="METRONOME-04"
            )
    span = Span(bounds["starting_on"], bounds["ending_before"])
    if not span:
        told = "must be at least one day after starting_on"
        raise invalid("ending_before", told, rule="METRONOME-05")
    return _Windows(span, _STEPS.get(body["window_size"].lower()))


def _customer_ids(body: Mapping[str, Json], world: World) -> Sequence[str]:
    """Archived customers keep their history; only their listing hides them."""
    known = world.customers
    wanted = body.get("customer_ids")
    if wanted is None:
        return known.ids
    return sorted(each for each in {each.lower() for each in wanted} if each in known.by_id)


def _metrics(body: Mapping[str, Json], world: World) -> list[tuple[Meter, _GroupBy]]:
    """An id that is not known matches nothing, as a filter does; of one given twice, the first."""
    if "billable_metrics" not in body:
        live = world.meters(MeterStatus.ACTIVE, MeterStatus.INACTIVE)
        return [(meter, None) for meter in sorted(live, key=lambda meter: meter.id)]
    by_id = {meter.id: meter for meter in world.meters()}
    asked: dict[str, tuple[Meter, _GroupBy]] = {}
    for index, each in enumerate(body["billable_metrics"]):
        if meter := by_id.get(each["id"].lower()):
            group_by = each.get("group_by")
            _check_group_key(meter, group_by, f"billable_metrics.{index}.group_by.key")
            asked.setdefault(meter.id, (meter, group_by))
    return [asked[meter_id] for meter_id in sorted(asked)]


def _check_group_key(meter: Meter, group_by: _GroupBy, field: str) -> None:
    if group_by is not None and group_by["key"] not in meter.group_keys:
        declared = ", ".join(meter.group_keys) or "none"
        raise invalid(
            field,
            f"{group_by['key']!r} is not a group key of {meter.name!r} (declared: {declared})",
            rule="METRONOME-15",
        )


def _query(call: Call) -> Json:
    """What a cursor is bound to."""
    return [call.operation.id, call.body]


def _position(call: Call, world: World) -> _Position:
    cursor = call.query.get("next_page")
    if cursor is None:
        return _START
    try:
        return read_cursor(cursor, _query(call), world.identifiers, _Position)
    except CursorError as error:
        told = f"{error}; replay it with the body it came from"
        raise invalid("next_page", told, rule="METRONOME-11") from None


def usage_of(customer: str, meter: Meter, world: World) -> MeteredUsage:
    """What the value of a row is asked of."""
    return world.usage(meter, Selection(customer=customer))


def usage_by_group(customer: str, meter: Meter, key: str, world: World) -> dict[str, MeteredUsage]:
    """The same for each of a row's groups.

    Events without the property make the group ``""``, so that the groups add up to the whole.
    """
    return world.usage_by(key, meter, Selection(customer=customer))


def _rows(world: World, pair: _Pair, windows: _Windows, numbers: range) -> list[dict[str, Json]]:
    usage = usage_of(pair.customer, pair.meter, world)
    spans = [windows[number] for number in numbers]
    rows: list[dict[str, Json]] = [
        {
            "customer_id": pair.customer_id,
            "billable_metric_id": pair.meter.id,
            "billable_metric_name": pair.meter.name,
            "start_timestamp": to_seconds(span.start),
            "end_timestamp": to_seconds(span.end),
            "value": usage.over(span),
        }
        for span in spans
    ]
    if pair.group_by is not None:
        for row, groups in zip(rows, _groups(world, pair, windows.span, spans), strict=True):
            row["groups"] = groups
    return rows


def _groups(
    world: World, pair: _Pair, whole: Span, spans: Sequence[Span]
) -> Iterator[dict[str, Decimal | None]]:
    """Per window the value of each group: of those asked for, null included, or all with usage."""
    asked = pair.group_by or {}
    by_group = usage_by_group(pair.customer, pair.meter, asked["key"], world)
    wanted = asked.get("values")
    if wanted is None:
        wanted = [g for g, usage in by_group.items() if usage.over(whole) is not None][:MAX_GROUPS]
    named = "values" in asked
    for span in spans:
        values = {g: by_group[g].over(span) if g in by_group else None for g in wanted}
        yield {g: value for g, value in values.items() if named or value is not None}
