"""What happened in a session can be told, replayed elsewhere, and gone back to."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from metersim.app import Application
from metersim.billing.quantity import exact
from metersim.control import ControlPlane
from metersim.errors import ControlError
from metersim.server import set_up
from metersim.simulation.sessions import Sessions
from metersim.simulation.snapshots import MOST_SNAPSHOTS, Past, Snapshot, Snapshots
from tests.transcript import READS, WRITES, Wire, simulator
from tests.views import record
from tests.wire import Simulated, SimulatorInProcess, simulate
from tests.world.machine import MachineByHand

ROOT = Path(__file__).parent.parent.parent

encode = msgspec.json.Encoder(decimal_format="number").encode
decode = msgspec.json.Decoder(float_hook=exact).decode

# Run in a process of its own: reads changes, replays them, and says all that it then sees.
REPLAY = """
import sys
from tests.control.test_history import decode, encode, seen
from tests.wire import simulate
sim = simulate()
sim.control("POST", "changes", decode(sys.stdin.buffer.read()))
sys.stdout.buffer.write(encode(seen(sim)))
"""


def lived() -> Simulated:
    sim = simulate()
    record(sim, "emails", exact("7.50"))
    sim.clock.advance(days=1, seconds=1)
    record(sim, "api_calls", 3)
    return sim


def seen(sim: Simulated) -> list[Any]:
    """State, changes, and replies as they go over the wire, ids of calls among them."""
    told: list[Any] = [sim.control("GET", "changes"), sim.control("GET", "state")]
    calls = [("saas", "/billing/usage"), ("mkio", "/nowhere"), ("monk", "/v1/customers")]
    for vendor, path in calls:
        answer = sim.caller(vendor).get(path)
        told.append([answer.status, dict(answer.headers), answer.text])
    return told


def test_changes_replayed_in_another_process_give_the_same_bytes() -> None:
    sim = lived()
    done = subprocess.run(
        [sys.executable, "-c", REPLAY],
        input=encode(sim.control("GET", "changes")),
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout == encode(seen(sim))


def test_replayed_changes_take_the_place_of_those_made_here() -> None:
    told, sim = lived().control("GET", "changes"), simulate()
    record(sim, "emails", 99)
    sim.control("POST", "changes", told)
    assert sim.control("GET", "changes") == told
    sim.reset()
    assert sim.control("GET", "changes")["changes"] == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"change": "TermsAccepted", "payment_method": "gold"}, "changes.3.payment_method: no 'go"),
        (
            {"change": "MetricsEndpointSwitched", "project": "x", "enabled": True},
            "changes.3.project: no 'x' in this scenario",
        ),
        (
            {
                "change": "PaymentMethodAssigned",
                "project": "x",
                "payment_method": "x",
                "at": "2026-03-18T09:30:00Z",
            },
            "changes.3.project: no 'x'",
        ),
        (
            {
                "change": "CustomerCreated",
                "customer": "northwind",
                "name": "Northwind",
                "aliases": [],
                "at": "2026-03-18T09:30:00Z",
            },
            "changes.3.customer: 'northwind' is there already",
        ),
        (
            {
                "change": "IngestAliasesSet",
                "customer": "x",
                "aliases": [],
                "at": "2026-03-18T09:30:00Z",
            },
            "changes.3.customer: no 'x'",
        ),
        (
            {"change": "MeterArchived", "meter": "x", "at": "2026-03-18T09:30:00Z"},
            "changes.3.meter: no 'x'",
        ),
        ({"change": "ClockSet", "now": "2026-03-18"}, "changes.3.now: not an RFC 3339 date-time"),
    ],
)
def test_changes_of_which_one_makes_no_sense_change_nothing(
    wrong: dict[str, Any], message: str
) -> None:
    sim, told = lived(), lived().control("GET", "changes")
    before = sim.control("GET", "state")
    with pytest.raises(ControlError) as refusal:
        sim.control("POST", "changes", {**told, "changes": [*told["changes"], wrong]})
    assert message in str(refusal.value)
    assert sim.control("GET", "state") == before


def test_every_kind_of_change_is_replayed_to_the_same_bytes() -> None:
    server = simulator()
    one, two = Wire(server, "one"), Wire(server, "two")
    one.calls(WRITES)
    two.call("POST", "__admin/changes", one.data("GET", "__admin/changes"))
    assert one.calls(READS, WRITES) == two.calls(READS, WRITES)


def test_changes_may_be_about_a_customer_that_they_create_and_do_so_once() -> None:
    sim, at = simulate(), "2026-03-18T09:30:00.000Z"
    created = {"change": "CustomerCreated", "customer": "x", "name": "X", "aliases": [], "at": at}
    archived = {"change": "CustomerArchived", "customer": "x", "at": at}
    sim.control("POST", "changes", {"changes": [created, archived]})
    assert sim.state["customers"][-1]["archived_at"] == at
    with pytest.raises(ControlError, match="changes.1.customer: 'x' is there already"):
        sim.control("POST", "changes", {"changes": [created, created]})
    with pytest.raises(ControlError, match="changes.0.customer: no 'x' in this scenario"):
        sim.control("POST", "changes", {"changes": [archived, created]})


def test_changes_of_another_opening_are_refused() -> None:
    told = lived().control("GET", "changes")
    with pytest.raises(ControlError, match="opened: the changes are of .*'seed': 1"):
        simulate(seed=2).control("POST", "changes", told)


def test_a_snapshot_brings_back_state_and_can_be_gone_back_to_again() -> None:
    sim = lived()
    sim.snapshots.take("here")
    there = sim.control("GET", "state")
    for _ in range(2):
        record(sim, "emails", 1)
        sim.clock.advance(days=40)
        sim.snapshots.restore("here")
        assert sim.control("GET", "state") == there


def test_going_back_to_a_snapshot_gives_no_id_to_a_second_call() -> None:
    sim = lived()
    sim.snapshots.take("here")
    for _ in range(2):
        record(sim, "emails", 1)
        sim.snapshots.restore("here")
    ids = [entry["id"] for entry in sim.journal.requests()]
    assert len(ids) == len({*ids}) == 4
    # What was recorded by the first two calls is there again, and so their ids are taken.
    sim.reset()
    sim.snapshots.restore("here")
    record(sim, "emails", 1)
    (new,) = sim.journal.requests()
    assert new["id"] not in ids[:2]


def test_a_snapshot_outlasts_a_reset_and_is_no_other_sessions() -> None:
    sim, other = lived(), simulate()
    state = sim.state
    sim.snapshots.take("here")
    sim.reset()
    sim.snapshots.restore("here")
    assert (sim.state, other.snapshots.names()) == (state, [])


def test_snapshots_are_replaced_listed_and_forgotten() -> None:
    sim = lived()
    for name in ("a", "b", "a", "c"):
        sim.snapshots.take(name)
    assert sim.snapshots.names() == ["b", "a", "c"]
    assert sim.control("DELETE", "snapshots/b") == {"deleted": ["b"]}
    with pytest.raises(ControlError, match="no snapshot 'b'"):
        sim.control("DELETE", "snapshots/b")
    with pytest.raises(ControlError, match="no snapshot 'aa'; did you mean 'a'"):
        sim.snapshots.restore("aa")
    sim.snapshots.clear()
    assert sim.snapshots.names() == []


def test_no_more_snapshots_are_kept_than_the_limit() -> None:
    snapshots = Snapshots()
    for number in range(MOST_SNAPSHOTS):
        snapshots.take(str(number), Snapshot())
    snapshots.take("0", Snapshot(Past(calls=1)))
    with pytest.raises(ControlError, match="100 snapshots are kept"):
        snapshots.take("one more", Snapshot())
    assert snapshots.get("0").past.calls == 1


@pytest.mark.parametrize("now", [None, "real"])
def test_a_snapshot_of_a_clock_that_ticks_is_of_the_instant_it_was_taken(now: str | None) -> None:
    setup, hand = set_up("default", now=now), MachineByHand()
    sessions = Sessions(setup.opening, hand.machine)
    control = ControlPlane(sessions, setup.vendors, setup.admin_token)
    application = Application(setup.vendors, sessions, control)
    sim = SimulatorInProcess(replace(setup, application=application), "any")
    sim.clock.tick()
    hand.passes(timedelta(seconds=5))
    taken = sim.clock.now
    sim.snapshots.take("here")
    hand.passes(timedelta(seconds=5))
    sim.snapshots.restore("here")
    assert sim.clock.now == taken
    sim.snapshots.take("again")
    assert sim.control("GET", "snapshots")["snapshots"][0]["changes"] == 2
    hand.passes(timedelta(seconds=1))
    assert sim.clock.now == taken + timedelta(seconds=1)
