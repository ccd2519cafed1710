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
        asked = opening(scenario, seed, now, vendor_limits)
        if name is None or asked:
            asked |= {} if name is None else {"name": name}
            name = str(self._connection.part("name", "POST", "sessions", asked))
        connection = self._connection.to(name)
        root = self.url.removesuffix(self._connection.path)
        return SessionHandle(connection, root + connection.path)

    def sessions(self) -> list[replies.Session]:
        """Those that are open, in the order in which they were opened."""
        return self._connection.part("sessions", "GET", "sessions")

    def close_session(self, name: str) -> None:
        """Forget one; it opens anew when it is next used."""
        self.control("DELETE", "sessions", {"name": name})

    def close_sessions(self) -> list[str]:
        """Forget all but the default one, and say which they were."""
        return self._connection.part("deleted", "DELETE", "sessions")
