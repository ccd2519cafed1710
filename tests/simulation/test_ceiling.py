"""All journals of a server together are bounded too, and say what they dropped for it."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from metersim.simulation.exchange import Exchange
from metersim.simulation.journal import Bounds, Ceiling, Journal
from tests.simulation.exchanges import journal, posted

SIZE = next(iter(journal(posted(b"")))).size


def large(size: int = 5_000) -> Exchange:
    return posted(b"a" * size)


def sharing(entries: int, journals: int = 2) -> tuple[Ceiling, list[Journal]]:
    """Journals that together may keep so many small entries."""
    ceiling = Ceiling(entries * SIZE)
    return ceiling, [Journal(ceiling=ceiling) for _ in range(journals)]


def test_the_largest_drops_its_oldest_and_counts_it() -> None:
    _, (busy, quiet) = sharing(4)
    quiet.record(posted(b""))
    for _ in range(5):
        busy.record(posted(b""))
    assert (len(busy), busy.dropped) == (3, 2)
    assert [entry.number for entry in busy] == [3, 4, 5]
    assert (len(quiet), quiet.dropped) == (1, 0)


def test_who_comes_late_finds_room() -> None:
    _, (busy, late) = sharing(4)
    for _ in range(4):
        busy.record(posted(b""))
    late.record(posted(b""))
    assert (len(busy), busy.dropped, len(late), late.dropped) == (3, 1, 1, 0)


def test_an_entry_that_is_larger_than_the_ceiling_is_dropped_itself() -> None:
    ceiling, (kept, _) = sharing(1)
    kept.record(large())
    assert (len(kept), kept.dropped, ceiling.bytes) == (0, 1, 0)


def test_what_is_cleared_removed_or_ended_leaves_its_room_to_others() -> None:
    ceiling, (one, two) = sharing(4)
    for kept in (one, two):
        kept.record(posted(b""))
    one.clear()
    assert ceiling.bytes == SIZE
    two.remove("call-1")
    assert ceiling.bytes == 0
    one.record(posted(b""))
    one.end()
    assert ceiling.bytes == 0


class Sharing(RuleBasedStateMachine):
    """Whatever is recorded, cleared and removed: the ceiling knows what is kept, and holds."""

    def __init__(self) -> None:
        super().__init__()
        self.ceiling = Ceiling(8_000)
        bounds = Bounds(entries=3, bytes=6_000)
        self.journals = [Journal(bounds, ceiling=self.ceiling) for _ in range(3)]
        self.recorded = [0, 0, 0]

    @rule(at=st.integers(0, 2), size=st.integers(0, 4_000))
    def record(self, at: int, size: int) -> None:
        self.journals[at].record(large(size))
        self.recorded[at] += 1

    @rule(at=st.integers(0, 2))
    def clear(self, at: int) -> None:
        self.journals[at].clear()
        self.recorded[at] = 0

    @rule(at=st.integers(0, 2))
    def remove(self, at: int) -> None:
        self.journals[at].remove("call-1")

    @invariant()
    def it_knows_what_is_kept(self) -> None:
        kept = sum(entry.size for each in self.journals for entry in each)
        assert self.ceiling.bytes == kept <= 8_000

    @invariant()
    def nothing_vanishes_uncounted(self) -> None:
        accounted = [len(each) + each.dropped + each.removed for each in self.journals]
        assert accounted == self.recorded


test_any_history = Sharing.TestCase
