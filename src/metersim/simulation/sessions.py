"""Sessions: isolated worlds in one process, addressed by base URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from metersim.billing.instants import TICK, to_exact
from metersim.errors import ControlError
from metersim.reading import Json
from metersim.simulation.call import REQUEST_ID_HEADER, Reply, Request, as_bytes, content_type
from metersim.simulation.exchange import Answer, Exchange
from metersim.simulation.faults import FaultPlan
from metersim.simulation.journal import Journal
from metersim.simulation.limits import Limiter
from metersim.simulation.notes import Notes
from metersim.simulation.openings import Openings, Terms
from metersim.simulation.pipeline import answer
from metersim.simulation.snapshots import Past, Snapshot, Snapshots
from metersim.simulation.vendor import Vendor
from metersim.world.clock import MACHINE, Machine
from metersim.world.opening import Opening
from metersim.world.world import World

DEFAULT = "default"
MOST_SESSIONS = 10_000
# Left alone for so long, a session is taken for one whose tests are over.
IDLE = timedelta(hours=1)
# Goes into a URL as it is.
SESSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Session:
    """One isolated world under a name, what was asked of it, and how often."""

    def __init__(
        self,
        name: str,
        terms: Terms,
        machine: Machine = MACHINE,
        journal: Callable[[], Journal] = Journal,
    ) -> None:
        self.name = name
        self.journal = journal()
        self._machine = machine
        self.open(terms)

    def open(self, terms: Terms) -> None:
        """Begin with these, and come back to them on reset; nothing is left of what was."""
        self.terms = terms
        self.world = World(terms.opening, machine=self._machine)
        self.snapshots = Snapshots()
        self.journal.clear()
        self._begin()

    def _begin(self) -> None:
        self._calls = 0
        self._limiter = Limiter() if self.terms.vendor_limits else None
        self.faults = FaultPlan()

    @property
    def vendor_limits(self) -> bool:
        """Whether the vendors' rate limits are enforced; they count from when this is set."""
        return self._limiter is not None

    @vendor_limits.setter
    def vendor_limits(self, on: bool) -> None:
        if on is not self.vendor_limits:
            self._limiter = Limiter() if on else None

    def answer(self, vendor: Vendor, request: Request) -> tuple[str, Reply]:
        """Answer a request to a vendor, with the id that seed and number give the call."""
        call_id, at, notes, began = self._next_id(), self.world.now, Notes(), self._time()
        reply = answer(vendor, request, self.world, call_id, self._limiter, notes, self.faults)
        notes.took = (self._time() - began) // 1_000
        self._record(call_id, at, vendor.name, request, reply, notes)
        return call_id, reply

    def turn_away(self, request: Request, reply: Reply) -> str:
        """Take note of a request to no vendor, whose path is all that followed the session."""
        call_id, notes = self._next_id(), Notes()
        notes.trace.append("is for no vendor")
        self._record(call_id, self.world.now, None, request, reply, notes)
        return call_id

    def _time(self) -> int:
        """Nanoseconds of the machine, which is not asked while the clock stands.

        So the same calls leave the same journal.
        """
        return self._machine.nanoseconds() if self.world.rate else 0

    def _next_id(self) -> str:
        self._calls += 1
        return self.world.identifiers.uuid("call", str(self._calls))

    def _record(
        self,
        call_id: str,
        at: datetime,
        vendor: str | None,
        request: Request,
        reply: Reply,
        notes: Notes,
    ) -> None:
        if not self.journal.enabled:
            return
        headers = {**reply.headers, REQUEST_ID_HEADER: call_id}
        if (kind := content_type(reply)) is not None:
            headers["Content-Type"] = kind
        self.journal.record(
            Exchange(
                id=call_id,
                at=at,
                session=self.name,
                vendor=vendor,
                operation=notes.operation,
                request=request,
                answer=None
                if reply.transmission.silent
                else Answer(int(reply.status), headers, as_bytes(reply)),
                violations=notes.violations,
                fault=notes.fault,
                trace=notes.trace,
                delay=notes.delay,
                took=notes.took,
            )
        )

    @property
    def past(self) -> Past:
        """All that state and replies follow from, beside the opening."""
        return Past(tuple(self.world.history), self._calls)

    def relive(self, past: Past) -> None:
        """Be where this past leads; what is armed and what was journalled stays as it is."""
        self.world = self.world.fork(past.changes)
        self._calls = past.calls

    def snapshot(self) -> Snapshot:
        """Where the session is; the journal is of what was asked, and no part of it."""
        limiter = self._limiter and self._limiter.copy()
        return Snapshot(self.past, self.faults.copy(), limiter)

    def restore(self, snapshot: Snapshot) -> None:
        """Be where that was, so that the same calls get the same answers once more.

        Only their ids are new: the journal still has those that were made in between.
        """
        calls = max(self._calls, snapshot.past.calls)
        self.relive(replace(snapshot.past, calls=calls))
        self.faults = snapshot.faults.copy()
        self._limiter = snapshot.limiter and snapshot.limiter.copy()

    def reset(self) -> None:
        """Back to the opening, as if nothing had been asked; snapshots stay."""
        self.world.reset()
        self.journal.clear()
        self._begin()


