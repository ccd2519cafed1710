"""Snapshots: what happened in a session up to a moment, kept under a name, to be lived again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metersim.errors import ControlError, nearest
from metersim.world.changes import Change

MOST_SNAPSHOTS = 100


@dataclass(frozen=True, slots=True)
class Past:
    """The changes since the opening, and how many calls there were: ids of calls follow from it."""

    changes: tuple[Change, ...] = ()
    calls: int = 0


class Snapshots:
    """The snapshots of one session, by name, in the order in which they were taken."""

    def __init__(self) -> None:
        self._taken: dict[str, Past] = {}

    def take(self, name: str, past: Past) -> None:
        """Keep it; what had the name before is replaced."""
        if name not in self._taken and len(self._taken) >= MOST_SNAPSHOTS:
            raise ControlError(f"{MOST_SNAPSHOTS} snapshots are kept, and no more are taken")
        self._taken.pop(name, None)
        self._taken[name] = past

    def get(self, name: str) -> Past:
        """What was kept; ControlError with the nearest name where nothing was."""
        if name not in self._taken:
            raise ControlError(f"no snapshot {name!r}; {nearest(name, self._taken)}")
        return self._taken[name]

    def remove(self, name: str) -> None:
        """Forget it; ControlError with the nearest name where nothing was kept."""
        self.get(name)
        del self._taken[name]

    def clear(self) -> None:
        """Forget them all."""
        self._taken.clear()

    def __iter__(self) -> Iterator[tuple[str, Past]]:
        return iter(list(self._taken.items()))
