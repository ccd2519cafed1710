"""All the sessions of a simulator, of which the default one is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from metersim.client import replies
from metersim.client.session import SessionHandle, opening


class SimulatorHandle(SessionHandle):
    """The session that the URL leads to, and those beside it."""

    def session(
        self,
        name: str | None = None,
        *,
        scenario: str | Mapping[str, object] | None = None,
        seed: int | None = None,
        now: datetime | str | None = None,
        vendor_limits: bool | None = None,
    ) -> SessionHandle:
        """Another isolated world on the same server, with an opening of its own where one is given.

        ``scenario`` is a bundled one's name, or the data of any; the session's name is minted
        unless given.
        """
        connection = self._connection.to(self._opened(name, scenario, seed, now, vendor_limits))
        root = self.url.removesuffix(self._connection.path)
        return SessionHandle(connection, root + connection.path)

    def _opened(
        self,
        name: str | None,
        scenario: str | Mapping[str, object] | None,
        seed: int | None,
        now: datetime | str | None,
        vendor_limits: bool | None,
    ) -> str:
        """The session's name, once it is open; without settings of its own it opens when used."""
        asked = opening(scenario, seed, now, vendor_limits)
        if name is not None and not asked:
            return name
        asked |= {} if name is None else {"name": name}
        return str(self._connection.part("name", "POST", "sessions", asked))

    def sessions(self) -> list[replies.Session]:
        """Those that are open, in the order in which they were opened."""
        return self._connection.part("sessions", "GET", "sessions")

    def close_session(self, name: str) -> None:
        """Forget one; it opens anew when it is next used."""
        self.control("DELETE", "sessions", {"name": name})

    def close_sessions(self) -> list[str]:
        """Forget all but the default one, and say which they were."""
        return self._connection.part("deleted", "DELETE", "sessions")
