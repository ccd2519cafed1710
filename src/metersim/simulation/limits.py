"""Rate limits: what a vendor declares, and who counts. Time is the world's, never the machine's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from metersim.contract.operation import Operation
from metersim.simulation.call import Request
from metersim.simulation.problems import too_many_requests

CountedBy: TypeAlias = Callable[[Mapping[str, str], Request], str | None]

# Of one limit. Beyond it the key that was idle longest is forgotten: names can be made up for ever.
MOST_KEYS = 10_000

_SECOND = timedelta(seconds=1)


def _every_operation(operation: Operation) -> bool:
    return True


@dataclass(frozen=True, slots=True, eq=False)  # no two are one, not even with the same figures
class Limit:
    """At most so many ``requests`` within any span of ``per``, counted apart for each key.

    ``by`` gives the key, from the path's parameters and the request; a call without one is not
    counted. ``applies`` says which operations are limited.
    """

    requests: int
    per: timedelta
    by: CountedBy
    applies: Callable[[Operation], bool] = _every_operation


class Limiter:
    """Counts the calls of one session. A call counts unless it is one too many."""

    def __init__(self) -> None:
        # When each call that still counts was made, the oldest first; the key last used comes last.
        self._calls: dict[Limit, dict[str, deque[datetime]]] = {}

    def admit(
        self,
        limits: Sequence[Limit],
        operation: Operation,
        path: Mapping[str, str],
        request: Request,
        now: datetime,
    ) -> None:
        """Count a call; Problem 429 where a limit is reached, and for how long it will be."""
        counted = [
            (limit, self._still_counting(limit, key, now))
            for limit in limits
            if limit.applies(operation) and (key := limit.by(path, request)) is not None
        ]
        full = [
            limit.per - (now - calls[0]) for limit, calls in counted if len(calls) >= limit.requests
        ]
        if full:
            raise too_many_requests(-(-max(full) // _SECOND))
        for _, calls in counted:
            calls.append(now)

    def _still_counting(self, limit: Limit, key: str, now: datetime) -> deque[datetime]:
        keys = self._calls.setdefault(limit, {})
        calls = _within(limit, keys.pop(key, deque()), now)
        while keys:
            idle = next(iter(keys))
            if len(keys) < MOST_KEYS and _within(limit, keys[idle], now):
                break
            del keys[idle]
        keys[key] = calls
        return calls

    def copy(self) -> Limiter:
        """One that has counted the same, and counts on by itself."""
        limiter = Limiter()
        limiter._calls = {
            limit: {key: deque(calls) for key, calls in keys.items()}
            for limit, keys in self._calls.items()
        }
        return limiter

    @property
    def remembered(self) -> int:
        """How many calls are remembered, of all limits and keys."""
        return sum(len(calls) for keys in self._calls.values() for calls in keys.values())


def _within(limit: Limit, calls: deque[datetime], now: datetime) -> deque[datetime]:
    """The calls, without those that no longer count, or not yet: the clock may have been set back.

    A call to come would otherwise shut its caller out for as long as the clock was set back.
    """
    while calls and now - calls[0] >= limit.per:
        calls.popleft()
    while calls and calls[-1] > now:
        calls.pop()
    return calls