class Sessions:
    """The sessions of a server, each opened when first asked for, and forgotten when left idle."""

    def __init__(
        self,
        opening: Opening,
        machine: Machine = MACHINE,
        *,
        vendor_limits: bool = False,
        journal: Callable[[], Journal] = Journal,
        openings: Openings | None = None,
        ttl: timedelta | None = None,
    ) -> None:
        self.usual = Terms(opening, vendor_limits)
        self.openings = openings or Openings()
        self._machine = machine
        self._journal = journal
        self._ttl = None if ttl is None else ttl // TICK * 1_000
        self._sessions: dict[str, Session] = {}
        self._used: dict[str, int] = {}
        # Before this no session can have been idle for long enough.
        self._due = 0

    def get(self, name: str) -> Session:
        """The session of this name, opened if it is new; ControlError when there are too many."""
        self._expire()
        session = self._sessions.get(name) or self._opened(name, self.usual)
        self._used[name] = self._time()
        session.world.catch_up()
        return session

    def open(self, name: str | None, asked: Mapping[str, Json]) -> Session:
        """A session with an opening of its own; one that is open has to have the same.

        Without a name it is given one; asked for nothing, one that is open is taken as it is.
        """
        self._expire()
        name = self._minted() if name is None else name
        terms = self.openings.terms(asked, self.usual)
        if name not in self._sessions:
            self._opened(name, terms)
        elif asked and not self._sessions[name].terms.same(terms):
            opened = self._sessions[name].terms.opening
            raise ControlError(
                f"session {name!r} is open with other settings: scenario {opened.scenario}, seed "
                f"{opened.seed}, clock {to_exact(opened.now)}; delete it first, or take another"
            )
        return self.get(name)

    def _opened(self, name: str, terms: Terms) -> Session:
        if len(self._sessions) >= MOST_SESSIONS:
            raise ControlError(f"{MOST_SESSIONS} sessions are open, and no more are opened")
        session = self._sessions[name] = Session(name, terms, self._machine, self._journal)
        self._used[name] = self._time()
        return session

    def _minted(self) -> str:
        names = (f"session-{number}" for number in count(1))
        return next(name for name in names if name not in self._sessions)

    def delete(self, name: str) -> bool:
        """Forget a session; whether there was one."""
        session = self._sessions.pop(name, None)
        if session is not None:
            del self._used[name]
            session.journal.end()
        return session is not None

    def idle(self, session: Session) -> int:
        """For how many seconds of the machine's time nobody has used it."""
        return (self._time() - self._used[session.name]) // 1_000_000_000

    def _time(self) -> int:
        """Nanoseconds of the machine; where nothing expires, it is not asked."""
        return 0 if self._ttl is None else self._machine.nanoseconds()

    def _expire(self) -> None:
        if self._ttl is None or (now := self._time()) < self._due:
            return
        for name, used in list(self._used.items()):
            if self._sessions[name].journal.followed:
                self._used[name] = now  # by whoever waits or has a stream open
            elif name != DEFAULT and now - used >= self._ttl:
                self.delete(name)
        left = (used for name, used in self._used.items() if name != DEFAULT)
        self._due = min(left, default=now) + self._ttl

    def __contains__(self, name: str) -> bool:
        return name in self._sessions

    def __iter__(self) -> Iterator[Session]:
        self._expire()
        return iter(list(self._sessions.values()))
