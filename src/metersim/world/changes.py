"""Changes: every mutation of a world is one of these small values, and nothing else mutates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from metersim.billing.usage import Value


@dataclass(frozen=True, slots=True)
class UsageRecorded:
    """A usage event was accepted, whenever it occurred and is charged.

    Whether an event that came under an id before is sent again is for the vendor to say; with
    ``replaces`` this one takes the place of what was last recorded under the id ``once``.
    """

    name: str
    customer: str
    project: str | None
    accepted: datetime
    occurred: datetime
    charged: datetime
    properties: Mapping[str, Value]
    once: str | None = None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class CustomerCreated:
    """There is another customer, known by its id and these aliases."""

    customer: str
    name: str
    aliases: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class IngestAliasesSet:
    """These, and no others, are the customer's aliases; whoever else had one of them lost it."""

    customer: str
    aliases: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerArchived:
    """The customer is no longer listed; what it used stays."""

    customer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MeterArchived:
    """The meter is neither shown nor charged any more."""

    meter: str
    at: datetime


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
    """The clock is at ``now``, and goes on at ``rate``; None keeps the rate as it is."""

    now: datetime
    rate: Decimal | None = None


CustomerChange: TypeAlias = CustomerCreated | IngestAliasesSet | CustomerArchived

Change: TypeAlias = (
    UsageRecorded
    | CustomerChange
    | MeterArchived
    | PaymentMethodAssigned
    | TermsAccepted
    | MetricsEndpointSwitched
    | ClockSet
)
