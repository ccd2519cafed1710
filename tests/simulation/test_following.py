"""Who follows a journal: one waits and is answered in time, one is slow and told what it missed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.errors import ControlError
from metersim.simulation.exchange import Exchange, Received
from metersim.simulation.following import MOST_BEHIND, Feed, Waiting
from metersim.simulation.journal import Bounds, Journal
from metersim.simulation.matching import Pattern
from tests.simulation.exchanges import asked, journal, numbered, posted

POSTS = Pattern({"method": "POST"})
GET, POST = asked(), posted(b"{}")


def waiting(kept: Journal, count: int = 1, pattern: Pattern = POSTS) -> Waiting:
    return Waiting(kept, pattern, count, 5_000)


def events(feed: Feed) -> list[tuple[str, Any]]:
    told = []
    for text in feed.take():
        fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
        told.append((fields["event"], json.loads(fields["data"])))
    return told


def test_what_is_so_already_is_answered_at_once() -> None:
    found = waiting(journal(POST, POST), count=2)
    assert found.met.done()
    assert (found.answer()["met"], found.answer()["count"]) == (True, 2)


@given(calls=st.lists(st.sampled_from([GET, POST]), max_size=8), count=st.integers(1, 4))
def test_it_is_met_by_the_call_that_makes_it_so_and_by_no_other(
    calls: list[Exchange], count: int
) -> None:
    kept = Journal()
    found = waiting(kept, count)
    for at, call in enumerate(calls):
        kept.record(call)
        assert found.met.done() is (calls[: at + 1].count(POST) >= count)


@given(
    steps=st.lists(st.sampled_from(["GET", "POST", "POST", "clear", "remove"]), max_size=20),
    count=st.integers(1, 4),
    room=st.integers(0, 5),
)
def test_it_counts_what_is_kept_and_not_what_was_dropped_removed_or_forgotten(
    steps: list[str], count: int, room: int
) -> None:
    kept = Journal(Bounds(entries=room))
    found = waiting(kept, count)
    for step in steps:
        if step == "clear":
            kept.clear()
        elif step == "remove" and len(kept):
            kept._remove([next(iter(kept))])
        elif step != "remove":
            kept.record({"GET": GET, "POST": POST}[step])
        if not found.met.done():
            assert len(kept.find(POSTS)) < count
        elif step == "POST":
            assert len(kept.find(POSTS)) >= count
            return


def test_what_was_looked_at_once_is_not_looked_at_again_at_every_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, looked = journal(*[POST] * 50), []
    found = waiting(kept, count=1_000)
    matches = Pattern.matches

    def counted(self: Pattern, request: Received) -> bool:
        looked.append(request)
        return matches(self, request)

    monkeypatch.setattr(Pattern, "matches", counted)
    for _ in range(20):
        kept.record(POST)
    assert (len(looked), found.met.done()) == (20, False)


def test_the_answer_is_of_the_moment_when_it_was_met() -> None:
    kept = Journal()
    found = waiting(kept)
    kept.record(POST)
    kept.clear()
    assert (found.answer()["met"], found.answer()["count"]) == (True, 1)


def test_what_is_not_met_says_what_came_near() -> None:
    kept = Journal()
    found = waiting(kept)
    kept.record(GET)
    answer = found.answer()
    assert (answer["met"], answer["count"]) == (False, 0)
    (miss,) = answer["nearMisses"]
    assert miss["metersim"]["mismatches"] == [
        {"part": "method", "expected": {"equalTo": "POST"}, "found": "GET"}
    ]


def test_a_reset_does_not_end_a_wait_and_the_end_of_the_session_does() -> None:
    kept = journal(POST)
    found = waiting(kept, count=2)
    kept.clear()
    kept.record(POST)
    assert not found.met.done()
    kept.end()
    kept.end()
    assert found.met.done()
    assert found.answer()["met"] is False


def test_a_pattern_that_takes_too_long_is_the_concern_of_who_waits_and_not_of_who_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = Journal()
    found = waiting(kept)

    def endless(self: Pattern, request: object) -> bool:
        raise ControlError("too many steps")

    monkeypatch.setattr(Pattern, "matches", endless)
    kept.record(POST)
    assert (found.met.done(), len(kept)) == (True, 1)
    with pytest.raises(ControlError, match="too many steps"):
        found.answer()


def test_who_has_his_answer_is_told_no_more() -> None:
    kept = Journal()
    found, feed = waiting(kept), Feed(kept)
    found.answer()
    feed.close()
    feed.close()
    kept.record(POST)
    assert not found.met.done()
    assert events(feed) == []


def test_a_feed_has_every_call_from_now_on_in_order() -> None:
    kept = journal(numbered(1))
    feed = Feed(kept)
    kept.record(numbered(2))
    kept.record(numbered(3))
    assert [event["id"] for _, event in events(feed)] == ["call-2", "call-3"]
    assert events(feed) == []


def test_a_feed_wakes_its_follower_at_once_and_at_every_call_and_at_the_end() -> None:
    kept, woken = Journal(), []
    feed = Feed(kept)
    feed.call(lambda: woken.append(1))
    kept.record(GET)
    assert (len(woken), feed.ended) == (2, False)
    kept.end()
    assert (len(woken), feed.ended) == (3, True)


def test_a_follower_who_is_slow_holds_up_nobody_and_is_told_how_much_it_missed() -> None:
    kept = Journal()
    feed = Feed(kept)
    for number in range(MOST_BEHIND + 7):
        kept.record(numbered(number))
    first, *rest = events(feed)
    assert first == ("dropped", {"dropped": 7})
    assert [event["id"] for _, event in rest[:1]] == ["call-7"]
    assert len(rest) == MOST_BEHIND


def test_of_a_journal_that_is_off_nothing_can_be_awaited() -> None:
    with pytest.raises(ControlError, match="nothing can be waited for"):
        waiting(Journal(enabled=False))
    with pytest.raises(ControlError, match="nothing can be followed"):
        Feed(Journal(enabled=False))
