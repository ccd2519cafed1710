"""The journal: what was asked and answered in a session, bounded, and without secrets.

What is dropped to stay within the bounds is counted, so that no answer passes for the whole truth
when it is not. There is no clock here: an exchange says when it was.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from metersim.errors import ControlError
from metersim.simulation.exchange import Answer, Body, Entry, Exchange, Received, Sent
from metersim.simulation.matchers import spelt_out
from metersim.simulation.matching import Mismatch, Pattern
from metersim.simulation.redaction import MARKER, Redaction, is_scheme


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many entries a journal keeps, how many bytes they take, and how many of one body."""

    entries: int = 10_000
    bytes: int = 50_000_000
    body: int = 200_000


# Is told of each entry as it is made, and None when there will be no more.
Follower: TypeAlias = Callable[[Entry | None], None]

BOUNDS = Bounds()
# Of all journals of a server together: what ten sessions may fill.
MOST_BYTES = 500_000_000
REDACTION = Redaction()


class NearMiss(NamedTuple):
    """A call that a pattern does not match, and why it does not."""

    distance: Decimal
    entry: Entry
    mismatches: list[Mismatch]


class Ceiling:
    """How many bytes the journals that share it may take together.

    Where that is too much the largest has to drop: who asks little keeps what was asked.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._sizes: dict[Journal, int] = {}
        self.bytes = 0

    def weigh(self, journal: Journal, size: int) -> None:
        """Take note of what a journal takes now; one that is empty is not held on to."""
        self.bytes += size - self._sizes.pop(journal, 0)
        if size:
            self._sizes[journal] = size

    def largest(self) -> Journal | None:
        """The one that has to drop something, if any."""
        return max(self._sizes, key=self._sizes.__getitem__) if self.bytes > self._most else None


class Journal:
    """The entries of one session, oldest first.

    ``dropped`` counts those that went to stay within the bounds, and ``removed`` those that went
    because someone asked for it. One that is not enabled keeps nothing.
    """

    def __init__(
        self,
        bounds: Bounds = BOUNDS,
        redaction: Redaction = REDACTION,
        *,
        enabled: bool = True,
        ceiling: Ceiling | None = None,
    ) -> None:
        self.bounds = bounds
        self.redaction = redaction
        self.enabled = enabled
        self._ceiling = ceiling or Ceiling()
        self._followers: list[Follower] = []
        self.bytes = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything, and begin to count anew."""
        self._entries: deque[Entry] = deque()
        self._numbered = 0
        self._grow(-self.bytes)
        self.dropped = 0
        self.removed = 0

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange, and drop the oldest until what is left is within the bounds."""
        if not self.enabled:
            return
        self._numbered += 1
        entry = self._kept(exchange)
        self._entries.append(entry)
        self._grow(entry.size)
        while len(self._entries) > self.bounds.entries or self.bytes > self.bounds.bytes:
            self._drop()
        while (largest := self._ceiling.largest()) is not None:
            largest._drop()
        self._tell(entry)

    def _drop(self) -> None:
        self._grow(-self._entries.popleft().size)
        self.dropped += 1

    def _grow(self, more: int) -> None:
        self.bytes += more
        self._ceiling.weigh(self, self.bytes)

    @property
    def recorded(self) -> int:
        """How many exchanges it was given since it was last cleared, kept or not."""
        return self._numbered

    def follow(self, follower: Follower) -> None:
        """Tell of each entry from now on, a clearing notwithstanding."""
        self._followers.append(follower)

    def unfollow(self, follower: Follower) -> None:
        """Tell no longer, whether or not it was told."""
        if follower in self._followers:
            self._followers.remove(follower)

    @property
    def followed(self) -> bool:
        """Whether anybody waits for entries, or is told of each."""
        return bool(self._followers)

    def end(self) -> None:
        """Nobody will record here again: those who wait need not, and the room is others'."""
        self._ceiling.weigh(self, 0)
        self._tell(None)

    def _tell(self, entry: Entry | None) -> None:
        for follower in list(self._followers):
            follower(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def get(self, id: str) -> Entry | None:
        """The entry of a call, by the call's id; the last one if an id was used again."""
        return next((entry for entry in reversed(self._entries) if entry.id == id), None)

    def requests(self, *, since: datetime | None = None, unmatched: bool = False) -> list[Entry]:
        """The entries, newest first: those at or after an instant, those no operation is for."""
        return [
            entry
            for entry in reversed(self._entries)
            if (since is None or entry.at >= since) and not (unmatched and entry.matched)
        ]

    def find(self, pattern: Pattern) -> list[Entry]:
        """The entries that a pattern matches, oldest first; ControlError when it cannot be said."""
        self._check(pattern)
        return [entry for entry in self._entries if pattern.matches(entry.request)]

    def near_misses(self, pattern: Pattern, most: int = 3) -> list[NearMiss]:
        """The entries that a pattern nearly matches, nearest first, and of equals the newest."""
        self._check(pattern)
        missing = (each for each in reversed(self._entries) if not pattern.matches(each.request))
        misses = ((pattern.distance(entry.request), entry) for entry in missing)
        return [
            NearMiss(distance, entry, pattern.mismatches(entry.request))
            for distance, entry in heapq.nsmallest(most, misses, key=lambda miss: miss[0])
        ]

    def remove(self, id: str) -> bool:
        """Forget the entries of a call; whether there were any."""
        return bool(self._remove([entry for entry in self._entries if entry.id == id]))

    def remove_matching(self, pattern: Pattern) -> list[Entry]:
        """Forget the entries that a pattern matches, and tell which they were."""
        return self._remove(self.find(pattern))

    def _remove(self, entries: list[Entry]) -> list[Entry]:
        numbers = {entry.number for entry in entries}
        self._entries = deque(entry for entry in self._entries if entry.number not in numbers)
        self._grow(-sum(entry.size for entry in entries))
        self.removed += len(entries)
        return entries

    def _check(self, pattern: Pattern) -> None:
        """Refuse what would be answered by a false zero."""
        secret = {"headers": self.redaction.headers, "queryParameters": self.redaction.query}
        for part in pattern.parts:
            if part.name[1:].lower() not in secret.get(part.place, ()):
                continue
            for word, text in spelt_out(part.matcher.given):
                if MARKER not in text and (word == "equalTo" or not is_scheme(text)):
                    raise ControlError(
                        f"{part}: the journal keeps {MARKER!r} in place of the secret, and cannot"
                        " say whether it was this one; whether there was any say"
                        f' {{"contains": "{MARKER}"}}, and who it let in the `trace` of the call'
                    )

    # -- what is kept of an exchange

    def _kept(self, exchange: Exchange) -> Entry:
        request, answer = exchange.request, exchange.answer
        address = request.path + (f"?{request.query}" if request.query else "")
        door = f"/{exchange.vendor}" if exchange.vendor else ""
        received = Received(
            method=request.method,
            url=self.redaction.of_url(door + address),
            absolute_url=self.redaction.of_url(request.base_url + address),
            headers=self.redaction.of_headers(request.headers),
            body=self._body(request.body),
            client=request.client,
        )
        return Entry(
            id=exchange.id,
            number=self._numbered,
            at=exchange.at,
            session=exchange.session,
            vendor=exchange.vendor,
            operation=exchange.operation,
            request=received,
            response=None if answer is None else self._sent(answer),
            violations=[self.redaction.of_violation(each) for each in exchange.violations],
            fault=exchange.fault,
            trace=list(exchange.trace),
            delay=exchange.delay,
            took=exchange.took,
        )

    def _sent(self, answer: Answer) -> Sent:
        headers = self.redaction.of_headers(answer.headers)
        return Sent(answer.status, headers, self._body(answer.body))

    def _body(self, content: bytes | None) -> Body:
        if content is None:
            return Body(size=None, cut=True)
        # First redacted, then cut: half a secret is one too.
        kept = self.redaction.of_body(content)
        most = self.bounds.body
        return Body(kept[:most], len(content), cut=len(kept) > most)
