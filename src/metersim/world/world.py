"""A billing world: an opening plus changes."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from metersim.billing.accounts import Customer, PaymentMethod, Project
from metersim.billing.facts import Axis, Horizon, Selection
from metersim.billing.instants import shift
from metersim.billing.ledger import Ledger, MeteredUsage
from metersim.billing.meters import Meter, MeterStatus
from metersim.billing.rates import RateCard
from metersim.billing.usage import UsageEvent
from metersim.world.changes import (
    Change,
    ClockSet,
    CustomerArchived,
    CustomerCreated,
    IngestAliasesSet,
    MeterArchived,
    MetricsEndpointSwitched,
    PaymentMethodAssigned,
    TermsAccepted,
    UsageRecorded,
)
from metersim.world.clock import MACHINE, Clock, Machine
from metersim.world.customers import CurrentCustomers
from metersim.world.identifiers import Identifiers
from metersim.world.opening import Credential, Opening
from metersim.world.payments import Assignment, Payments
from metersim.world.records import Records
from metersim.world.store import MemoryStore, Store


@dataclass(frozen=True, slots=True)
class MetricsAccess:
    """Where a project's metrics may be scraped with, while the endpoint is on."""

    username: str
    password: str


@dataclass(slots=True)
class _State:
    """What the changes so far add to the opening."""

    clock: Clock
    customers: CurrentCustomers
    payments: Payments
    sequence: int = 0
    records: Records = field(default_factory=Records)
    # Meter -> since when it is archived.
    archived: dict[str, datetime] = field(default_factory=dict)
    # Project -> how often its endpoint was switched on, and whether it is on now.
    metrics: dict[str, tuple[int, bool]] = field(default_factory=dict)


