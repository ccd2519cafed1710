"""What a function of the control plane is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metersim.reading import Json
from metersim.simulation.sessions import Session, Sessions
from metersim.simulation.vendor import Vendor


@dataclass(frozen=True, slots=True)
class ControlCall:
    """A request that passed the control plane's own contract, about the session it addresses.

    ``path``, ``query`` and ``body`` hold decoded, validated values.
    """

    sessions: Sessions
    vendors: Mapping[str, Vendor]
    name: str
    path: Mapping[str, Json]
    query: Mapping[str, Json]
    body: Json

    @property
    def session(self) -> Session:
        """The session, opened if it is new."""
        return self.sessions.get(self.name)
