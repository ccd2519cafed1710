"""What a test asks of a session's journal: which calls were made, and how they were answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, overload
from urllib.parse import urlencode

from metersim.client import exchanges
from metersim.client.clock import as_text
from metersim.client.connection import Connection, decode, segment
from metersim.errors import ControlError

_SCRIPTS = {"curl": "text/x-shellscript", "pytest": "text/x-python"}


class Tail(Iterator[exchanges.Event]):
    """The exchanges of a session as they are made, from when it was opened until it is closed."""

    def __init__(self, lines: AbstractContextManager[Iterator[str]]) -> None:
        #: How many exchanges were not told, since this was too slow for them.
        self.dropped = 0
        self._open = ExitStack()
        self._events = _events(self._open.enter_context(lines))

    def __next__(self) -> exchanges.Event:
        for kind, data in self._events:
            if kind == "request":
                return data
            self.dropped += data["dropped"]
        raise StopIteration

    def close(self) -> None:
        """Hear of no more."""
        self._events = iter(())
        self._open.close()

    def __enter__(self) -> Tail:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class JournalHandle:
    """The journal of one session; a pattern is in WireMock's words: ``method="POST"``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def requests(self, **pattern: object) -> list[exchanges.Event]:
        """The exchanges whose requests match, the oldest first: request, answer, trace."""
        return self._connection.part("requests", "POST", "requests", pattern)

    def latest(
        self, limit: int | None = None, *, since: datetime | str | None = None
    ) -> list[exchanges.Event]:
        """The exchanges, the newest first; since an instant of the session's clock."""
        given = {"limit": limit, "since": None if since is None else as_text(since)}
        return self._listed("requests", **given)

    def find(self, **pattern: object) -> list[exchanges.LoggedRequest]:
        """The requests alone that match, the oldest first."""
        return self._connection.part("requests", "POST", "requests/find", pattern)

    def get(self, id: str) -> exchanges.Event:
        """The exchange whose reply bore this ``X-Metersim-Request-Id``."""
        return self._connection.ask("GET", f"requests/{segment(id)}")

    def count(self, **pattern: object) -> int:
        """How many of the requests that are kept match."""
        return self._connection.part("count", "POST", "requests/count", pattern)

    def unmatched(self) -> list[exchanges.LoggedRequest]:
        """The requests that no operation is for, the newest first."""
        return self._connection.part("requests", "GET", "requests/unmatched")

    def meant(self) -> list[exchanges.NearMiss]:
        """Which operations the requests that no operation is for may have meant."""
        return self._connection.part("nearMisses", "GET", "requests/unmatched/near-misses")

    def near_misses(self, **pattern: object) -> list[exchanges.NearMiss]:
        """The requests that nearly match, and which parts of them differ."""
        return self._connection.part("nearMisses", "POST", "near-misses/request-pattern", pattern)

    def wait(
        self, count: int = 1, *, milliseconds: int = 5_000, **pattern: object
    ) -> list[exchanges.Event]:
        """The exchanges that match, once there are so many; ControlError when there are not."""
        asked = {"pattern": pattern, "count": count, "timeoutMilliseconds": milliseconds}
        longer = milliseconds / 1_000
        answer: exchanges.Waited = self._connection.ask(
            "POST", "requests/wait", asked, longer=longer
        )
        if not answer["met"]:
            near = [_told(miss) for miss in answer["nearMisses"]]
            found = f"expected {count} requests that match, found {answer['count']}"
            raise ControlError("; ".join([f"{found} in {milliseconds} ms", *near]))
        return self.requests(**pattern)

    def stream(self, *, seconds: float | None = None) -> Tail:
        """Each exchange from now on, as it is made; ControlError when none comes for so long.

        To be closed, or used in a ``with`` block.
        """
        return Tail(self._connection.lines("requests/stream", seconds))

    @property
    def dropped(self) -> int:
        """How many exchanges went to stay within the bounds, so that nothing can say of them."""
        return self._listed("meta", limit=0)["dropped"]

    @overload
    def export(self, format: Literal["har"] = "har") -> exchanges.Archive: ...

    @overload
    def export(self, format: Literal["curl", "pytest"]) -> str: ...

    def export(self, format: str = "har") -> exchanges.Archive | str:
        """All of it as an HTTP archive, or as a script that asks again: ``curl``, ``pytest``."""
        path = f"requests/export?{urlencode({'format': format})}"
        if format in _SCRIPTS:
            return self._connection.text(path, _SCRIPTS[format])
        return self._connection.ask("GET", path)

    def remove(self, id: str) -> None:
        """Forget one exchange, by the id that its reply bore."""
        self._connection.ask("DELETE", f"requests/{segment(id)}")

    def remove_matching(self, **pattern: object) -> list[exchanges.Event]:
        """Forget the exchanges whose requests match, and say which they were."""
        return self._connection.part("serveEvents", "POST", "requests/remove", pattern)

    def clear(self) -> None:
        """Forget them all."""
        self._connection.ask("DELETE", "requests")

    def reset(self) -> None:
        """Forget them all, by the name that WireMock had for it first."""
        self._connection.ask("POST", "requests/reset")

    def _listed(self, part: str, **given: object) -> Any:
        query = urlencode({key: value for key, value in given.items() if value is not None})
        return self._connection.part(part, "GET", f"requests?{query}" if query else "requests")


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-sent events: kind and data; a line that begins with a colon is a comment."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield _event(fields)
            fields = {}


def _event(fields: dict[str, str]) -> tuple[str, Any]:
    try:
        return fields["event"], decode(fields["data"])
    except (KeyError, ValueError):
        raise ControlError(f"expected an exchange as an event, found {fields}") from None


def _told(miss: exchanges.NearMiss) -> str:
    request = miss["request"]
    parts = (f"{each['part']} was {each['found']!r}" for each in miss["metersim"]["mismatches"])
    return f"{request['method']} {request['url']} came near: {', '.join(parts)}"
