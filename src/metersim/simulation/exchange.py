"""A call and its answer: as they went over the wire, and as the journal keeps them."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from metersim.simulation.call import Request
from metersim.validation import Violation

# What an entry takes beside its texts, roughly: objects, and the references to them.
_OVERHEAD = 1_000
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What went back over the wire."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and its answer as they went over the wire, secrets and all. Nobody keeps one.

    ``vendor`` is None where the URL named none that is known, and the request's path is then all
    that followed its base URL; ``operation`` is None where vendor or path or method is unknown.
    ``answer`` is None when a fault took it away. ``delay`` is what faults added; ``took`` are
    microseconds of the machine's, 0 while the clock stands: no two runs have the same.
    """

    id: str
    at: datetime
    session: str
    vendor: str | None
    operation: str | None
    request: Request
    answer: Answer | None
    violations: Sequence[Violation] = ()
    fault: str | None = None
    trace: Sequence[str] = ()
    delay: timedelta = _ZERO
    took: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """What is kept of a body, without the secrets that were in it.

    ``size`` is how many bytes it had, None where it was too large for anyone to read to its end.
    """

    content: bytes = b""
    size: int | None = 0
    cut: bool = False

    @property
    def text(self) -> str:
        """The body as UTF-8, with a replacement character for what is none."""
        return self.content.decode(errors="replace")

    @property
    def binary(self) -> bool:
        """Whether it is no text."""
        try:
            # A cut may have gone through a character.
            text = codecs.getincrementaldecoder("utf-8")().decode(self.content, final=not self.cut)
        except UnicodeDecodeError:
            return True
        return "\0" in text


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it is kept. Header names are lower case.

    ``url`` is the same in every session: it begins with the vendor's name (``/monk/v1/usage?…``).
    """

    method: str
    url: str
    absolute_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=Body)
    client: str = ""

    @property
    def path(self) -> str:
        """The URL without its query."""
        return self.url.partition("?")[0]

    @property
    def query(self) -> dict[str, list[str]]:
        """Every value of each query parameter, decoded."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.url.partition("?")[2], keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as it is kept. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=Body)


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange as the journal keeps it: numbered, without secrets, no body over the bound."""

    id: str
    number: int
    at: datetime
    session: str
    vendor: str | None
    operation: str | None
    request: Received
    response: Sent | None
    violations: Sequence[Violation] = ()
    fault: str | None = None
    trace: Sequence[str] = ()
    delay: timedelta = _ZERO
    took: int = 0

    @property
    def matched(self) -> bool:
        """Whether there is an operation that the caller can have meant."""
        return self.operation is not None

    @property
    def size(self) -> int:
        """How many bytes it takes to keep, roughly."""
        request, response = self.request, self.response or Sent(0)
        texts = [
            *(self.id, self.session, self.vendor or "", self.operation or "", self.fault or ""),
            *(request.method, request.url, request.absolute_url, request.client, *self.trace),
            *(part for pair in request.headers.items() for part in pair),
            *(part for pair in response.headers.items() for part in pair),
            *(str(violation) for violation in self.violations),
        ]
        bodies = len(request.body.content) + len(response.body.content)
        return _OVERHEAD + bodies + len("".join(texts).encode(errors="replace"))
