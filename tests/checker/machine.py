"""Time that passes when someone waits, and never otherwise."""

from __future__ import annotations

from typing import Any

from metersim.checker.pace import Pace


class Machine:
    """A clock that moves when someone waits."""

    def __init__(self) -> None:
        self.time = 100.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.waits.append(round(seconds, 6))
        self.time += seconds

    def pace(self, **options: Any) -> Pace:
        """How fast calls may be made, by this clock."""
        return Pace(now=self.now, pause=self.pause, **options)
