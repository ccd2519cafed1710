"""The one clock. Nothing else in the simulator may ask the machine for the time."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """Stands at an instant until it is set; or, with ``real``, follows the machine's time.

    Even then it moves only between calls, by ``catch_up``: within one there is one now.
    """

    def __init__(self, now: datetime, *, real: bool = False) -> None:
        self._now = now
        self._real = real
        self.catch_up()

    @property
    def now(self) -> datetime:
        """The current instant, in UTC."""
        return self._now

    def catch_up(self) -> None:
        """Read the machine's time, if it is to be followed."""
        if self._real:
            self._now = datetime.now(UTC)

    def set(self, now: datetime) -> None:
        """Stand at ``now`` from here on."""
        self._now, self._real = now, False
