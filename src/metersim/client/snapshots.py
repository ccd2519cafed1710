"""Where a session was, to go back to."""

from __future__ import annotations

from typing import TypeAlias

from metersim.client import replies
from metersim.client.connection import Connection, segment

# What a snapshot is called that nobody names.
_UNNAMED = "here"

_Names: TypeAlias = list[str]  # the handle has a `list` of its own


class SnapshotsHandle:
    """Where a session was, under names: taken, gone back to, forgotten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, name: str) -> replies.Snapshot:
        """Keep where the session is; what had the name before is replaced."""
        return self._connection.ask("POST", "snapshots", {"name": name})

    def restore(self, name: str) -> replies.Session:
        """Go back to it; ControlError where there is none."""
        return self._connection.ask("POST", f"snapshots/{segment(name)}/restore")

    def names(self) -> _Names:
        """Those that are kept, in the order in which they were taken."""
        return [each["name"] for each in self.list()]

    def list(self) -> list[replies.Snapshot]:
        """The same, with how many changes each holds."""
        return self._connection.part("snapshots", "GET", "snapshots")

    def remove(self, name: str) -> None:
        """Forget one."""
        self._connection.ask("DELETE", f"snapshots/{segment(name)}")

    def clear(self) -> _Names:
        """Forget them all, and say which they were."""
        return self._connection.part("deleted", "DELETE", "snapshots")


class Snapshot:
    """A place to go back to."""

    def __init__(self, snapshots: SnapshotsHandle, name: str) -> None:
        self.name = name
        self._snapshots = snapshots

    def restore(self) -> replies.Session:
        """Go back to it, as often as need be."""
        return self._snapshots.restore(self.name)


def taken(snapshots: SnapshotsHandle, name: str | None) -> Snapshot:
    """A snapshot of where the session is; of those without a name each has its own."""
    if name is None:
        known = {each for each in snapshots.names() if each.startswith(_UNNAMED)}
        name = f"{_UNNAMED}-{len(known) + 1}"
    snapshots.take(name)
    return Snapshot(snapshots, name)
