"""A call and its reply as a proof judges them, and what comes of the judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from metersim.contract.operation import Operation
from metersim.contract.rule import Basis
from metersim.exact_json import decode, encode
from metersim.reading import Json

_JSON = {"application/json", "application/problem+json"}
_DOUBLE = Decimal("1e-9")
# Of a reply that is shown to a person, so much.
_SHOWN = 200


class Unproven(Exception):
    """Here the rule can be neither proven nor refuted; the text says what would make it so."""


class Broken(Exception):
    """The rule does not hold: ``expected`` against ``found``, and the exchanges that show it.

    They are all that were compared with each other, so that it can be told whether usage only grew
    in between.
    ``basis`` is on whose word the broken part stands; None where the rule's first basis is.
    """

    def __init__(
        self, expected: str, found: str, exchanges: Sequence[Exchange], basis: Basis | None
    ) -> None:
        super().__init__(f"expected {expected}; found {found}")
        self.expected = expected
        self.found = found
        self.exchanges = exchanges
        self.basis = basis


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes onto the wire; ``target`` is path and query below the base URL.

    An impatient one takes a 429 for its answer, and goes out at once.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    patient: bool = True


@dataclass(frozen=True)
class Exchange:
    """A request and what came back for it. Header names of the reply are lower case.

    ``at`` is when it was asked, and ``took`` how long it took, by the machine's time.
    """

    asked: Asked
    status: int
    headers: Mapping[str, str]
    content: bytes
    operation: Operation | None = None
    at: datetime | None = None
    took: timedelta = timedelta(0)

    @cached_property
    def json(self) -> Json:
        """The body as exact JSON data; Unproven where it is none."""
        try:
            return decode(self.content)
        except ValueError:
            raise Unproven(f"{self} is no JSON") from None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether there is a body that calls itself JSON."""
        return bool(self.content) and self.media_type in _JSON

    @property
    def succeeded(self) -> bool:
        """Whether the call did what it was for."""
        return 200 <= self.status < 300

    @property
    def done(self) -> Json:
        """The body of a success; Unproven where the call was refused, which is another rule's."""
        if not self.succeeded:
            raise Unproven(f"needs a success: {self}")
        return self.json

    def expect(
        self, holds: bool, expected: str, found: object = None, basis: Basis | None = None
    ) -> None:
        """Broken unless it holds; what was found is the whole reply where nothing is said."""
        if not holds:
            raise Broken(expected, str(self) if found is None else shown(found), [self], basis)

    def expect_status(self, *statuses: int, basis: Basis | None = None) -> None:
        """Broken unless the call was answered with one of these."""
        expected = " or ".join(map(str, statuses))
        self.expect(self.status in statuses, f"status {expected}", basis=basis)

    def __str__(self) -> str:
        name = self.operation.id if self.operation else self.asked.method
        body = " ".join(self.text.split())
        return f"{name} answered {self.status} {cut(body)}".rstrip()


def agree(
    what: str,
    found: object,
    expected: object,
    *exchanges: Exchange,
    basis: Basis | None = None,
) -> None:
    """Broken, naming what was compared, unless both are equal."""
    if found != expected:
        raise Broken(f"{what} {shown(expected)}", shown(found), exchanges, basis)


def nearly(found: Decimal, expected: Decimal) -> bool:
    """Whether two numbers are one to a server that counts in doubles, where no law says exactly."""
    return abs(found - expected) <= _DOUBLE * max(abs(found), abs(expected))


def require(condition: object, what: str) -> None:
    """Unproven without it: a law about nothing is not proven by nothing. Says what is needed."""
    if not condition:
        raise Unproven(f"needs {what}")


def shown(value: object) -> str:
    """A value as a person reads it, cut where it is long."""
    if isinstance(value, str):
        return cut(value)
    return cut(encode(value).decode() if isinstance(value, (dict, list)) else str(value))


def cut(text: str, most: int = _SHOWN) -> str:
    """The text, its end left out where it is longer than so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
