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
class Meter:
    """A billable metric: ``aggregation`` of ``property`` over the events named in ``events``.

    ``group_keys`` are the event properties by which its usage may be broken down.
    """

    key: str
    id: str
    name: str
    unit: str
    events: frozenset[str]
    aggregation: Aggregation = Aggregation.SUM
    property: str = "quantity"
    group_keys: tuple[str, ...] = ()
    status: MeterStatus = MeterStatus.ACTIVE
