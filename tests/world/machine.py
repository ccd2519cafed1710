"""A machine whose time passes when a test says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from metersim.billing.instants import TICK
from metersim.world.clock import Machine
from tests.world.opened import NOW


class MachineByHand:
    """Both clocks of a machine; each is moved alone."""

    def __init__(self, nanoseconds: int = 0) -> None:
        self.nanoseconds = nanoseconds
        self.time_of_day: datetime = NOW
        self.machine = Machine(lambda: self.time_of_day, lambda: self.nanoseconds)

    def passes(self, time: timedelta) -> None:
        """Let so much of it pass."""
        self.nanoseconds += time // TICK * 1_000
