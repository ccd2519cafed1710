"""Metronome's billable metrics: which events are measured, and how."""

from __future__ import annotations

from metersim.billing.instants import to_milliseconds
from metersim.billing.meters import Aggregation, Meter, PropertyFilter
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import not_found
from metersim.vendors.metronome.lists import page
from metersim.world.changes import MeterArchived
from metersim.world.world import World


def list_metrics(call: Call, world: World) -> Reply:
    """Archived ones are left out unless they are asked for."""
    metrics = {meter.id: meter for meter in world.meters()}

    def shown(metric: str) -> Json | None:
        archived = world.archived_at(metrics[metric]) is not None
        whole = call.query["include_archived"] or not archived
        return _shape(metrics[metric], world) if whole else None

    return page(call, sorted(metrics), shown, world)


def archive_metric(call: Call, world: World) -> Reply:
    """Archiving again changes nothing."""
    wanted = call.body["id"].lower()
    meter = next((each for each in world.meters() if each.id == wanted), None)
    if meter is None:
        raise not_found(f"no billable metric has the id {call.body['id']!r}")
    if world.archived_at(meter) is None:
        world.apply(MeterArchived(meter.key, world.now))
    return Reply({"data": {"id": meter.id}})


def _shape(meter: Meter, world: World) -> dict[str, Json]:
    shape: dict[str, Json] = {
        "id": meter.id,
        "name": meter.name,
        "aggregation_type": meter.aggregation.value,
        "event_type_filter": {"in_values": sorted(meter.events)},
        "property_filters": [_filter(each) for each in meter.property_filters],
        "group_keys": [[key] for key in meter.group_keys],
        "custom_fields": {},
    }
    if meter.aggregation is not Aggregation.COUNT:
        shape["aggregation_key"] = meter.property
    if (archived := world.archived_at(meter)) is not None:
        shape["archived_at"] = to_milliseconds(archived)
    return shape


def _filter(each: PropertyFilter) -> dict[str, Json]:
    shape: dict[str, Json] = {"name": each.name}
    if each.exists is not None:
        shape["exists"] = each.exists
    if each.in_values is not None:
        shape["in_values"] = sorted(each.in_values)
    if each.not_in_values:
        shape["not_in_values"] = sorted(each.not_in_values)
    return shape
