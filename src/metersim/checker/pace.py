"""How fast calls may be made, and how long is waited for what was written to show."""

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


# So long is waited for what was written, unless the user says otherwise.
VISIBLE_WITHIN = 15
# The first of the pauses between two looks, each twice as long as the one before.
_FIRST_PAUSE = 0.25


@dataclass
class Pace:
    """Waits before calls, and between looks; ``now`` and ``pause`` are the machine's.

    ``seconds`` is how long is waited for what was written, ``lag`` the longest that it took to
    show so far. ``again`` counts calls that nobody could foresee: usage was on its way or grew, or
    the target asked for time.
    """

    interval: float = 0.0
    patient: bool = True
    seconds: int = VISIBLE_WITHIN
    lag: float = 0.0
    again: int = 0
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

    def until(self, holds: Callable[[], bool]) -> bool:
        """Whether it holds within the time there is: looked at again and again, with pauses.

        Where something took a while to show, what holds is looked at again after as long: more may
        be on its way.
        """
        waited, pause = 0.0, _FIRST_PAUSE
        while not (holds() and self._still(holds, waited)):
            if waited >= self.seconds:
                return False
            pause = min(pause, self.seconds - waited)
            self.pause(pause)
            self.again += 1
            waited, pause = waited + pause, 2 * pause
        return True

    def _still(self, holds: Callable[[], bool], waited: float) -> bool:
        self.lag = max(self.lag, waited)
        if not self.lag:
            return True
        self.pause(self.lag)
        self.again += 1
        return holds()

    def asked_to_wait(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether a 429 said for how long to wait; it has then been waited for so long."""
        seconds = headers.get("retry-after", "")
        if status != 429 or not self.patient or not seconds.isdecimal():
            self._waits = 0
            return False
        if int(seconds) > _LONGEST_WAIT or self._waits >= _MOST_WAITS:
            return False
        self._waits += 1
        self.again += 1
        self.pause(int(seconds))
        return True
