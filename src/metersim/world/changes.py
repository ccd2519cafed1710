"""Changes: every mutation of a world is one of these small values, and nothing else mutates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from metersim.billing.usage import Value


@dataclass(frozen=True, slots=True)
class UsageRecorded:
    """A usage event was accepted."""

    name: str
    customer: str
    project: str | None
    occurred: datetime
    charged: datetime
    properties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PaymentMethodAssigned:
    """From ``at`` on, the method carries the project's usage."""

    project: str
    payment_method: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TermsAccepted:
    """The method's terms were accepted: it may be assigned."""

    payment_method: str


@dataclass(frozen=True, slots=True)
class MetricsEndpointSwitched:
    """The project's metrics endpoint was switched on (again) or off."""

    project: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The clock stands at ``now``."""

    now: datetime


Change: TypeAlias = (
    UsageRecorded | PaymentMethodAssigned | TermsAccepted | MetricsEndpointSwitched | ClockSet
)
