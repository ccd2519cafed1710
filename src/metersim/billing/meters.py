"""Meters: what is counted, over which usage events, and how it is aggregated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Aggregation(StrEnum):
    """How the usage events of a window become one number."""

    SUM = "SUM"
    COUNT = "COUNT"
    MAX = "MAX"
    LATEST = "LATEST"
    UNIQUE = "UNIQUE"

    @property
    def additive(self) -> bool:
        """Whether the windows of a span add up to the span; only such a meter can bear a price."""
        return self in (Aggregation.SUM, Aggregation.COUNT)


class MeterStatus(StrEnum):
    """Inactive meters are not billed, archived ones are not shown either."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class PropertyFilter:
    """What an event's property must be for the event to count; each part that is given must hold.

    A value that is asked for by ``not_in_values`` alone may be missing.
    """

    name: str
    exists: bool | None = None
    in_values: frozenset[str] | None = None
    not_in_values: frozenset[str] = frozenset()

    @property
    def is_on_value(self) -> bool:
        """Whether it asks what the property is, and not only whether there is one."""
        return self.in_values is not None or bool(self.not_in_values)

    def passes(self, value: str | None) -> bool:
        """Whether an event with this value of the property, or None for none, counts."""
        return (
            self.exists in (None, value is not None)
            and (self.in_values is None or value in self.in_values)
            and value not in self.not_in_values
        )


@dataclass(frozen=True, slots=True)
class Meter:
    """A billable metric: ``aggregation`` of ``property`` over the events named in ``events``.

    Of these, events count that pass every one of ``property_filters``. ``group_keys`` are the event
    properties by which its usage may be broken down.
    """

    key: str
    id: str
    name: str
    unit: str
    events: frozenset[str]
    aggregation: Aggregation = Aggregation.SUM
    property: str = "quantity"
    property_filters: tuple[PropertyFilter, ...] = ()
    group_keys: tuple[str, ...] = ()
    status: MeterStatus = MeterStatus.ACTIVE
