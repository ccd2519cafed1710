"""What a test breaks on purpose: the faults of a session."""

from __future__ import annotations

from typing import TypeAlias

from metersim.client import replies
from metersim.client.connection import Connection, segment

_Tallies: TypeAlias = list[replies.FaultTally]  # the handle has a `list` of its own


class FaultsHandle:
    """The faults of one session, in the keywords of the control plane."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, **rule: object) -> replies.FaultTally:
        """Add one: ``add(vendor="metronome", times=1, problem={"status": 429})``.

        ``for`` is a word of Python's, and here ``for_``.
        """
        asked = {key.rstrip("_"): value for key, value in rule.items()}
        return self._connection.ask("POST", "faults", asked)

    def list(self) -> _Tallies:
        """The faults in the order in which they were added, with what they matched and hit."""
        return self._connection.part("faults", "GET", "faults")

    def remove(self, id: str) -> None:
        """Take one away."""
        self._connection.ask("DELETE", f"faults/{segment(id)}")

    def clear(self) -> int:
        """Take all of them away, and say how many there were."""
        return self._connection.part("deleted", "DELETE", "faults")
