"""Sessions: isolated worlds in one process, addressed by base URL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from metersim.errors import ControlError
from metersim.simulation.call import Reply, Request
from metersim.simulation.limits import Limiter
from metersim.simulation.pipeline import answer
from metersim.simulation.vendor import Vendor
from metersim.world.clock import MACHINE, Machine
from metersim.world.opening import Opening
from metersim.world.world import World

DEFAULT = "default"
MOST_SESSIONS = 10_000
# Goes into a URL as it is.
SESSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Session:
    """One isolated world under a name, and how many calls it has answered."""

    def __init__(self, name: str, world: World, vendor_limits: bool = False) -> None:
        self.name = name
        self.world = world
        self._opens_with_limits = vendor_limits
        self._begin()

    def _begin(self) -> None:
        self._calls = 0
        self._limiter = Limiter() if self._opens_with_limits else None

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
        self._calls += 1
        call_id = self.world.identifiers.uuid("call", str(self._calls))
        return call_id, answer(vendor, request, self.world, call_id, self._limiter)

    def reset(self) -> None:
        """Back to the opening, as if nothing had been asked."""
        self.world.reset()
        self._begin()


class Sessions:
    """The sessions of a server, each opened when first asked for."""

    def __init__(
        self, opening: Opening, machine: Machine = MACHINE, *, vendor_limits: bool = False
    ) -> None:
        self.opening = opening
        self._machine = machine
        self._vendor_limits = vendor_limits
        self._sessions: dict[str, Session] = {}

    def get(self, name: str) -> Session:
        """The session of this name, opened if it is new; ControlError when there are too many."""
        if name not in self._sessions:
            if len(self._sessions) >= MOST_SESSIONS:
                raise ControlError(f"{MOST_SESSIONS} sessions are open, and no more are opened")
            world = World(self.opening, machine=self._machine)
            self._sessions[name] = Session(name, world, self._vendor_limits)
        session = self._sessions[name]
        session.world.catch_up()
        return session

    def delete(self, name: str) -> bool:
        """Forget a session; whether there was one."""
        return self._sessions.pop(name, None) is not None

    def __contains__(self, name: str) -> bool:
        return name in self._sessions

    def __iter__(self) -> Iterator[Session]:
        return iter(self._sessions.values())
