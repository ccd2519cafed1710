"""How fast calls may be made: at a rate of the user's, and as slowly as the target asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, sleep

from metersim.errors import ControlError

_RATE = re.compile(r"(\d+(?:\.\d+)?)/(s|m|h)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600}
# Who asks for more is not waited for.
_LONGEST_WAIT = 60
_MOST_WAITS = 5


def interval(rate: str) -> float:
    """Seconds between two calls at a rate such as ``5/s`` or ``100/m``."""
    found = _RATE.fullmatch(rate.strip())
    if found is None or not float(found[1]):
        raise ControlError(f"--rate: expected calls per s, m or h, as 5/s; found {rate!r}")
    return _SECONDS[found[2]] / float(found[1])


@dataclass
class Pace:
    """Waits before calls; ``now`` and ``pause`` are the machine's."""

    interval: float = 0.0
    patient: bool = True
    now: Callable[[], float] = monotonic
    pause: Callable[[float], None] = sleep
    _next: float = 0.0
    _waits: int = 0

    def wait(self) -> None:
        """Wait until the next call may be made."""
        if self.interval:
            if (left := self._next - self.now()) > 0:
                self.pause(left)
            self._next = self.now() + self.interval

    def asked_to_wait(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether a 429 said for how long to wait; it has then been waited for so long."""
        seconds = headers.get("retry-after", "")
        if status != 429 or not self.patient or not seconds.isdecimal():
            self._waits = 0
            return False
        if int(seconds) > _LONGEST_WAIT or self._waits >= _MOST_WAITS:
            return False
        self._waits += 1
        self.pause(int(seconds))
        return True
