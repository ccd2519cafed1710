"""Metronome's batched usage: every customer's every metric, window by window, in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from metersim.billing.accounts import Customer
from metersim.billing.instants import Span, is_midnight, parse_instant, to_seconds
from metersim.billing.ledger import Selection
from metersim.billing.meters import Meter, MeterStatus
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.paging import CursorError, read_cursor, write_cursor
from metersim.simulation.problems import invalid
from metersim.world.world import World

# Not settable and not documented: the figure that observed request counts imply.
WINDOWS_PER_PAGE = 200
_MAX_GROUPS = 200
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A metric that was asked for, and how it is to be broken down."""

    meter: Meter
    group_key: str | None = None
    group_values: Sequence[str] | None = None


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
    """A page holds windows of one customer and metric only; pairs are ordered by their ids."""
    windows = _windows(call.body)
    customers = _customers(call.body, world)
    metrics = _metrics(call.body, world)
    pairs = [(customer, asked) for customer in customers for asked in metrics]
    first, window = _position(call, world, pairs)
    if first == len(pairs):
        return Reply({"data": [], "next_page": None})

    customer, asked = pairs[first]
    last = min(window + WINDOWS_PER_PAGE, len(windows))
    rows = _rows(world, customer, asked, [windows[index] for index in range(window, last)])
    if last < len(windows):
        following = [customer.id, asked.meter.id, last]
    elif first + 1 < len(pairs):
        following = [pairs[first + 1][0].id, pairs[first + 1][1].meter.id, 0]
    else:
        return Reply({"data": rows, "next_page": None})
    cursor = write_cursor(following, call.body, world.identifiers)
    return Reply({"data": rows, "next_page": cursor})


def _windows(body: Mapping[str, Json]) -> _Windows:
    """Both bounds sit on midnight whatever the window size: the live API refuses anything else."""
    bounds = {name: parse_instant(body[name]) for name in ("starting_on", "ending_before")}
    for name, bound in bounds.items():
        if not is_midnight(bound):
            raise invalid(name, f"must be midnight UTC, found {body[name]}")
    span = Span(bounds["starting_on"], bounds["ending_before"])
    if not span:
        raise invalid("ending_before", "must be at least one day after starting_on")
    return _Windows(span, _STEPS.get(body["window_size"].lower()))


def _customers(body: Mapping[str, Json], world: World) -> list[Customer]:
    """Archived customers keep their history; only their listing hides them."""
    wanted = body.get("customer_ids")
    ids = None if wanted is None else {each.lower() for each in wanted}
    customers = [c for c in world.opening.customers.values() if ids is None or c.id in ids]
    return sorted(customers, key=lambda customer: customer.id)


def _metrics(body: Mapping[str, Json], world: World) -> list[_Asked]:
    """An id that is not known matches nothing, as a filter does."""
    wanted = body.get("billable_metrics")
    if wanted is None:
        live = world.meters(MeterStatus.ACTIVE, MeterStatus.INACTIVE)
        return [_Asked(meter) for meter in sorted(live, key=lambda meter: meter.id)]
    by_id = {meter.id: meter for meter in world.meters()}
    asked: dict[str, _Asked] = {}
    for index, each in enumerate(wanted):
        meter = by_id.get(each["id"].lower())
        if meter is not None:
            asked.setdefault(meter.id, _grouped(meter, each.get("group_by"), index))
    return [asked[meter_id] for meter_id in sorted(asked)]


def _grouped(meter: Meter, group_by: Json, index: int) -> _Asked:
    if group_by is None:
        return _Asked(meter)
    if group_by["key"] not in meter.group_keys:
        declared = ", ".join(meter.group_keys) or "none"
        raise invalid(
            f"billable_metrics.{index}.group_by.key",
            f"{group_by['key']!r} is not a group key of {meter.name!r} (declared: {declared})",
        )
    return _Asked(meter, group_by["key"], group_by.get("values"))


def _position(
    call: Call, world: World, pairs: Sequence[tuple[Customer, _Asked]]
) -> tuple[int, int]:
    """Where the page begins: the number of the pair, and of the window within it."""
    cursor = call.query.get("next_page")
    if cursor is None:
        return 0, 0
    try:
        customer_id, metric_id, window = read_cursor(cursor, call.body, world.identifiers)
    except CursorError as error:
        raise invalid("next_page", f"{error}; replay it with the body it came from") from None
    ids = [(customer.id, asked.meter.id) for customer, asked in pairs]
    return ids.index((customer_id, metric_id)), window


def _rows(
    world: World, customer: Customer, asked: _Asked, windows: Sequence[Span]
) -> list[dict[str, Json]]:
    meter = asked.meter
    usage = world.usage(meter, Selection(customer=customer.key))
    rows: list[dict[str, Json]] = [
        {
            "customer_id": customer.id,
            "billable_metric_id": meter.id,
            "billable_metric_name": meter.name,
            "start_timestamp": to_seconds(window.start),
            "end_timestamp": to_seconds(window.end),
            "value": usage.over(window),
        }
        for window in windows
    ]
    if asked.group_key is not None:
        for row, groups in zip(rows, _groups(world, customer, asked, windows), strict=True):
            row["groups"] = groups
    return rows


def _groups(
    world: World, customer: Customer, asked: _Asked, windows: Sequence[Span]
) -> list[dict[str, Json]]:
    """Per window, the value of each group: of those asked for, or of all that occur (200 at most).

    Events without the property make the group ``""``, so that the groups add up to the whole.
    """
    key = asked.group_key or ""
    values = asked.group_values
    if values is None:
        whole = Span(windows[0].start, windows[-1].end)
        usage = world.usage(asked.meter, Selection(customer=customer.key))
        values = usage.values_of(key, whole)[:_MAX_GROUPS]
    by_value = {
        value: world.usage(asked.meter, Selection(customer=customer.key, properties=((key, value),)))
        for value in values
    }
    named = asked.group_values is not None
    return [
        {
            value: found
            for value, usage in by_value.items()
            if (found := usage.over(window)) is not None or named
        }
        for window in windows
    ]
