"""What a world opens with: a pure function of scenario and seed, shared by all its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from metersim.billing.accounts import Customers, PaymentMethod, Project
from metersim.billing.meters import Meter
from metersim.billing.plans import Plan
from metersim.billing.quantity import ZERO
from metersim.billing.rates import RateCard
from metersim.billing.sources import EventIndex, OpeningSeries


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, and what its bearer may do.

    ``scopes`` are names such as ``usage:read``; ``*`` is every one, ``*:read`` every one that
    reads. ``customer`` is whose usage a vendor with sessions shows; ``project`` confines it to
    one project. It is refused from ``expires`` on; None means never.
    """

    token: str
    scopes: tuple[str, ...] = ()
    customer: str | None = None
    project: str | None = None
    expires: datetime | None = None

    def allows(self, scope: str) -> bool:
        """Whether the scopes cover the one an operation needs."""
        wildcard = "*:" + scope.rpartition(":")[2]
        return any(held in ("*", wildcard, scope) for held in self.scopes)


@dataclass(frozen=True)
class Opening:
    """The entities by key, in the scenario's order, and the usage it opens with.

    ``list_prices`` is the rate card of whoever has no payment method to carry the usage. The clock
    starts at ``now``, or with ``real_time`` at the machine's time of day, and moves at ``rate``.
    Usage shows ``visible_after`` it was accepted.
    """

    scenario: str
    seed: int
    now: datetime
    list_prices: RateCard
    meters: Mapping[str, Meter]
    rate_cards: Mapping[str, RateCard]
    plans: Mapping[str, Plan]
    payment_methods: Mapping[str, PaymentMethod]
    customers: Customers
    projects: Mapping[str, Project]
    credentials: Mapping[str, Credential]
    series: OpeningSeries
    events: EventIndex
    visible_after: timedelta = timedelta(0)
    rate: Decimal = ZERO
    real_time: bool = False

    @cached_property
    def project_by_id(self) -> Mapping[str, Project]:
        """Projects by id."""
        return {project.id: project for project in self.projects.values()}

    @cached_property
    def home(self) -> Mapping[str, str]:
        """Key of each customer's first project, to which usage that names none is put down."""
        return {each.customer: key for key, each in reversed(list(self.projects.items()))}
