"""The control plane: every route behind the token, and what each does to one session alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from metersim.control import ControlPlane
from metersim.errors import ControlError
from metersim.server import set_up
from metersim.simulation.call import Reply, Request
from tests.wire import simulate

SETUP = set_up("docs-mudbase", admin_token="admin")


def ask(method: str, path: str, body: Any = None, *, token: str | None = "admin") -> Reply:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    content = body if isinstance(body, bytes) else msgspec.json.encode(body) if body else b""
    reply, _ = SETUP.application.answer(Request(method, f"/__admin/{path}", "", headers, content))
    return reply


@pytest.mark.parametrize("token", [None, "", "wrong", "metersim-token"])
@pytest.mark.parametrize(("method", "path"), list(SETUP.application.control.routes))
def test_every_route_is_behind_the_token(method: str, path: str, token: str | None) -> None:
    assert ask(method, path, token=token).status == 401


def test_health_and_version_tell_what_runs() -> None:
    health = ask("GET", "health").body
    assert health["status"] == "healthy"
    assert health["vendors"]["mudbase"] == "running"
    assert ask("GET", "version").body == {"version": "0.1.0"}


def test_an_unknown_route_gets_the_nearest_and_another_method_gets_allow() -> None:
    reply = ask("GET", "helth")
    assert (reply.status, "did you mean 'health'?" in reply.body["error"]) == (404, True)
    reply = ask("DELETE", "clock")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, PUT")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("clock/advance", b"{", "truncated"),
        ("clock/advance", b"[1]", "expected a JSON object"),
        ("clock/advance", b"\xff", "malformed"),
        ("clock/advance", {"day": 1}, "did you mean 'days'?"),
        ("clock/advance", {"days": 1.5}, "expected a whole number"),
        ("clock/advance", {"days": True}, "expected a whole number"),
        ("clock/advance", {"days": -1}, "expected a whole number, not negative"),
        ("clock/advance", {"days": 1, "duration": "P1D"}, "found both"),
        ("clock/advance", {"now": "2020-01-01"}, "expected a later instant"),
        ("clock/advance", {"now": "2030-01-01", "days": 1}, "'days' is not known here"),
        ("sessions", {"name": "a", "scenario": "default"}, "'scenario' is not known here"),
        ("clock/advance", {}, "expected a span of time"),
        ("clock/advance", {"duration": "P1M"}, "not an ISO 8601 duration"),
        ("clock/advance", {"days": 10**9}, "calendar"),
        ("clock/advance", {"days": 10**8}, "calendar"),
        ("sessions", {"name": 1}, "name: expected text"),
        ("sessions", {"name": "../x"}, "name: expected"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_the_reason(
    path: str, body: Any, message: str
) -> None:
    reply = ask("POST", path, body)
    assert reply.status == 400
    assert message in reply.body["error"]


def test_the_clock_is_set_and_moved_and_reset_puts_it_back() -> None:
    sim = simulate("docs-mudbase")
    opened = sim.clock.now
    sim.clock.advance(days=3, hours=1)
    assert (sim.clock.now - opened).total_seconds() == 73 * 3600
    assert sim.control("POST", "clock/advance", {"duration": "P1D"})["now"][:10] == "2026-03-22"
    assert sim.control("POST", "clock/advance", {"now": "2026-04-01"})["status"] == "ready"
    sim.clock.set("2025-01-01T00:00:00Z")
    assert sim.control("GET", "clock")["frozen_time"] == "2025-01-01T00:00:00.000Z"
    with pytest.raises(ControlError, match="expected"):
        sim.control("PUT", "clock", {})
    sim.reset()
    assert sim.clock.now == opened


def test_changes_and_scenario_can_be_read() -> None:
    sim = simulate("docs-mudbase")
    sim.clock.advance(days=1)
    changes = sim.control("GET", "changes")["changes"]
    assert changes == [{"change": "ClockSet", "now": "2026-03-19T09:30:00.000Z"}]
    scenario = sim.control("GET", "scenario")
    assert scenario == {"name": "docs-mudbase", "seed": 1, "clock": "2026-03-18T09:30:00.000Z"}


def test_sessions_are_opened_listed_and_forgotten() -> None:
    assert ask("POST", "sessions", {"name": "mine"}).body["name"] == "mine"
    names = [each["name"] for each in ask("GET", "sessions").body["sessions"]]
    assert "mine" in names
    assert ask("DELETE", "sessions", {"name": "mine"}).body == {"deleted": "mine"}
    reply = ask("DELETE", "sessions", {"name": "mine"})
    assert (reply.status, "no session 'mine'" in reply.body["error"]) == (400, True)


def test_the_route_table_is_all_there_is() -> None:
    assert isinstance(SETUP.application.control, ControlPlane)
    assert ("GET", "state") in SETUP.application.control.routes


def test_a_body_over_the_limit_is_refused_plainly() -> None:
    headers = {"authorization": "Bearer admin"}
    reply, _ = SETUP.application.answer(Request("POST", "/__admin/reset", "", headers, None))
    assert (reply.status, reply.body["error"]) == (413, "the request body is too large")
