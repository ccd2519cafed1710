"""Those who follow a journal: one waits for enough calls to be made, another is told of each.

Entries are made in one thread and awaited in another, so neither knows of event loops or sockets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from metersim.errors import ControlError
from metersim.reading import Json
from metersim.simulation import logged
from metersim.simulation.comparing import write_json
from metersim.simulation.exchange import Entry
from metersim.simulation.journal import Journal
from metersim.simulation.matching import Pattern

# Of a follower who does not keep up, so many entries wait.
MOST_BEHIND = 100


class Waiting:
    """An answer that is there as soon as so many calls match a pattern.

    ``met`` is done at that moment. Who waits for it does so for ``seconds`` at most, and then takes
    what ``answer`` gives.
    """

    def __init__(self, journal: Journal, pattern: Pattern, count: int, milliseconds: int) -> None:
        if not journal.enabled:
            raise ControlError("the request journal is off, and nothing can be waited for")
        self.met: Future[None] = Future()
        # From now on nobody can cancel it, so that it can always be said to be done.
        self.met.set_running_or_notify_cancel()
        self.seconds = milliseconds / 1_000
        self._journal = journal
        self._pattern = pattern
        self._count = count
        self._answer: Json = None
        self._find()
        self._look()
        journal.follow(self._told)

    def answer(self) -> Json:
        """The answer when it was met, or that it is not and what came near; it follows no more."""
        self._journal.unfollow(self._told)
        if self._answer is not None:
            return self._answer
        misses = logged.near_misses(self._journal, self._pattern)["nearMisses"]
        return {**self._counted(), "met": False, "nearMisses": misses}

    def _told(self, entry: Entry | None) -> None:
        if self.met.done():
            return
        try:
            if entry is None:
                self.met.set_result(None)
            else:
                self._take(entry)
                self._look()
        except ControlError:  # is for who waits, who meets it again, and not for who called
            self.met.set_result(None)

    def _find(self) -> None:
        journal = self._journal
        self._found = deque(entry.number for entry in journal.find(self._pattern))
        self._seen, self._removed = journal.recorded, journal.removed

    def _take(self, entry: Entry) -> None:
        """Count one more, and no longer what was dropped for it: all are looked at only once.

        Unless some were removed, or forgotten, after which numbers begin anew.
        """
        if entry.number <= self._seen or self._journal.removed != self._removed:
            self._find()
            return
        self._seen = entry.number
        if self._pattern.matches(entry.request):
            self._found.append(entry.number)
        oldest = next((each.number for each in self._journal), entry.number + 1)
        while self._found and self._found[0] < oldest:
            self._found.popleft()

    def _look(self) -> None:
        if len(self._found) >= self._count:
            self._answer = {**self._counted(), "met": True, "nearMisses": []}
            self.met.set_result(None)

    def _counted(self) -> Json:
        return logged.counted(self._journal, self._pattern)


class Feed:
    """Every entry from now on, as server-sent events, for one who may be slow.

    When too many wait to be taken, the oldest are dropped, and it is told how many.
    """

    def __init__(self, journal: Journal) -> None:
        if not journal.enabled:
            raise ControlError("the request journal is off, and nothing can be followed")
        self.ended = False
        self._journal = journal
        self._behind: deque[Entry] = deque()
        self._dropped = 0
        self._wake: Callable[[], object] = lambda: None
        journal.follow(self._told)

    def call(self, wake: Callable[[], object]) -> None:
        """Have this called, from whatever thread, when there is something to take."""
        self._wake = wake
        wake()

    def take(self) -> Iterator[str]:
        """What has come in the meantime."""
        dropped, self._dropped = self._dropped, 0
        if dropped:
            yield _event("dropped", {"dropped": dropped})
        while self._behind:
            entry = self._behind.popleft()
            yield _event("request", logged.serve_event(entry), entry.id)

    def close(self) -> None:
        """Follow no more."""
        self._journal.unfollow(self._told)

    def _told(self, entry: Entry | None) -> None:
        if entry is None:
            self.ended = True
        else:
            self._behind.append(entry)
        while len(self._behind) > MOST_BEHIND:
            self._behind.popleft()
            self._dropped += 1
        self._wake()


def _event(kind: str, data: Json, id: str | None = None) -> str:
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {kind}\ndata: {write_json(data)}\n\n"
