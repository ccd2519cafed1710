"""The one clock. Nothing else in the simulator may ask the machine for the time."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """Stands at an instant until it is set; or, with ``real``, follows the machine's time."""

    def __init__(self, now: datetime, *, real: bool = False) -> None:
        self._now = now
        self.real = real

    @property
    def now(self) -> datetime:
        """The current instant, in UTC."""
        return datetime.now(UTC) if self.real else self._now

    def set(self, now: datetime) -> None:
        """Stand at ``now`` from here on."""
        self._now, self.real = now, False
