"""The clock of a session."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from metersim.billing.instants import parse_instant
from metersim.client import replies
from metersim.client.connection import Connection


class Clock:
    """The clock of one session."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def now(self) -> datetime:
        """The session's current instant."""
        return parse_instant(self._connection.part("now", "GET", "clock"))

    def read(self) -> replies.Clock:
        """Its instant, and how it moves."""
        return self._connection.ask("GET", "clock")

    def set(self, now: datetime | str) -> replies.MovedClock:
        """Be at an instant: RFC 3339 text, or a datetime that knows its offset."""
        return self._connection.ask("PUT", "clock", {"now": as_text(now)})

    def advance(self, **span: int | str) -> replies.MovedClock:
        """Move on: ``advance(days=1, hours=6)``, ``advance(duration="PT36H")``."""
        return self._connection.ask("POST", "clock/advance", span)

    def tick(self, rate: int | Decimal = 1) -> replies.MovedClock:
        """Move with the machine's time, and as many times as fast as the rate says."""
        return self._connection.ask("PUT", "clock", {"rate": rate})

    def freeze(self) -> replies.MovedClock:
        """Stand where it is, until it is moved."""
        return self.tick(0)


def as_text(now: datetime | str) -> str:
    """An instant as the control plane reads it."""
    return now if isinstance(now, str) else now.isoformat()
