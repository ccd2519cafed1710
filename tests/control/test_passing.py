"""Moving the clock tells what came of it."""

from __future__ import annotations

from typing import Any

import pytest

from metersim.client.session import SessionHandle
from metersim.server import set_up
from metersim.simulation.passing import MOST_EVENTS
from metersim.simulator import SessionInProcess
from tests.views import record
from tests.wire import SimulatorInProcess, simulate

UPLOAD: dict[str, Any] = {
    "clock": "2026-03-18T09:30:00Z",
    "visible_after": "PT10M",
    "meters": {"calls": {}},
    "customers": {"acme": {}},
    "credentials": {
        "secret-a": {"scopes": ["*"], "customer": "acme", "expires": "2026-03-19"},
        "secret-b": {"scopes": ["*"], "expires": "2026-03-18T09:30:00Z"},
    },
}


def closed(start: str, end: str) -> dict[str, str]:
    instants = {"start": f"{start}T00:00:00.000Z", "end": f"{end}T00:00:00.000Z"}
    return {"type": "billing_period.closed", **instants}


def events(sim: SessionHandle, **units: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sim.control("POST", "clock/advance", units)["events"]
    return found


def test_every_billing_period_that_ended_is_told_once() -> None:
    sim = simulate()
    assert events(sim, now="2026-03-31T23:59:59Z") == []
    assert events(sim, seconds=1) == [closed("2026-03-01", "2026-04-01")]
    assert events(sim, days=61) == [
        closed("2026-04-01", "2026-05-01"),
        closed("2026-05-01", "2026-06-01"),
    ]


def test_setting_the_clock_back_brings_nothing_about() -> None:
    sim = simulate()
    assert sim.control("PUT", "clock", {"now": "2025-01-01"})["events"] == []
    assert sim.control("PUT", "clock", {"rate": 0})["events"] == []
    assert len(sim.control("PUT", "clock", {"now": "2025-03-01"})["events"]) == 2


def test_usage_is_told_when_it_begins_to_show() -> None:
    sim = SessionInProcess(set_up())
    name = sim.control("POST", "sessions", {"scenario": {**UPLOAD, "include": "default"}})["name"]
    session = SimulatorInProcess(sim._setup, name)
    for _ in range(2):
        assert record(session, "emails", 1).status == 200
    assert events(session, minutes=9) == []
    assert events(session, minutes=1) == [{"type": "usage.visible", "count": 2}]
    assert events(session, minutes=1) == []


def test_an_expired_credential_is_told_and_its_token_is_not() -> None:
    sim = SessionInProcess(set_up())
    name = sim.control("POST", "sessions", {"scenario": UPLOAD})["name"]
    told = events(SessionInProcess(sim._setup, "", name), days=1)
    assert told == [
        {"type": "credential.expired", "at": "2026-03-19T00:00:00.000Z", "customer": "acme"}
    ]


@pytest.mark.parametrize("now", ["9000-01-01", "9999-12-31T23:59:59.999999Z"])
def test_however_far_the_clock_moves_the_answer_is_bounded(now: str) -> None:
    assert len(events(simulate(), now=now)) == MOST_EVENTS
