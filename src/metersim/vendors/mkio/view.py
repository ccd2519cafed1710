"""What MK.IO's replies say was used: by project and meter, and the parts of its reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import quote

from metersim.billing.accounts import Project
from metersim.billing.facts import Selection
from metersim.billing.instants import Span, to_seconds
from metersim.billing.meters import Meter, MeterStatus
from metersim.billing.quantity import ZERO, exact, total
from metersim.reading import Json
from metersim.simulation.view import Shown, Sum, Viewer
from metersim.world.world import World

_Row: TypeAlias = Mapping[str, Json]

_REPORT = "/api/v1/organization/reports/usage"


def view(viewer: Viewer) -> Iterator[Shown | Sum]:
    """Each project's use of each meter, month by month; of the current month also the parts."""
    sample = viewer.sample
    if not (sample.projects and sample.months):
        return
    names = [project.key for project in sample.projects]
    for month in sample.months:
        rows = _report(viewer, month, "month", projectNames=names)
        for project in sample.projects:
            yield from _quantities(viewer.world, project, sample.meters, month, rows)
    month = sample.months[0]
    rows = _report(viewer, month, "month", projectNames=names)
    days = _report(viewer, month, "day", projectNames=names)
    so_far = [row for name in names for row in _so_far(viewer, name)]
    yield from _sums("by day", rows, [days])
    yield from _sums("by project, so far", rows, [so_far])
    methods = viewer.world.opening.payment_methods
    if methods and len(names) == len(viewer.world.opening.projects):
        yield from _sums("by payment method", rows, _by_method(viewer, month, methods))


def _quantities(
    world: World, project: Project, meters: Iterable[Meter], month: Span, rows: Iterable[_Row]
) -> Iterator[Shown]:
    """Of what is carried and priced from the month's beginning on, by the unit."""
    carried = world.assignments(project)
    if not carried:
        return
    selection = Selection(project=project.key, since=carried[0].since)
    cards = [world.rate_card(each.payment_method) for each in carried]
    for meter in meters:
        prices = [card.prices.get(meter.key, ()) for card in cards]
        told = all(each and each[0].since <= month.start for each in prices)
        by_unit = all(price.per is None for each in prices for price in each)
        if told and by_unit and meter.status is MeterStatus.ACTIVE:
            mine = (r for r in rows if (r["projectName"], r["meter"]) == (project.key, meter.key))
            yield Shown(meter, selection, month, total(exact(row["quantity"]) for row in mine))


def _sums(what: str, rows: Iterable[_Row], parts: Iterable[Iterable[_Row]]) -> Iterator[Sum]:
    whole, split = _costs(rows), [_costs(part) for part in parts]
    keys = dict.fromkeys([*whole, *(key for part in split for key in part)])
    for meter, currency in keys:
        key = meter, currency
        costs = [part.get(key, ZERO) for part in split]
        yield Sum(f"cost of {meter} in {currency} {what}", whole.get(key, ZERO), costs)


def _costs(rows: Iterable[_Row]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows:
        found.setdefault((row["meter"], row["currency"]), []).append(exact(row["cost"]))
    return {key: total(costs) for key, costs in found.items()}


def _by_method(viewer: Viewer, month: Span, methods: Iterable[str]) -> list[list[_Row]]:
    return [_report(viewer, month, "month", paymentMethodIds=[each]) for each in methods]


def _so_far(viewer: Viewer, project: str) -> list[_Row]:
    """Nothing is after now, so a month so far is the month."""
    path = f"/api/v1/projects/{quote(project, safe='')}/usage"
    found: list[_Row] = viewer.ask("GET", path)["value"]
    return found


def _report(viewer: Viewer, month: Span, granularity: str, **filters: Json) -> list[_Row]:
    body = {
        "startDate": to_seconds(month.start)[:10],
        "endDate": to_seconds(month.end)[:10],
        "granularity": granularity,
        **filters,
    }
    found: list[_Row] = viewer.ask("POST", _REPORT, body)["value"]
    return found