class World:
    """One isolated world: entities from the opening, state from the changes, one clock."""

    def __init__(
        self, opening: Opening, store: Store | None = None, machine: Machine = MACHINE
    ) -> None:
        self.opening = opening
        self._machine = machine
        self.identifiers = Identifiers(opening.seed)
        self.changes: Store = MemoryStore() if store is None else store
        self._reopen()
        for change in self.changes:
            self._change(change)

    def _reopen(self) -> None:
        opening, machine = self.opening, self._machine
        now = machine.time_of_day() if opening.real_time else opening.now
        self._state = _State(
            Clock(now, opening.rate, machine.nanoseconds),
            CurrentCustomers(opening.customers),
            Payments(opening.payment_methods),
        )
        # The ledger sees the events that are recorded from here on: the list is never replaced.
        self._ledger = Ledger(
            opening.series,
            opening.events,
            self._state.records.events,
            self.customer_key,
            self._owner,
            self.home,
        )

    # -- change

    def apply(self, change: Change) -> None:
        """Remember the change, and make it. The only way that anything here ever changes.

        Where the clock has ticked, the instant is remembered first: a replay asks no machine.
        """
        if self._state.clock.ticked and not isinstance(change, ClockSet):
            self.apply(ClockSet(self.now))
        self.changes.append(change)
        self._change(change)

    def _change(self, change: Change) -> None:
        state = self._state
        # Ids follow from it, and must not depend on how often the clock was moved, or ticked.
        state.sequence += not isinstance(change, ClockSet)
        match change:
            case UsageRecorded():
                state.records.add(self._event(change), change.replaces)
            case CustomerCreated() | IngestAliasesSet() | CustomerArchived():
                state.customers.make(change)
            case MeterArchived(meter, at):
                state.archived[meter] = at
            case PaymentMethodAssigned(project, payment_method, at):
                state.payments.assign(project, payment_method, at, state.sequence)
            case TermsAccepted(payment_method):
                state.payments.accept(payment_method)
            case MetricsEndpointSwitched(project, enabled):
                times, was_enabled = state.metrics.get(project, (0, False))
                state.metrics[project] = (times + (enabled and not was_enabled), enabled)
            case ClockSet(now, rate):
                state.clock.set(now, rate)
            case _:
                assert_never(change)

    def _event(self, recorded: UsageRecorded) -> UsageEvent:
        sequence = self._state.sequence
        return UsageEvent(
            id=self.identifiers.uuid("usage event", str(sequence)),
            name=recorded.name,
            customer=recorded.customer,
            project=recorded.project,
            occurred=recorded.occurred,
            charged=recorded.charged,
            properties=recorded.properties,
            sequence=sequence,
            accepted=recorded.accepted,
            once=recorded.once,
        )

    @property
    def history(self) -> list[Change]:
        """The changes that make this world again: where the clock has ticked, up to its instant."""
        made = list(self.changes)
        if not (self._state.clock.ticked or self.opening.real_time):
            return made
        told = isinstance(made[-1], ClockSet) and made[-1].now == self.now if made else False
        return made if told else [*made, ClockSet(self.now)]

    def fork(self, history: Iterable[Change]) -> World:
        """Another world of the same opening, in which all this has happened."""
        return World(self.opening, MemoryStore(history), self._machine)

    def admitting(self, credential: Credential) -> World:
        """This world, state and all, with a door that lets the bearer of this in too."""
        admitting, known = copy(self), self.opening.credentials
        admitting.opening = replace(
            self.opening, credentials={**known, credential.token: credential}
        )
        return admitting

    def reset(self) -> None:
        """Back to the opening."""
        self.changes.clear()
        self._reopen()

    # -- time

    @property
    def now(self) -> datetime:
        """The world's current instant, in UTC: one and the same throughout a call."""
        return self._state.clock.now

    @property
    def rate(self) -> Decimal:
        """How fast the clock moves with the machine's time; 0 while it stands."""
        return self._state.clock.rate

    def catch_up(self) -> None:
        """Called before each call: a clock that moves with the machine's time moves now."""
        self._state.clock.catch_up()

    # -- entities

    @property
    def customers(self) -> CurrentCustomers:
        """Customers as they stand now, those that were created among them."""
        return self._state.customers

    def customer_key(self, reference: str) -> str | None:
        """The customer that an id, external id, alias or email means, or None."""
        return self.customers.meant_by(reference)

    def customer(self, reference: str) -> Customer | None:
        """The customer behind any of its references, or None."""
        key = self.customer_key(reference)
        return None if key is None else self.customers[key]

    def meters(self, *statuses: MeterStatus) -> list[Meter]:
        """Meters of these standings, in the scenario's order; all of them when none is named."""
        meters = [
            replace(each, status=MeterStatus.ARCHIVED) if key in self._state.archived else each
            for key, each in self.opening.meters.items()
        ]
        return [each for each in meters if not statuses or each.status in statuses]

    def archived_at(self, meter: Meter) -> datetime | None:
        """Since when nobody is shown the meter; None while it is shown."""
        opened = self.opening.now if meter.status is MeterStatus.ARCHIVED else None
        return self._state.archived.get(meter.key, opened)

    def credential(self, token: str) -> Credential | None:
        """The credential of a token, expired or not, or None."""
        return self.opening.credentials.get(token)

    # -- usage

    def usage(
        self,
        meter: Meter,
        *selections: Selection,
        axis: Axis = Axis.OCCURRED,
        shown_within: timedelta | None = None,
    ) -> MeteredUsage:
        """Usage of the meter under disjoint selections, as far as it can be seen now.

        ``shown_within`` is how long a vendor takes at most to show what it accepted.
        """
        return self._ledger.usage(meter, selections, self._horizon(shown_within), axis)

    def usage_by(self, name: str, meter: Meter, selection: Selection) -> dict[str, MeteredUsage]:
        """The same by the values of a property; "" is the usage of facts without it."""
        return self._ledger.usage_by(name, meter, selection, self._horizon())

    def _horizon(self, shown_within: timedelta | None = None) -> Horizon:
        lag = self.opening.visible_after
        if shown_within is not None:
            lag = min(lag, shown_within)
        return Horizon(self.now, shift(self.now, -lag))

    def _owner(self, project: str) -> str | None:
        projects = self.opening.projects
        return projects[project].customer if project in projects else None

    def home(self, customer: str) -> str | None:
        """The project to which a customer's recorded usage is put down that names none, or None."""
        return self.opening.home.get(customer)

    @property
    def recorded(self) -> list[UsageEvent]:
        """Usage events recorded since the world opened, in order of arrival."""
        return list(self._state.records.events)

    def last_recorded(self, once: str) -> UsageEvent | None:
        """The event that was last recorded under an id under which it counts once, or None."""
        return self._state.records.last(once)

    # -- payment

    def rate_card(self, method: PaymentMethod) -> RateCard:
        """The prices of all usage that the method carries."""
        return self.opening.rate_cards[method.rate_card]

    def terms_accepted(self, method: PaymentMethod) -> bool:
        """Whether the method may be assigned."""
        return self._state.payments.terms_accepted(method)

    def assignments(self, project: Project) -> list[Assignment]:
        """Which method carries the project's usage when, in order of time; none while inactive."""
        return self._state.payments.assignments(project)

    def payment_method(self, project: Project) -> PaymentMethod | None:
        """The method that carries the project's usage now; None while the project is inactive."""
        past = [each for each in self.assignments(project) if each.since[0] <= self.now]
        return past[-1].payment_method if past else None

    # -- metrics endpoint

    def metrics_access(self, project: Project) -> MetricsAccess | None:
        """Credentials of the project's metrics endpoint; None while it is off.

        The user name stays, the password is new each time the endpoint is switched on.
        """
        times, enabled = self._state.metrics.get(project.key, (0, False))
        if not enabled:
            return None
        return MetricsAccess(
            username=f"metrics-{self.identifiers.token('metrics user', project.key, size=4)}",
            password=self.identifiers.token("metrics password", project.key, str(times)),
        )
