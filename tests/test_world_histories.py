"""Whatever happens in two sessions, each is as a plain model of it, and the laws hold in both."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from metersim.billing.quantity import ZERO, add, exact, total
from tests.wire import Answer, Simulated, simulate

pytestmark = pytest.mark.inside

OPENED = datetime(2026, 3, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
METERS = ("calls", "files")
HOURLY = Decimal(2)  # calls, by the formula
EMAIL = "a@acme.example"
SCENARIO = {
    "clock": OPENED.isoformat(),
    "list_prices": "list",
    "meters": {"calls": {}, "files": {}},
    "rate_cards": {
        "list": {"prices": {"calls": Decimal("0.01"), "files": 2}},
        "dear": {"prices": {"calls": Decimal("0.03"), "files": 5}},
    },
    "payment_methods": {
        "card": {"name": "Card", "rate_card": "list"},
        "bank": {"name": "Bank", "rate_card": "dear"},
    },
    "customers": {"acme": {"external_id": "ref-acme", "emails": [EMAIL]}, "other": {}},
    "projects": {
        "site": {"id": "proj_site", "customer": "acme", "payment_method": "card"},
        "idea": {"id": "proj_idea", "customer": "acme"},
    },
    "usage": [{"customer": "acme", "project": "site", "event": "calls", "from": "2026-03-01"}],
}
SCENARIO["usage"][0]["amount"] = HOURLY  # type: ignore[index]  # the one row above

sides = st.sampled_from((0, 1))
meters = st.sampled_from(METERS)
quantities = st.decimals(0, 10**6, places=3)
projects = st.sampled_from(("site", "idea"))
names = st.sampled_from(("one", "two"))


@dataclass
class Known:
    """What a world should hold by now, in the plainest terms."""

    now: datetime = OPENED
    # Meter, quantity, when, and the key of which only the last one counts.
    facts: list[tuple[str, Decimal, datetime, str]] = field(default_factory=list)
    assigned: dict[str, list[tuple[datetime, str]]] = field(
        default_factory=lambda: {"site": [(datetime.min.replace(tzinfo=UTC), "card")], "idea": []}
    )
    scraped: set[str] = field(default_factory=set)
    armed: bool = False

    def method(self, project: str) -> str | None:
        past = [method for at, method in self.assigned[project] if at <= self.now]
        return past[-1] if past else None

    def quantity(self, meter: str) -> Decimal:
        """Of the current month."""
        month = self.now.replace(day=1, hour=0, minute=0)
        counting = {key: (m, q, at) for m, q, at, key in self.facts if at <= self.now}
        recorded = total(q for m, q, at in counting.values() if m == meter and at >= month)
        hours = Decimal((self.now - month) // HOUR + 1)
        return add(recorded, hours * HOURLY if meter == "calls" else ZERO)


class Side:
    """A session, and what is known of it."""

    def __init__(self) -> None:
        self.sim: Simulated = simulate()
        self.sim.control("PUT", "scenario", {"scenario": SCENARIO})
        state = self.sim.state
        self.customer = str(state["customers"][0]["id"])
        self.ids = {each["key"]: each["id"] for each in state["meters"]}
        self.known = Known()
        self.calls = 0
        self.taken: dict[str, Known] = {}

    def send(self, vendor: str, method: str, path: str, body: object) -> Answer:
        self.calls += 1
        return self.sim.caller(vendor).send(method, path, body)

    def month(self, meter: str) -> Decimal:
        start = self.known.now.replace(day=1, hour=0, minute=0)
        end = (start + timedelta(days=32)).replace(day=1)
        query = {
            "window_size": "none",
            "starting_on": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "ending_before": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "customer_ids": [self.customer],
            "billable_metrics": [{"id": self.ids[meter]}],
        }
        (row,) = self.send("metronome", "POST", "/v1/usage", query).data["data"]
        return ZERO if row["value"] is None else exact(row["value"])


class Histories(RuleBasedStateMachine):
    """Everything that can happen, on two sides of one application."""

    @initialize()
    def open(self) -> None:
        self.sides = (Side(), Side())
        self.touched: set[Side] = set(self.sides)
        self.keys: Iterator[int] = iter(range(10**6))

    def on(self, number: int) -> Side:
        self.touched.add(self.sides[number])
        return self.sides[number]

    @rule(number=sides, meter=meters, quantity=quantities, project=projects)
    def record_through_mudbase(
        self, number: int, meter: str, quantity: Decimal, project: str
    ) -> None:
        side, path = self.on(number), f"/api/billing/public/projects/proj_{project}/usage"
        body = {"email": EMAIL, "metric": meter, "quantity": quantity}
        answer = side.send("mudbase", "POST", path, body)
        known = side.known
        assert answer.status == (429 if known.armed else 200)
        if not known.armed:
            known.facts.append((meter, quantity, known.now, f"mudbase {next(self.keys)}"))
        known.armed = False

    @rule(number=sides, meter=meters, quantity=quantities)
    def record_through_metronome_twice(self, number: int, meter: str, quantity: Decimal) -> None:
        side, key = self.on(number), f"metronome {next(self.keys)}"
        event = {
            "transaction_id": key,
            "customer_id": side.customer,
            "event_type": meter,
            "timestamp": side.known.now.isoformat(),
            "properties": {"quantity": str(quantity)},
        }
        for _ in range(2):
            assert side.send("metronome", "POST", "/v1/ingest", [event]).status == 200
        side.known.facts.append((meter, quantity, side.known.now, key))

    @rule(number=sides, meter=meters, quantity=quantities, key=names)
    def record_through_monk(self, number: int, meter: str, quantity: Decimal, key: str) -> None:
        side = self.on(number)
        event = {
            "eventName": meter,
            "customerId": side.customer,
            "idempotencyKey": key,
            "properties": {"quantity": quantity},
        }
        assert side.send("monk", "POST", "/v1/events", event).status == 202
        side.known.facts.append((meter, quantity, side.known.now, f"monk {key}"))

    @rule(number=sides, minutes=st.integers(-1_500, 3_000))
    def move_the_clock(self, number: int, minutes: int) -> None:
        side = self.on(number)
        moved = side.known.now + timedelta(minutes=minutes)
        # The formula counts from the beginning of March.
        side.known.now = max(moved, datetime(2026, 3, 2, tzinfo=UTC))
        side.sim.clock.set(side.known.now)

    @rule(number=sides, project=projects, method=st.sampled_from(("card", "bank")))
    def assign(self, number: int, project: str, method: str) -> None:
        side = self.on(number)
        path, body = f"/api/v1/projects/{project}/paymentMethod", {"paymentMethodId": method}
        assert side.send("mkio", "POST", path, body).status == 200
        known = side.known
        if method != known.method(project):
            past = [each for each in known.assigned[project] if each[0] <= known.now]
            known.assigned[project] = [*past, (known.now, method)]

    @rule(number=sides, project=projects, enabled=st.booleans())
    def switch_metrics(self, number: int, project: str, enabled: bool) -> None:
        side = self.on(number)
        path, body = f"/api/v1/projects/{project}/metricsEndpoint", {"spec": {"enabled": enabled}}
        assert side.send("mkio", "PATCH", path, body).status == 200
        scraped = side.known.scraped
        side.known.scraped = scraped | {project} if enabled else scraped - {project}

    @rule(number=sides)
    def arm(self, number: int) -> None:
        side = self.on(number)
        side.sim.faults.clear()
        side.sim.faults.add(vendor="mudbase", problem={"status": 429}, times=1)
        side.known.armed = True

    @rule(number=sides)
    def disarm(self, number: int) -> None:
        side = self.on(number)
        side.sim.faults.clear()
        side.known.armed = False

    @rule(number=sides, name=names)
    def take_a_snapshot(self, number: int, name: str) -> None:
        side = self.on(number)
        side.sim.snapshots.take(name)
        side.taken[name] = deepcopy(side.known)

    @rule(number=sides, name=names)
    def restore_a_snapshot(self, number: int, name: str) -> None:
        side = self.on(number)
        if name in side.taken:
            side.sim.snapshots.restore(name)
            side.known = deepcopy(side.taken[name])

    @rule(number=sides)
    def replay_what_happened_on_the_other_side(self, number: int) -> None:
        side, other = self.on(number), self.sides[1 - number]
        side.sim.control("POST", "changes", other.sim.control("GET", "changes"))
        armed, side.known = side.known.armed, deepcopy(other.known)
        side.known.armed = armed

    @rule(number=sides)
    def reset(self, number: int) -> None:
        side = self.on(number)
        side.sim.reset()
        side.known, side.calls = Known(), 0

    @invariant()
    def each_side_is_as_it_is_known(self) -> None:
        for side in self.sides:
            known, state = side.known, side.sim.state
            assert datetime.fromisoformat(state["now"]) == known.now
            assert {each["key"]: each["payment_method"] for each in state["projects"]} == {
                project: known.method(project) for project in known.assigned
            }
            on = {each["key"] for each in state["projects"] if each["metrics_endpoint"]}
            assert on == known.scraped
            assert {meter: side.month(meter) for meter in METERS} == {
                meter: known.quantity(meter) for meter in METERS
            }
            assert side.sim.journal.count() == side.calls

    @invariant()
    def the_laws_hold_where_something_happened(self) -> None:
        for side in self.touched:
            told: dict[str, Any] = side.sim.control("GET", "invariants")
            assert [each for each in told["invariants"] if not each["holds"]] == []
        self.touched = set()


Histories.TestCase.settings = settings(
    max_examples=5,
    stateful_step_count=12,
    derandomize=True,
    # A dozen steps can be read as they are, and to shorten them takes longer than a test may.
    phases=(Phase.explicit, Phase.generate),
)
TestHistories = Histories.TestCase
