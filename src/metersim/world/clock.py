"""The one clock. Nothing else in the simulator may ask the machine for the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from time import monotonic_ns

from metersim.billing.instants import LATEST, TICK
from metersim.billing.quantity import ZERO

# Nearly twelve days a second: the calendar ends before anyone needs more.
FASTEST = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine's two clocks: the time of day, and nanoseconds that nobody can set back."""

    time_of_day: Callable[[], datetime]
    nanoseconds: Callable[[], int]


MACHINE = Machine(lambda: datetime.now(UTC), monotonic_ns)


class Clock:
    """An instant, and the rate at which it moves with the machine's time.

    At 0 it stands, and never asks the machine; at 1 it ticks; at 60 an hour takes a minute. It
    moves only between calls, by ``catch_up``: within one there is one now. At the calendar's end
    it stays.
    """

    def __init__(self, now: datetime, rate: Decimal, nanoseconds: Callable[[], int]) -> None:
        self._nanoseconds = nanoseconds
        self._read = 0
        self._now = now
        # What has passed of the next microsecond: however often it is asked, no time is lost.
        self._rest = Fraction(0)
        self._rate = ZERO
        self.set(now, rate)

    @property
    def now(self) -> datetime:
        """The current instant, in UTC."""
        return self._now

    @property
    def rate(self) -> Decimal:
        """How much time passes here while a unit of it passes at the machine."""
        return self._rate

    @property
    def ticked(self) -> bool:
        """Whether it has moved by itself since it was set."""
        return self._now != self._set_to

    def catch_up(self) -> None:
        """Move on by what has passed at the machine."""
        if self._rate:
            before, self._read = self._read, self._nanoseconds()
            passed = Fraction(self._read - before, 1_000) * Fraction(self._rate)
            ticks, self._rest = divmod(self._rest + passed, 1)
            self._now += min(ticks, (LATEST - self._now) // TICK) * TICK

    def set(self, now: datetime, rate: Decimal | None = None) -> None:
        """Be at ``now``, and go on from there at ``rate``; None keeps the rate as it is."""
        if now != self._now:
            self._now, self._rest = now, Fraction(0)
        if rate and not self._rate:
            # What passed while it stood has passed.
            self._read = self._nanoseconds()
        if rate is not None:
            self._rate = rate
        self._set_to = now
