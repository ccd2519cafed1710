"""What a test asks of a session's journal: which calls were made, and how they were answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from metersim.errors import ControlError

Row: TypeAlias = dict[str, Any]
Control: TypeAlias = Callable[[str, str, object], Row]


class JournalHandle:
    """The journal of one session; a pattern is in WireMock's words: ``method="POST"``."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def requests(self, **pattern: object) -> list[Row]:
        """The exchanges whose requests match, the oldest first: request, answer, trace."""
        return self._rows("requests", "requests", pattern)

    def find(self, **pattern: object) -> list[Row]:
        """The requests alone that match, the oldest first."""
        return self._rows("requests/find", "requests", pattern)

    def count(self, **pattern: object) -> int:
        """How many of the requests that are kept match."""
        return int(self._control("POST", "requests/count", pattern)["count"])

    def unmatched(self) -> list[Row]:
        """The requests that no operation is for, the newest first."""
        return list(self._control("GET", "requests/unmatched", None)["requests"])

    def near_misses(self, **pattern: object) -> list[Row]:
        """The requests that nearly match, and which parts of them differ."""
        return self._rows("near-misses/request-pattern", "nearMisses", pattern)

    def wait(self, count: int = 1, *, milliseconds: int = 5_000, **pattern: object) -> list[Row]:
        """The exchanges that match, once there are so many; ControlError when there are not."""
        asked = {"pattern": pattern, "count": count, "timeoutMilliseconds": milliseconds}
        answer = self._control("POST", "requests/wait", asked)
        if not answer["met"]:
            near = [_told(miss) for miss in answer["nearMisses"]]
            found = f"expected {count} requests that match, found {answer['count']}"
            raise ControlError("; ".join([f"{found} in {milliseconds} ms", *near]))
        return self.requests(**pattern)

    @property
    def dropped(self) -> int:
        """How many exchanges went to stay within the bounds, so that nothing can say of them."""
        return int(self._control("GET", "requests", None)["meta"]["dropped"])

    def clear(self) -> None:
        """Forget them all."""
        self._control("DELETE", "requests", None)

    def _rows(self, path: str, name: str, pattern: object) -> list[Row]:
        return list(self._control("POST", path, pattern)[name])


def _told(miss: Row) -> str:
    request = miss["request"]
    parts = (f"{each['part']} was {each['found']!r}" for each in miss["metersim"]["mismatches"])
    return f"{request['method']} {request['url']} came near: {', '.join(parts)}"
