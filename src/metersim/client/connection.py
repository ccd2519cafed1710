"""The way to a control plane: what goes wrong on it is a ControlError in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from metersim.billing.quantity import exact
from metersim.errors import ControlError

# A session's whole journal is far smaller; what goes on for longer is no simulator.
MOST_BYTES = 500_000_000
JSON = "application/json"

_encode = msgspec.json.Encoder(decimal_format="number").encode
decode = msgspec.json.Decoder(float_hook=exact).decode


@dataclass(frozen=True, slots=True)
class Connection:
    """To the control plane of one session.

    ``root`` is the simulator's URL, and ``path`` what stands between it and the control plane.
    """

    http: httpx.Client
    root: str
    path: str = ""

    @property
    def url(self) -> str:
        """The session's base URL."""
        return self.root + self.path

    def to(self, session: str) -> Connection:
        """The same for another session."""
        return replace(self, path=f"/s/{segment(session)}")

    def ask(self, method: str, path: str, data: object = None, *, longer: float = 0) -> Any:
        """What it answers, numbers exact; it may take so many seconds longer than usual."""
        timeout = self._patient((self.http.timeout.read or 0) + longer)
        with self._sent(method, path, data, timeout) as reply:
            answer = _decoded(_read(reply, self.url))
            if not isinstance(answer, dict):
                raise ControlError(f"{_nobody(self.url)}: expected JSON, found {_kind(reply)}")
            return answer

    def part(self, name: str, method: str, path: str, data: object = None) -> Any:
        """One part of what it answers."""
        answer = self.ask(method, path, data)
        if name not in answer:
            told = f"{method} {path.partition('?')[0]} got no {name!r}"
            raise ControlError(f"{_nobody(self.url)}: {told}")
        return answer[name]

    def text(self, path: str, media_type: str) -> str:
        """What it answers that is no JSON."""
        with self._sent("GET", path) as reply:
            self._expect(reply, media_type)
            return _read(reply, self.url).decode(errors="replace")

    @contextmanager
    def lines(self, path: str, seconds: float | None) -> Iterator[Iterator[str]]:
        """The lines of an answer that goes on, each of which may take so long to come."""
        with self._sent("GET", path, timeout=self._patient(seconds)) as reply:
            self._expect(reply, "text/event-stream")
            yield self._lines(reply)

    def _lines(self, reply: httpx.Response) -> Iterator[str]:
        # The line breaks of server-sent events alone: a body that is told may hold others.
        line = bytearray()
        with _in_plain_words(self.url):
            for chunk in reply.iter_bytes():
                end, *lines = chunk.split(b"\n")
                line += end
                for following in lines:
                    yield line.decode(errors="replace")
                    line = bytearray(following)
                _bound(len(line), self.url)

    def _patient(self, seconds: float | None) -> httpx.Timeout:
        """As usual, but for how long nothing may come."""
        usual = self.http.timeout
        return httpx.Timeout(
            connect=usual.connect, read=seconds, write=usual.write, pool=usual.pool
        )

    @contextmanager
    def _sent(
        self, method: str, path: str, data: object = None, timeout: httpx.Timeout | None = None
    ) -> Iterator[httpx.Response]:
        timeout = timeout or self.http.timeout
        url, content = f"{self.url}/__admin/{path}", b"" if data is None else _encode(data)
        headers = {"Content-Type": JSON} if content else {}
        with (
            _in_plain_words(self.url),
            self.http.stream(method, url, content=content, headers=headers, timeout=timeout) as got,
        ):
            if got.status_code != HTTPStatus.OK:
                raise ControlError(self._refusal(got, f"{method} {path.partition('?')[0]}"))
            yield got

    def _expect(self, reply: httpx.Response, media_type: str) -> None:
        if _kind(reply) != media_type:
            told = f"expected {media_type}, found {_kind(reply)}"
            raise ControlError(f"{_nobody(self.url)}: {told}")

    def _refusal(self, reply: httpx.Response, call: str) -> str:
        answer = _decoded(_read(reply, self.url))
        error = answer.get("error") if isinstance(answer, dict) else None
        if reply.status_code == HTTPStatus.UNAUTHORIZED and error:
            told = f"{call}: {error}, found another token"
        elif isinstance(error, str):
            told = f"{call}: {error}"
        else:
            found = f"{reply.status_code} {reply.reason_phrase}".rstrip()
            to = f" to {reply.headers['location']}" if reply.has_redirect_location else ""
            told = f"{_nobody(self.url)}: {call} got {found}{to}, {_kind(reply)}"
        if urlsplit(self.root).path:
            own = "expected the simulator's own URL, without a vendor's name"
            return f"{own}, found {self.url}: {told}"
        return told


def segment(name: str) -> str:
    """A name as a part of a path; ControlError for one that would lead elsewhere."""
    if name in ("", ".", ".."):
        raise ControlError(f"expected a name or an id, found {name!r}")
    return quote(name, safe="")


def _read(reply: httpx.Response, url: str) -> bytes:
    body = bytearray()
    for chunk in reply.iter_bytes():
        body += chunk
        _bound(len(body), url)
    return bytes(body)


def _bound(size: int, url: str) -> None:
    if size > MOST_BYTES:
        raise ControlError(f"{_nobody(url)}: what does goes on for more than {MOST_BYTES:,} bytes")


def _decoded(body: bytes) -> Any:
    """None where it is no JSON."""
    try:
        return decode(body)
    except (ValueError, RecursionError):
        return None


def _kind(reply: httpx.Response) -> str:
    """The media type; who answers in one that is no simulator's is none."""
    return str(reply.headers.get("content-type", "no media type")).partition(";")[0].strip()


def _nobody(url: str) -> str:
    return f"no simulator answers at {url}"


@contextmanager
def _in_plain_words(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        limit = error.request.extensions["timeout"]
        waited = limit["connect" if isinstance(error, httpx.ConnectTimeout) else "read"]
        raise ControlError(f"{_nobody(url)} within {waited} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ControlError(f"{_nobody(url)}: {_reason(error)}") from None


def _reason(error: BaseException) -> str:
    """As a person would say it, without the number that the system has for it."""
    words = (each.strerror for each in _causes(error) if isinstance(each, OSError))
    return next((word.lower() for word in words if word), str(error) or type(error).__name__)


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
