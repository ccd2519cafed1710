"""Sessions with an opening of their own, and how long they are kept."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from metersim import Simulator
from metersim.cli import main
from metersim.client.replies import State
from metersim.errors import ControlError
from metersim.scenario import load_scenario
from metersim.server import set_up
from metersim.simulation.following import Feed, Waiting
from metersim.simulation.journal import Journal
from metersim.simulation.matching import Pattern
from metersim.simulation.sessions import DEFAULT, Sessions
from metersim.simulator import SessionInProcess
from tests.world.machine import MachineByHand

OPENING = load_scenario("default").open()
HOUR = timedelta(hours=1)
UPLOAD: dict[str, Any] = {
    "clock": "2026-05-01",
    "meters": {"calls": {}},
    "customers": {"acme": {}},
    "events": [{"event": "calls", "customer": "acme", "at": "2026-04-30T12:00:00Z", "quantity": 7}],
}


@pytest.fixture(scope="module")
def setup() -> SessionInProcess:
    return SessionInProcess(set_up())


def opened(sim: SessionInProcess, **asked: object) -> dict[str, Any]:
    sim.control("DELETE", "sessions")
    made: dict[str, Any] = sim.control("POST", "sessions", asked)
    return made


def state(sim: SessionInProcess, name: str) -> State:
    return SessionInProcess(sim._setup, "", name).state


# -- opening


def test_a_session_opens_with_a_scenario_seed_clock_and_limits_of_its_own(
    setup: SessionInProcess,
) -> None:
    made = opened(
        setup, name="a", scenario="overage", seed=7, clock="2026-05-01", vendor_limits=True
    )
    assert made == {
        "name": "a",
        "default": False,
        "scenario": "overage",
        "seed": 7,
        "now": "2026-05-01T00:00:00.000Z",
    }
    session = SessionInProcess(setup._setup, "", "a")
    assert session.control("GET", "settings") == {"vendor_limits": True}
    assert setup.control("GET", "scenario")["name"] == "default"
    session.clock.advance(days=1)
    session.reset()
    assert session.control("GET", "scenario")["clock"] == "2026-05-01T00:00:00.000Z"
    assert session.control("GET", "settings") == {"vendor_limits": True}


def test_a_name_is_minted_where_none_is_given(setup: SessionInProcess) -> None:
    assert opened(setup)["name"] == "session-1"
    assert setup.control("POST", "sessions", {"seed": 3})["name"] == "session-2"


def test_a_seed_alone_changes_nothing_but_chance(setup: SessionInProcess) -> None:
    made = opened(setup, name="a", seed=5)
    assert (made["scenario"], made["seed"]) == ("default", 5)
    assert made["now"] == setup.control("GET", "scenario")["clock"]


def test_opening_again_with_the_same_or_no_settings_answers_the_one_that_is_open(
    setup: SessionInProcess,
) -> None:
    settings = {"name": "a", "scenario": UPLOAD, "clock": {"now": "2026-05-02", "rate": 0}}
    made = opened(setup, **settings)
    assert setup.control("POST", "sessions", settings) == made
    assert setup.control("POST", "sessions", {"name": "a"}) == made


@pytest.mark.parametrize(
    "other",
    [{"scenario": "overage"}, {"seed": 8}, {"clock": "2026-05-01"}, {"vendor_limits": True}],
)
def test_opening_again_with_other_settings_is_refused(
    setup: SessionInProcess, other: dict[str, object]
) -> None:
    made = opened(setup, name="a")
    with pytest.raises(ControlError, match="session 'a' is open with other settings: scenario def"):
        setup.control("POST", "sessions", {"name": "a", **other})
    assert setup.control("POST", "sessions", {"name": "a"}) == made


def test_sessions_of_one_scenario_and_seed_share_their_opening() -> None:
    sessions = Sessions(OPENING)
    for asked in ({"scenario": "overage"}, {"scenario": UPLOAD, "seed": 3}):
        one, other = (sessions.open(None, copy.deepcopy(asked)) for _ in range(2))
        assert one.world.opening is other.world.opening


def test_scenarios_that_differ_in_the_order_of_their_keys_alone_are_two_openings() -> None:
    cards = {name: {"prices": {"calls": price}} for name, price in (("dear", 9), ("cheap", 1))}
    sessions = Sessions(OPENING)
    for order in (["dear", "cheap"], ["cheap", "dear"]):
        upload = {**UPLOAD, "rate_cards": {name: cards[name] for name in order}}
        opened = sessions.open(None, {"scenario": upload}).world.opening
        assert opened.list_prices.key == order[0]


def test_the_servers_own_scenario_is_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("clock: 2026-05-01\nmeters: {faxes: {}}\n", encoding="utf-8")
    sim = SessionInProcess(set_up(path))
    for asked in ({"seed": 4}, {"scenario": "ours", "seed": 4}):
        name = sim.control("POST", "sessions", asked)["name"]
        assert [each["key"] for each in state(sim, name)["meters"]] == ["faxes"]


def test_a_test_opens_sessions_of_its_own() -> None:
    with Simulator() as sim:
        own = sim.session("a", scenario="overage", seed=2, now="2026-05-01")
        assert (own.state["scenario"], own.state["seed"]) == ("overage", 2)
        assert own.url == f"{sim.url}/s/a"
        assert sim.session().url == f"{sim.url}/s/session-1"
        assert sim.session("a").clock.now == own.clock.now


# -- uploads


def test_an_uploaded_scenario_opens_as_its_file_would(
    setup: SessionInProcess, tmp_path: Path
) -> None:
    path = tmp_path / "same.yaml"
    path.write_text(
        "clock: 2026-05-01\nmeters: {calls: {}}\ncustomers: {acme: {}}\n"
        "events: [{event: calls, customer: acme, at: 2026-04-30T12:00:00Z, quantity: 7}]\n",
        encoding="utf-8",
    )
    name = opened(setup, scenario=UPLOAD)["name"]
    assert {**state(setup, name), "scenario": "same"} == SessionInProcess(set_up(path)).state


def test_an_uploaded_scenario_may_lie_on_a_bundled_one(setup: SessionInProcess) -> None:
    name = opened(setup, scenario={"include": "default", "customers": {"newcomer": {}}})["name"]
    keys = [each["key"] for each in state(setup, name)["customers"]]
    assert {"newcomer", "northwind"} <= set(keys)


@pytest.mark.parametrize("name", ["/etc/passwd", "default.yaml", "./default", "../README.md", 7])
def test_an_uploaded_scenario_includes_no_file(setup: SessionInProcess, name: object) -> None:
    with pytest.raises(ControlError, match=r"scenario\.include: no scenario "):
        opened(setup, scenario={"include": name})


@pytest.mark.parametrize("name", ["/etc/passwd", "scenarios/default.yaml", "..", ""])
def test_no_file_is_named_over_the_control_plane(setup: SessionInProcess, name: str) -> None:
    with pytest.raises(ControlError, match="no scenario "):
        opened(setup, scenario=name)


def test_all_that_is_wrong_with_an_upload_is_told_with_its_path(setup: SessionInProcess) -> None:
    wrong = {
        **UPLOAD,
        "events": [{**UPLOAD["events"][0], "customer": "acne"}],
        "projects": {"site": {"customer": "nobody"}},
    }
    with pytest.raises(ControlError) as refusal:
        opened(setup, scenario=wrong)
    assert "scenario.events.0.customer: 'acne' is not among customers" in str(refusal.value)
    assert "scenario.projects.site.customer: 'nobody' is not" in str(refusal.value)
    with pytest.raises(ControlError, match=r"scenario\.meter: "):
        opened(setup, scenario={"clock": "2026-05-01", "meters": {"a": {}}, "meter": {}})
    many = {**UPLOAD, "projects": {str(n): {"customer": "x"} for n in range(30)}}
    with pytest.raises(ControlError, match="and 10 more"):
        opened(setup, scenario=many)


def test_an_upload_holds_no_more_values_than_a_file_may(setup: SessionInProcess) -> None:
    with pytest.raises(ControlError, match="scenario: more than 400000 values"):
        opened(setup, scenario={**UPLOAD, "about": [0] * 400_001})


def test_a_session_is_opened_anew_with_another_scenario(setup: SessionInProcess) -> None:
    name = opened(setup)["name"]
    session = SessionInProcess(setup._setup, "", name)
    session.snapshots.take("before")
    session.control("PUT", "scenario", {"scenario": "overage", "seed": 7})
    session.clock.advance(days=1)
    session.reset()
    assert (session.state["scenario"], session.snapshots.names()) == ("overage", [])
    with pytest.raises(ControlError, match=r"scenario: is required"):
        session.control("PUT", "scenario", {"seed": 7})


# -- keeping


def test_all_sessions_but_the_default_one_are_forgotten_at_once(setup: SessionInProcess) -> None:
    setup.reset()
    opened(setup, name="a")
    setup.control("POST", "sessions", {"name": "b"})
    assert setup.control("DELETE", "sessions") == {"deleted": ["a", "b"]}
    assert [each["name"] for each in setup.control("GET", "sessions")["sessions"]] == [DEFAULT]


def test_a_session_that_nobody_uses_is_forgotten_and_opens_anew() -> None:
    hand = MachineByHand()
    sessions = Sessions(OPENING, hand.machine, ttl=HOUR)
    default, used, idle = (sessions.get(name) for name in (DEFAULT, "used", "idle"))
    hand.passes(HOUR / 2)
    assert sessions.get("used") is used
    hand.passes(HOUR / 2)
    assert list(sessions) == [default, used]
    assert sessions.get("idle") is not idle
    hand.passes(HOUR * 9)
    assert list(sessions) == [default]
    assert sessions.get(DEFAULT) is default


def test_listing_says_how_long_a_session_was_idle_and_is_no_use_of_it() -> None:
    hand = MachineByHand()
    sessions = Sessions(OPENING, hand.machine, ttl=HOUR)
    session = sessions.get("a")
    hand.passes(timedelta(seconds=90.9))
    assert [sessions.idle(each) for each in sessions] == [90]
    hand.passes(HOUR)
    assert session not in list(sessions)


@pytest.mark.parametrize(
    "follow", [Feed, lambda journal: Waiting(journal, Pattern({}), 1, 1_000)], ids=["feed", "wait"]
)
def test_a_session_that_is_followed_is_in_use_until_it_is_no_longer(
    follow: Callable[[Journal], Feed | Waiting],
) -> None:
    hand = MachineByHand()
    sessions = Sessions(OPENING, hand.machine, ttl=HOUR)
    session = sessions.get("a")
    follower = follow(session.journal)
    for _ in range(3):
        hand.passes(HOUR)
        assert list(sessions) == [session]
    follower.close() if isinstance(follower, Feed) else follower.answer()
    hand.passes(HOUR / 2)
    assert list(sessions) == [session]
    hand.passes(HOUR / 2)
    assert list(sessions) == []


def test_sessions_that_are_forgotten_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metersim.simulation.sessions.MOST_SESSIONS", 2)
    hand = MachineByHand()
    sessions = Sessions(OPENING, hand.machine, ttl=HOUR)
    for name in ("a", "b"):
        sessions.open(name, {})
    with pytest.raises(ControlError, match="2 sessions are open"):
        sessions.open("c", {})
    hand.passes(HOUR)
    assert sessions.open("c", {}).name == "c"


def test_old_openings_are_forgotten_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metersim.simulation.openings._KEPT", 1)
    sessions = Sessions(OPENING)
    one = sessions.open(None, {"scenario": "empty"}).world.opening
    sessions.open(None, {"scenario": "overage"})
    again = sessions.open(None, {"scenario": "empty"}).world.opening
    assert (again.scenario, again.seed, again is one) == (one.scenario, one.seed, False)


@pytest.mark.parametrize(
    ("ttl", "message"), [("1h", "not an ISO 8601 duration"), ("PT0S", "longer than nothing")]
)
def test_a_time_to_live_that_makes_no_sense_is_refused_at_the_start(ttl: str, message: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--session-ttl", ttl])
    assert (done.exit_code, message in done.output) == (2, True), done.output
