"""The journal: bounded, honest about what it dropped, and found again by pattern."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from metersim.errors import ControlError
from metersim.simulation.exchange import Exchange
from metersim.simulation.journal import Bounds, Journal
from metersim.simulation.matching import Pattern
from tests.simulation.exchanges import NOW, USAGE, asked, journal, numbered, posted


class Keeping(RuleBasedStateMachine):
    """Whatever is recorded and removed: within the bounds, and nothing vanishes uncounted."""

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal(Bounds(entries=4, bytes=6_000, body=2_000))
        self.recorded = 0

    @rule(size=st.integers(0, 8_000), header=st.integers(0, 8_000))
    def record(self, size: int, header: int) -> None:
        self.recorded += 1
        exchange = posted(b"a" * size, accept="b" * header)
        self.journal.record(replace(exchange, id=f"call-{self.recorded}"))

    @rule(body=st.sampled_from(["a{1,1000}", "a*", "b"]))
    def remove_matching(self, body: str) -> None:
        pattern = Pattern({"bodyPatterns": [{"matches": body}]})
        removed = self.journal.remove_matching(pattern)
        assert not self.journal.find(pattern)
        assert all(pattern.matches(entry.request) for entry in removed)

    @rule(number=st.integers(1, 10))
    def remove(self, number: int) -> None:
        there = self.journal.get(f"call-{number}") is not None
        assert self.journal.remove(f"call-{number}") == there

    @rule()
    def clear(self) -> None:
        self.journal.clear()
        self.recorded = 0

    @invariant()
    def nothing_exceeds_the_bounds(self) -> None:
        entries = list(self.journal)
        assert len(self.journal) == len(entries) <= 4
        assert self.journal.bytes == sum(entry.size for entry in entries) <= 6_000
        assert all(len(entry.request.body.content) <= 2_000 for entry in entries)

    @invariant()
    def nothing_vanishes_uncounted(self) -> None:
        journal = self.journal
        assert len(journal) + journal.dropped + journal.removed == self.recorded

    @invariant()
    def what_is_left_is_in_order(self) -> None:
        numbers = [entry.number for entry in self.journal]
        assert numbers == sorted(set(numbers))


Keeping.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestKeeping = Keeping.TestCase


def test_the_oldest_go_first() -> None:
    kept = journal(*map(numbered, range(5)), bounds=Bounds(entries=2))
    assert [entry.id for entry in kept] == ["call-3", "call-4"]
    assert kept.dropped == 3


@given(size=st.integers(0, 50), most=st.integers(0, 50))
def test_a_body_is_cut_and_its_length_kept(size: int, most: int) -> None:
    (entry,) = journal(posted(b"a" * size), bounds=Bounds(body=most))
    body = entry.request.body
    assert (len(body.content), body.size) == (min(size, most), size)
    assert body.cut == (size > most)


def test_a_body_that_was_too_large_to_read_has_no_length() -> None:
    (entry,) = journal(asked(body=None))
    assert (entry.request.body.size, entry.request.body.cut) == (None, True)


@pytest.mark.parametrize(
    ("body", "most", "binary"),
    [
        (b"", 9, False),
        ("Größe 🙂".encode(), 99, False),
        ("é".encode(), 1, False),  # cut through a character, and text all the same
        (b"\xc3", 9, True),
        (b"\xff\xfe", 9, True),
        (b"a\0b", 9, True),
    ],
)
def test_what_is_no_text_is_known_to_be_none(body: bytes, most: int, binary: bool) -> None:
    (entry,) = journal(posted(body), bounds=Bounds(body=most))
    assert entry.request.body.binary == binary


def test_entries_are_listed_newest_first_and_found_oldest_first() -> None:
    kept = journal(*map(numbered, range(3)))
    assert [entry.number for entry in kept.requests()] == [3, 2, 1]
    assert [entry.number for entry in kept.find(Pattern({}))] == [1, 2, 3]


def test_since_is_on_the_clock_of_the_world_and_belongs_to_it() -> None:
    kept = journal(*map(numbered, range(3)))
    since = NOW + timedelta(minutes=1)
    assert [entry.id for entry in kept.requests(since=since)] == ["call-2", "call-1"]
    assert kept.requests(since=since + timedelta(hours=1)) == []


def test_unmatched_is_what_no_operation_is_for() -> None:
    stray = replace(asked(path="/v1/usagee"), id="stray", operation=None)
    lost = replace(asked(path="/nobody/v1"), id="lost", vendor=None, operation=None)
    refused = replace(USAGE, id="refused", answer=None)
    kept = journal(USAGE, stray, lost, refused)
    assert [entry.id for entry in kept.requests(unmatched=True)] == ["lost", "stray"]
    assert [entry.request.url[:12] for entry in kept] == [
        *("/monk/v1/usa", "/monk/v1/usa", "/nobody/v1?f", "/monk/v1/usa")
    ]


def test_an_entry_is_had_by_the_id_of_its_call() -> None:
    kept = journal(*map(numbered, range(3)), numbered(1, fault="again"))
    (entry,) = (each for each in kept if each.fault)
    assert kept.get("call-1") is entry
    assert kept.get("call-9") is None
    assert kept.remove("call-1")
    assert [entry.id for entry in kept] == ["call-0", "call-2"]
    assert not kept.remove("call-1")


def test_a_journal_that_is_off_keeps_and_drops_nothing() -> None:
    kept = journal(USAGE, enabled=False)
    assert (len(kept), kept.dropped, kept.find(Pattern({}))) == (0, 0, [])


def test_near_misses_are_told_nearest_first_and_why() -> None:
    paths = ["/x", "/v1/usag", "/v1/usage", "/v2/usages"]
    kept = journal(*(asked(path=path, query="") for path in paths))
    misses = kept.near_misses(Pattern({"method": "GET", "urlPath": "/monk/v1/usage"}), most=2)
    assert [miss.entry.request.url for miss in misses] == ["/monk/v1/usag", "/monk/v2/usages"]
    assert 0 < misses[0].distance < misses[1].distance < 1
    (mismatch,) = misses[0].mismatches
    assert (mismatch.part, mismatch.found) == ("url", "/monk/v1/usag")


def test_a_difference_too_small_for_a_figure_is_a_near_miss_all_the_same() -> None:
    kept = journal(posted(b"a" * 199_999 + b"b"))
    pattern = Pattern({"method": "POST", "bodyPatterns": [{"equalTo": "a" * 200_000}]})
    assert [miss.entry.number for miss in kept.near_misses(pattern)] == [1]
    assert kept.find(pattern) == []


def test_of_misses_as_near_as_each_other_the_newest_comes_first() -> None:
    kept = journal(*map(numbered, range(5)))
    misses = kept.near_misses(Pattern({"method": "PUT"}))
    assert [miss.entry.id for miss in misses] == ["call-4", "call-3", "call-2"]


@pytest.mark.parametrize(
    "pattern",
    [
        {"headers": {"Authorization": {"equalTo": "Bearer metersim-token"}}},
        {"headers": {"x-api-key": {"equalTo": "k", "caseInsensitive": True}}},
        {"queryParameters": {"token": {"equalTo": "k"}}},
        {"headers": {"Authorization": {"equalTo": "Bearer"}}},
        {"headers": {"Authorization": {"contains": "metersim-token"}}},
        {"headers": {"Authorization": {"doesNotContain": "metersim-token"}}},
        {"headers": {"Authorization": {"not": {"equalTo": "Bearer metersim-token"}}}},
        {"headers": {"x-api-key": {"or": [{"absent": True}, {"equalTo": "k"}]}}},
    ],
)
def test_whether_a_secret_was_the_right_one_is_refused_and_not_answered_by_zero(
    pattern: object,
) -> None:
    kept = journal(asked(query="token=k"))
    for ask in (kept.find, kept.near_misses, kept.remove_matching):
        with pytest.raises(ControlError, match=r"keeps '\[redacted\]' in place of the secret"):
            ask(Pattern(pattern))


def test_what_is_kept_of_a_secret_can_be_asked_for() -> None:
    kept = journal(USAGE, asked(query="token=k", headers={"authorization": "Basic k"}))
    for matcher in (
        {"contains": "Bearer"},
        {"equalTo": "Bearer [redacted]"},
        {"and": [{"contains": "[redacted]"}, {"not": {"contains": "Basic "}}]},
    ):
        pattern = Pattern({"headers": {"authorization": matcher}})
        assert [entry.number for entry in kept.find(pattern)] == [1]
    assert len(kept.find(Pattern({"queryParameters": {"token": {"equalTo": "[redacted]"}}}))) == 1


@given(exchanges=st.lists(st.builds(numbered, st.integers(0, 3)), max_size=5))
def test_the_same_exchanges_make_the_same_journal(exchanges: list[Exchange]) -> None:
    assert list(journal(*exchanges)) == list(journal(*exchanges))
