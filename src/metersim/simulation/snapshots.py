"""Snapshots: what a session's next answers follow from at a moment, kept under a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from metersim.errors import ControlError, nearest
from metersim.simulation.faults import FaultPlan
from metersim.simulation.limits import Limiter
from metersim.world.changes import Change

MOST_SNAPSHOTS = 100


@dataclass(frozen=True, slots=True)
class Past:
    """The changes since the opening, and how many calls there were: ids of calls follow from it."""

    changes: tuple[Change, ...] = ()
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A past, and what was armed and counted by then; a limiter where limits were enforced."""

    past: Past = Past()
    faults: FaultPlan = field(default_factory=FaultPlan)
    limiter: Limiter | None = None


class Snapshots:
    """The snapshots of one session, by name, in the order in which they were taken."""

    def __init__(self) -> None:
        self._taken: dict[str, Snapshot] = {}

    def take(self, name: str, snapshot: Snapshot) -> None:
        """Keep it; what had the name before is replaced."""
        if name not in self._taken and len(self._taken) >= MOST_SNAPSHOTS:
            raise ControlError(f"{MOST_SNAPSHOTS} snapshots are kept, and no more are taken")
        self._taken.pop(name, None)
        self._taken[name] = snapshot

    def get(self, name: str) -> Snapshot:
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

    def __iter__(self) -> Iterator[tuple[str, Snapshot]]:
        return iter(list(self._taken.items()))
