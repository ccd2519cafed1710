"""How a row's value came about, or that of one of its groups."""

from __future__ import annotations

from collections.abc import Mapping

from metersim.billing.explanation import Explanation, part_of
from metersim.billing.ledger import MeteredUsage
from metersim.billing.meters import Meter
from metersim.reading import Json
from metersim.simulation.explaining import check_row, departures, known, window_of
from metersim.validation import Validator
from metersim.vendors.metronome.behaviour import usage_by_group, usage_of
from metersim.world.world import World

_FORM = Validator(
    {
        "type": "object",
        "required": ["customer_id", "billable_metric_id", "start_timestamp", "end_timestamp"],
        "additionalProperties": False,
        "properties": {
            "customer_id": {"type": "string"},
            "billable_metric_id": {"type": "string"},
            "billable_metric_name": {"type": "string"},
            "start_timestamp": {"type": "string", "format": "instant"},
            "end_timestamp": {"type": "string", "format": "instant"},
            "value": {"type": ["number", "null"]},
            "groups": {"type": "object"},
            # Which of the groups is asked about; none for the row as a whole.
            "group": {
                "type": "object",
                "required": ["key", "value"],
                "additionalProperties": False,
                "properties": {"key": {"type": "string"}, "value": {"type": "string"}},
            },
        },
    }
)


def explain(row: Mapping[str, Json], world: World) -> Explanation:
    """A row of ``data``; with ``group`` the value of that group."""
    row = check_row(row, _FORM)
    customer = known("customer_id", row["customer_id"].lower(), world.customers.by_id)
    by_id = {meter.id: meter for meter in world.meters()}
    meter = known("billable_metric_id", row["billable_metric_id"].lower(), by_id)
    window = window_of(row, "start_timestamp", "end_timestamp")
    title = f"{meter.name} of {world.customers[customer].name}"
    if group := row.get("group"):
        title += f", {group['key']} {group['value']!r}"
        usage = _group_usage(customer, meter, group, world)
        notes = departures(row.get("groups", {}), {group["value"]: [usage.over(window)]})
    else:
        usage = usage_of(customer, meter, world)
        notes = departures(row, {"value": [usage.over(window)]})
    return Explanation(
        title=title,
        number="value",
        parts=[part_of(meter, usage, window)],
        steps=[],
        amount=usage.over(window),
        unit=meter.unit,
        notes=notes,
    )


def _group_usage(
    customer: str, meter: Meter, group: Mapping[str, str], world: World
) -> MeteredUsage:
    """A value that no event has makes a group without usage, as in a reply."""
    key = known("group.key", group["key"], {key: key for key in meter.group_keys})
    by_group = usage_by_group(customer, meter, key, world)
    return by_group.get(group["value"]) or world.usage(meter)
