"""Sessions: worlds that know nothing of one another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from metersim.billing.quantity import ONE
from metersim.errors import ControlError
from metersim.scenario import load_scenario
from metersim.simulation.call import Call, Reply, Request
from metersim.simulation.sessions import DEFAULT, Sessions
from metersim.world.changes import ClockSet
from metersim.world.world import World
from tests.simulation.parcels import TOKEN, parcels
from tests.world.machine import MachineByHand

OPENING = load_scenario("docs-metronome").open()
ASK = Request("GET", "/parcels/7", "", TOKEN)


def test_a_session_comes_into_being_on_first_use() -> None:
    sessions = Sessions(OPENING)
    assert (list(sessions), "a" in sessions) == ([], False)
    session = sessions.get("a")
    assert sessions.get("a") is session
    assert (list(sessions), "a" in sessions, DEFAULT in sessions) == ([session], True, False)


def test_a_session_that_is_deleted_begins_anew() -> None:
    sessions = Sessions(OPENING)
    before = sessions.get("a")
    assert sessions.delete("a")
    assert not sessions.delete("a")
    assert sessions.get("a") is not before


def test_what_changes_in_one_session_changes_in_no_other() -> None:
    sessions = Sessions(OPENING)
    one, other = sessions.get("one"), sessions.get("other")
    one.world.apply(ClockSet(OPENING.now + timedelta(days=1)))
    assert (len(one.world.changes), len(other.world.changes)) == (1, 0)
    assert other.world.now == OPENING.now
    one.reset()
    assert one.world.now == OPENING.now


def test_calls_are_numbered_by_session_and_begin_again_on_reset(tmp_path: Path) -> None:
    vendor, sessions = parcels(tmp_path), Sessions(OPENING)
    one, other = sessions.get("one"), sessions.get("other")
    ids = [one.answer(vendor, ASK)[0] for _ in range(3)]
    assert len(set(ids)) == 3
    assert [other.answer(vendor, ASK)[0] for _ in range(3)] == ids
    one.reset()
    assert one.answer(vendor, ASK)[0] == ids[0]
    assert one.answer(vendor, ASK)[1].body["id"] == "7"


def test_how_long_an_answer_took_is_measured_while_the_clock_ticks(tmp_path: Path) -> None:
    hand = MachineByHand()

    def slow(call: Call, world: World) -> Reply:
        hand.passes(timedelta(milliseconds=3))
        return Reply({"weight": 1})

    vendor = parcels(tmp_path, {"getParcel": slow})
    session = Sessions(OPENING, hand.machine).get("a")
    session.answer(vendor, ASK)
    session.world.apply(ClockSet(OPENING.now, ONE))
    session.answer(vendor, ASK)
    assert [entry.took for entry in session.journal] == [0, 3_000]


def test_no_more_sessions_are_opened_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metersim.simulation.sessions.MOST_SESSIONS", 2)
    sessions = Sessions(OPENING)
    first = sessions.get("a")
    sessions.get("b")
    with pytest.raises(ControlError, match="2 sessions are open, and no more are opened"):
        sessions.get("c")
    assert sessions.get("a") is first
    assert sessions.delete("b")
    assert sessions.get("c").name == "c"
