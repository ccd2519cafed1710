"""What the control plane answers, under the names that its document has for it.

Rows stay plain dicts, and may hold more than stands here. ``exchanges.py`` has the journal's.
"""

# No `from __future__ import annotations`: it would hide from a class which of its keys may lack.

from decimal import Decimal
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

# A fraction is exact; a whole number is an int.
Number: TypeAlias = int | Decimal
Object: TypeAlias = dict[str, Any]


class Health(TypedDict):
    """That the simulator runs, and each vendor."""

    status: Literal["healthy"]
    vendors: dict[str, Literal["running"]]


class Version(TypedDict):
    """Of the installed package."""

    version: str


class RulesKept(TypedDict):
    """How many rules are simulated, of how many that are known."""

    modelled: int
    known: int
    by_basis: Object


class OperationFidelity(TypedDict):
    """What is simulated of an operation."""

    id: str
    basis: str
    simulated: bool
    reason: str | None
    rules: RulesKept


class VendorFidelity(TypedDict):
    """What is simulated of a vendor."""

    rules: RulesKept
    operations: list[OperationFidelity]


class Fidelity(TypedDict):
    """What is simulated of each vendor."""

    vendors: dict[str, VendorFidelity]


class Session(TypedDict):
    """A session; ``idle`` is seconds of the machine's time, and told in a list of sessions."""

    name: str
    default: bool
    scenario: str
    seed: int
    now: str
    idle: NotRequired[int]


class Sessions(TypedDict):
    """Those that are open."""

    sessions: list[Session]


class Deleted(TypedDict):
    """The names of what is no more."""

    deleted: list[str]


class Snapshot(TypedDict):
    """A name, and how many changes are kept under it."""

    name: str
    changes: int


class Snapshots(TypedDict):
    """Those of a session."""

    snapshots: list[Snapshot]


class Scenario(TypedDict):
    """What a session opened with."""

    name: str
    seed: int
    clock: str


class State(TypedDict):
    """Entities, and the usage that was recorded."""

    now: str
    scenario: str
    seed: int
    customers: list[Object]
    meters: list[Object]
    plans: Object
    rate_cards: Object
    payment_methods: list[Object]
    projects: list[Object]
    events: list[Object]


class Change(TypedDict):
    """One change, with the values that its kind has."""

    change: str


class Changes(TypedDict):
    """What a session opened with, and all that changed since."""

    opened: Scenario
    calls: int
    changes: list[Change]


class Explanation(TypedDict):
    """How a number came about."""

    vendor: str
    title: str
    number: str
    parts: list[Object]
    steps: list[Object]
    amount: Number | None
    unit: str
    notes: list[str]


class Settings(TypedDict):
    """What is enforced."""

    vendor_limits: bool


class FaultTally(TypedDict):
    """A fault as it was given, and how it fared."""

    id: str
    vendor: NotRequired[str]
    operation: NotRequired[str]
    request: NotRequired[Object]
    after: NotRequired[int]
    times: NotRequired[int]
    probability: NotRequired[Number]
    until: NotRequired[str]
    problem: NotRequired[Object]
    delay: NotRequired[Object]
    fault: NotRequired[str]
    defect: NotRequired[Object]
    matched: int
    hits: int
    active: bool


class FaultTallies(TypedDict):
    """The faults of a session."""

    faults: list[FaultTally]


class RemovedFaults(TypedDict):
    """How many are no more."""

    deleted: int


class Clock(TypedDict):
    """An instant, and how it moves."""

    now: str
    frozen_time: str
    rate: Number
    mode: Literal["frozen", "ticking", "accelerated"]
    status: Literal["ready"]


class TimeEvent(TypedDict):
    """What came of moving the clock."""

    type: Literal["billing_period.closed", "usage.visible", "credential.expired"]
    start: NotRequired[str]
    end: NotRequired[str]
    at: NotRequired[str]
    count: NotRequired[int]
    customer: NotRequired[str | None]


class MovedClock(Clock):
    """The clock, and what came of moving it."""

    events: list[TimeEvent]


class Looked(TypedDict):
    """How many were looked at, of how many there are."""

    checked: int
    of: int


class Breach(TypedDict):
    """Where a law does not hold."""

    where: str
    expected: str
    found: str


class Invariant(TypedDict):
    """A law of the world; ``beyond`` is what of it cannot be seen from within one session."""

    id: str
    statement: str
    holds: bool
    checked: int
    breached: int
    breaches: list[Breach]
    beyond: str


class Invariants(TypedDict):
    """Whether all laws hold, by a sample of what they are about."""

    hold: bool
    sample: dict[str, Looked]
    invariants: list[Invariant]
