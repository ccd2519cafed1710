"""The implementation that is checked: reached over HTTP, in bounded time, memory and number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from errno import errorcode
from os import strerror
from types import TracebackType

import httpx
from anyio.from_thread import start_blocking_portal

from metersim.checker.pace import Pace
from metersim.contract.exchange import Asked, Exchange
from metersim.contract.operation import Operation
from metersim.world.clock import MACHINE

# A reply is read so far: more is none that any operation has.
_MOST_BYTES = 8 * 1024 * 1024
_SECONDS = 10.0
# After so many calls in a row that nobody answered, nobody will.
PATIENCE = 3
# Set by whoever is in between, and of no meaning for the contract.
_OWN_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "metersim-check"}


class Unanswered(Exception):
    """The target gave no whole HTTP reply; says why, in words for a person.

    One that was not ``sent`` is no call that HTTP can make.
    """

    def __init__(self, asked: Asked, reason: str, sent: bool = True) -> None:
        super().__init__(f"{asked.method} {asked.target}: {reason}")
        self.asked = asked
        self.reason = reason
        self.sent = sent


class TooManyCalls(Exception):
    """The calls that may be made have been made."""


@dataclass
class Target:
    """Where calls go. Every call of a run goes through one of these, and is counted by it.

    ``url`` is what an operation's path is appended to. ``seconds`` bounds each call as a whole,
    however slowly it trickles in.
    """

    url: str
    pace: Pace = field(default_factory=Pace)
    most_calls: int = 10_000
    seconds: float = _SECONDS
    verify: bool = True
    transport: httpx.AsyncBaseTransport | None = None
    seen: Callable[[Exchange], None] = lambda exchange: None
    calls: int = 0

    def __enter__(self) -> Target:
        # A loop in a thread of its own: whoever calls may be in a loop already, or be no coroutine.
        self._opened = ExitStack()
        self._portal = self._opened.enter_context(start_blocking_portal())
        self._client = httpx.AsyncClient(
            headers=_OWN_HEADERS,
            timeout=self.seconds,
            follow_redirects=False,
            verify=self.verify,
            transport=self.transport,
            # A proxy is for the world outside, whatever it would do with this machine's own names.
            trust_env=not _is_near(self.url),
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._portal.call(self._client.aclose)
        self._opened.__exit__(kind, error, trace)

    def send(self, asked: Asked, operation: Operation | None = None) -> Exchange:
        """Make one call, once more for each 429 that says when; Unanswered, TooManyCalls."""
        while True:
            if self.calls >= self.most_calls:
                raise TooManyCalls
            self.calls += 1
            if asked.patient:
                self.pace.wait()
            at, before = MACHINE.time_of_day(), MACHINE.nanoseconds()
            status, headers, content = self._portal.call(self._answered, asked)
            took = timedelta(microseconds=(MACHINE.nanoseconds() - before) // 1_000)
            exchange = Exchange(asked, status, headers, content, operation, at, took)
            self.seen(exchange)
            if not (asked.patient and self.pace.asked_to_wait(status, headers)):
                return exchange

    async def _answered(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes]:
        try:
            async with asyncio.timeout(self.seconds):
                return await self._read(asked)
        except TimeoutError:
            raise Unanswered(asked, f"no whole reply within {self.seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            sent = not isinstance(error, (httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError))
            raise Unanswered(asked, _reason(error), sent) from None

    async def _read(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes]:
        url = self.url.rstrip("/") + asked.target
        content = bytearray()
        async with self._client.stream(
            asked.method, url, headers=asked.headers, content=asked.content or None
        ) as reply:
            async for chunk in reply.aiter_bytes():
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise Unanswered(asked, f"a reply of more than {_MOST_BYTES:,} bytes")
            return reply.status_code, dict(reply.headers), bytes(content)


def _is_near(url: str) -> bool:
    host = httpx.URL(url).host
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _reason(error: Exception) -> str:
    """What went wrong, as a person would say it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            # Of a name that nobody has, the number is another library's.
            number = cause.errno or 0
            return strerror(number).lower() if number in errorcode else cause.strerror
        cause = cause.__cause__ or cause.__context__
    kinds = {
        httpx.ConnectTimeout: "no connection in time",
        httpx.ReadTimeout: "no answer in time",
        httpx.RemoteProtocolError: "no HTTP",
    }
    words = next((said for kind, said in kinds.items() if isinstance(error, kind)), "")
    return ": ".join(filter(None, [words, str(error)])) or type(error).__name__
