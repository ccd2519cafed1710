"""The control plane: every route behind the token, and what each does to one session alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from metersim.app import Application
from metersim.control import ControlPlane
from metersim.errors import ControlError
from metersim.server import set_up
from metersim.simulation.call import Reply, Request
from metersim.simulation.sessions import Sessions
from tests.wire import Simulated, SimulatorInProcess, simulate
from tests.world.machine import MachineByHand

pytestmark = pytest.mark.inside

SETUP = set_up("docs-mudbase", admin_token="admin")


def ask(method: str, path: str, body: Any = None, *, token: str | None = "admin") -> Reply:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    content = body if isinstance(body, bytes) else msgspec.json.encode(body) if body else b""
    reply, _ = SETUP.application.answer(Request(method, f"/__admin/{path}", "", headers, content))
    return reply


def by_hand(scenario: str) -> tuple[Simulated, MachineByHand]:
    """A simulator on a machine whose time the test moves."""
    setup, hand = set_up(scenario), MachineByHand()
    sessions = Sessions(setup.opening, hand.machine)
    control = ControlPlane(sessions, setup.vendors, setup.admin_token)
    application = Application(setup.vendors, sessions, control)
    return SimulatorInProcess(replace(setup, application=application), "any"), hand


@pytest.mark.parametrize("token", [None, "", "wrong", "metersim-token"])
@pytest.mark.parametrize(
    ("method", "path"),
    [(each.method, each.path[1:]) for each in SETUP.application.control.operations],
)
def test_every_route_is_behind_the_token(method: str, path: str, token: str | None) -> None:
    assert ask(method, path, token=token).status == 401


def test_health_and_version_tell_what_runs() -> None:
    health = ask("GET", "health").body
    assert health["status"] == "healthy"
    assert health["vendors"]["mudbase"] == "running"
    assert ask("GET", "version").body == {"version": "0.1.0"}


def test_an_unknown_route_gets_the_nearest_and_another_method_gets_allow() -> None:
    reply = ask("GET", "helth")
    assert (reply.status, "did you mean '/health'?" in reply.body["error"]) == (404, True)
    reply = ask("DELETE", "clock")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, PUT")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("clock/advance", b"{", "truncated"),
        ("clock/advance", b"[1]", "body: expected object, found [1]"),
        ("clock/advance", b"\xff", "malformed"),
        ("clock/advance", {"day": 1}, "did you mean 'days'?"),
        ("clock/advance", {"days": 1.5}, "body.days: expected integer, found 1.5"),
        ("clock/advance", {"days": True}, "body.days: expected integer, found true"),
        ("clock/advance", {"days": -1}, "body.days: expected at least 0, found -1"),
        ("clock/advance", {"days": 1, "duration": "P1D"}, "found both"),
        ("clock/advance", {"now": "2020-01-01"}, "expected a later instant"),
        ("clock/advance", {"now": "2030-01-01", "days": 1}, "a span of time, found both"),
        ("sessions", {"name": "a", "scenaria": "default"}, "body.scenaria: is not known"),
        ("clock/advance", {}, "body: expected at least 1 keys, found 0"),
        ("clock/advance", {"duration": "P1M"}, "which is no duration such as P3D"),
        ("clock/advance", {"days": 10**9}, "body.days: expected at most"),
        ("clock/advance", {"days": 10**7}, "calendar"),
        ("sessions", {"name": 1}, "body.name: expected string"),
        ("sessions", {"name": "../x"}, "name: expected"),
        ("explain", {"vendor": "mkoi" * 100_000, "row": {}}, "no vendor 'mkoimkoi"),
        ("explain", {"vendor": "mkio", "row": {}, "x" * 100_000: 1}, "…: is not known; allowed"),
        ("faults", {"vendor": "x" * 100_000, "fault": "EMPTY_RESPONSE"}, "no vendor 'xxxx"),
        ("faults", {"operation": "x" * 100_000, "fault": "EMPTY_RESPONSE"}, "no operation 'xxxx"),
        ("changes", {"changes": [{"change": "x" * 100_000}]}, "no change 'xxxx"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_the_reason(
    path: str, body: Any, message: str
) -> None:
    reply = ask("POST", path, body)
    assert reply.status == 400
    assert message in reply.body["error"]
    assert len(reply.body["error"]) < 1_000


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), OverflowError(), RecursionError()]
)
def test_a_defect_of_ours_is_500_in_plain_words_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def broken(world: object) -> None:
        raise error

    monkeypatch.setattr("metersim.simulation.state.state", broken)
    reply = ask("GET", "state")
    assert (reply.status, reply.body) == (500, {"error": f"metersim defect: {error!r}"})
    assert "defect in the control plane: GET /state" in caplog.text


def test_a_defect_in_what_was_waited_for_is_told_to_who_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("metersim.simulation.logged.counted", lambda *_: {"count": "none"})
    asked = {"pattern": {}, "count": 1, "timeoutMilliseconds": 0}
    reply = ask("POST", "requests/wait", asked)
    assert (reply.status, "metersim defect: " in reply.body["error"]) == (500, True)


def test_a_body_that_is_packed_is_415_and_the_packing_is_named() -> None:
    headers = {"authorization": "Bearer admin", "content-encoding": "GZIP"}
    request = Request("POST", "/__admin/reset", "", headers, b"\x1f\x8b")
    reply, _ = SETUP.application.answer(request)
    assert reply.status == 415
    assert reply.body["error"] == "expected a body without content encoding, found gzip"


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


@pytest.mark.parametrize(
    ("rate", "mode"),
    [
        ("0", "frozen"),
        ("0.5", "ticking"),
        ("1", "ticking"),
        ("1.0", "ticking"),
        ("60", "accelerated"),
    ],
)
def test_the_clock_says_how_it_moves(rate: str, mode: str) -> None:
    clock = simulate("docs-mudbase").control("PUT", "clock", {"rate": Decimal(rate)})
    assert (clock["mode"], clock["rate"]) == (mode, Decimal(rate))


def test_setting_and_advancing_keep_the_rate_and_freezing_keeps_the_instant() -> None:
    sim, hand = by_hand("docs-mudbase")
    assert sim.control("GET", "clock")["mode"] == "frozen"
    sim.control("PUT", "clock", {"now": "2026-04-01", "rate": 60})
    hand.passes(timedelta(minutes=1))
    assert sim.control("GET", "clock")["now"] == "2026-04-01T01:00:00.000Z"
    assert sim.control("PUT", "clock", {"now": "2026-05-01"})["rate"] == 60
    hand.passes(timedelta(minutes=1))
    assert sim.control("POST", "clock/advance", {"days": 1})["now"] == "2026-05-02T01:00:00.000Z"
    hand.passes(timedelta(minutes=1))
    frozen = sim.control("PUT", "clock", {"rate": 0})
    hand.passes(timedelta(minutes=1))
    assert {**sim.control("GET", "clock"), "events": []} == frozen
    assert (frozen["now"], frozen["mode"]) == ("2026-05-02T02:00:00.000Z", "frozen")
    rows = [(row["now"], row["rate"]) for row in sim.control("GET", "changes")["changes"]]
    assert rows == [
        ("2026-04-01T00:00:00.000Z", 60),
        ("2026-05-01T00:00:00.000Z", None),
        ("2026-05-02T01:00:00.000Z", None),
        ("2026-05-02T02:00:00.000Z", 0),
    ]


def test_a_test_lets_the_clock_tick_and_freezes_it() -> None:
    sim, hand = by_hand("docs-mudbase")
    opened = sim.clock.now
    sim.clock.tick()
    hand.passes(timedelta(seconds=1))
    assert sim.clock.now == opened + timedelta(seconds=1)
    sim.clock.tick(Decimal("0.5"))
    hand.passes(timedelta(seconds=1))
    sim.clock.freeze()
    hand.passes(timedelta(seconds=1))
    assert sim.clock.now == opened + timedelta(milliseconds=1_500)
    with pytest.raises(ControlError, match="rate: expected at least 0, found -1"):
        sim.clock.tick(-1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"rate": -1}, "body.rate: expected at least 0, found -1"),
        (b'{"rate": -0.5}', "expected at least 0, found -0.5"),
        (b'{"rate": 1000000.1}', "expected at most 1000000, found 1000000.1"),
        ({"rate": 10**40}, "expected at most 1000000, found 1000"),
        ({"rate": "60"}, 'expected number, found "60"'),
        ({"rate": True}, "expected number, found true"),
        ({"rate": None}, "expected number, found null"),
        (b'{"rate": NaN}', "JSON is malformed"),
        (b'{"rate": 1e999}', "number beyond"),
        ({"rat": 60}, "body.rat: is not known; did you mean 'rate'?"),
        ({"now": "noon", "rate": 60}, "which is no instant such as"),
        (
            {"now": "2026-04-01", "frozen_time": "2026-04-01"},
            "now and frozen_time exclude each other",
        ),
        (b"{}", "body: expected at least 1 keys, found 0"),
    ],
)
def test_a_clock_that_cannot_be_is_refused_and_the_one_there_is_stays(
    body: Any, message: str
) -> None:
    before = ask("GET", "clock").body
    reply = ask("PUT", "clock", body)
    assert (reply.status, message in reply.body["error"]) == (400, True), reply.body
    assert ask("GET", "clock").body == before


@pytest.mark.parametrize("opened_with", [False, True])
def test_vendor_limits_are_switched_in_one_session_and_a_reset_puts_them_back(
    opened_with: bool,
) -> None:
    sim, other = (simulate("docs-mudbase", vendor_limits=opened_with) for _ in range(2))
    as_opened, otherwise = {"vendor_limits": opened_with}, {"vendor_limits": not opened_with}
    assert sim.control("GET", "settings") == as_opened
    assert sim.control("PUT", "settings", otherwise) == otherwise
    assert sim.control("GET", "settings") == otherwise
    assert other.control("GET", "settings") == as_opened
    sim.reset()
    assert sim.control("GET", "settings") == as_opened


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"vendor_limit": True}, "body.vendor_limit: is not known; did you mean 'vendor_limits'?"),
        ({"vendor_limits": 1}, "body.vendor_limits: expected boolean, found 1"),
        ({"vendor_limits": "on"}, 'body.vendor_limits: expected boolean, found "on"'),
        (b"{}", "body.vendor_limits: is required"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_and_the_one_there_is_stays(
    body: Any, message: str
) -> None:
    reply = ask("PUT", "settings", body)
    assert (reply.status, message in reply.body["error"]) == (400, True), reply.body
    assert ask("GET", "settings").body == {"vendor_limits": False}


def test_changes_and_scenario_can_be_read() -> None:
    sim = simulate("docs-mudbase")
    sim.clock.advance(days=1)
    changes = sim.control("GET", "changes")["changes"]
    assert changes == [{"change": "ClockSet", "now": "2026-03-19T09:30:00.000Z", "rate": None}]
    scenario = sim.control("GET", "scenario")
    assert scenario == {"name": "docs-mudbase", "seed": 1, "clock": "2026-03-18T09:30:00.000Z"}


def test_sessions_are_opened_listed_and_forgotten() -> None:
    assert ask("POST", "sessions", {"name": "mine"}).body["name"] == "mine"
    names = [each["name"] for each in ask("GET", "sessions").body["sessions"]]
    assert "mine" in names
    assert ask("DELETE", "sessions", {"name": "mine"}).body == {"deleted": ["mine"]}
    reply = ask("DELETE", "sessions", {"name": "mine"})
    assert (reply.status, "no session 'mine'" in reply.body["error"]) == (400, True)


def test_a_body_over_the_limit_is_refused_plainly() -> None:
    headers = {"authorization": "Bearer admin"}
    reply, _ = SETUP.application.answer(Request("POST", "/__admin/reset", "", headers, None))
    assert (reply.status, reply.body["error"]) == (413, "the request body is too large")
