"""What the proof of a rule is given: calls to make, and values to make them with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from metersim.billing.instants import Span, parse_date_or_instant
from metersim.contract.document import Contract
from metersim.contract.exchange import Asked, Exchange, Unproven
from metersim.contract.operation import Operation
from metersim.exact_json import encode
from metersim.reading import Json

T = TypeVar("T")
# Makes a call, of an operation where it is one.
Send: TypeAlias = Callable[[Asked, Operation | None], Exchange]

# The token that the checker was given.
OWN = "\0"


class Draw(Protocol):
    """Where a law is about all inputs: values to try it with, the simplest first.

    A proof draws before it calls: a draw may end the attempt, and calls made till then are wasted.
    """

    def integer(self, least: int, most: int) -> int:
        """One of least to most, both included."""

    def one_of(self, values: Sequence[T]) -> T:
        """One of these."""

    def some_of(self, values: Sequence[T], least: int = 0) -> list[T]:
        """At least so many of these, each once, in their order."""

    def instant(self, within: Span, step: timedelta = timedelta(seconds=1)) -> datetime:
        """One of the span's instants, a whole number of steps after its start, its end excluded."""


class Patience(Protocol):
    """How long is waited for what was written: ``seconds`` at most."""

    seconds: int

    def until(self, holds: Callable[[], bool]) -> bool:
        """Whether it holds within that time, looked at again and again."""


class Trial:
    """One attempt at one rule: makes calls as the rule's operations have them."""

    def __init__(
        self,
        contract: Contract,
        send: Send,
        values: Mapping[str, str],
        draw: Draw,
        token: str | None,
        patience: Patience,
        writes: bool = False,
    ) -> None:
        self._contract = contract
        self._send = send
        self._values = values
        self._token = token
        self._patience = patience
        self.draw = draw
        # Whether a proof that reads may write too, where it sees more by it.
        self.writes = writes

    # -- values

    @property
    def token(self) -> str | None:
        """The checker's own token, to be sent as no one should; never to be shown or shortened."""
        return self._token

    def value(self, key: str) -> str:
        """A value that the proof needs; Unproven where nobody gave or found it."""
        if key not in self._values:
            raise Unproven(f"needs a value: --set {key}=…")
        return self._values[key]

    def get(self, key: str) -> str | None:
        """A value that makes the proof stronger where it is given, or None."""
        return self._values.get(key)

    @property
    def span(self) -> Span:
        """The span that is known to hold usage, ``since`` to ``until``."""
        return Span(self._instant("since"), self._instant("until"))

    def _instant(self, key: str) -> datetime:
        text = self.value(key)
        try:
            return parse_date_or_instant(text)
        except ValueError as error:
            raise Unproven(f"--set {key}: {error}") from None

    def printed(self, operation: str, status: int) -> Json:
        """The body that the document prints for a status."""
        return next(iter(self._contract.operations[operation].examples[status].values())).value

    # -- what was written

    def shown(self, ask: Callable[[], Exchange], holds: Callable[[Exchange], bool]) -> Exchange:
        """The first reply of which it holds, and still does; the last that there was time for.

        Usage may show a while after it was taken. What must never show holds at once: ask for it
        once something else has shown that was sent later.
        """
        replies: list[Exchange] = []

        def look() -> bool:
            replies.append(ask())
            return holds(replies[-1])

        self._patience.until(look)
        return replies[-1]

    @property
    def in_time(self) -> str:
        """What usage must do to be seen, for a person."""
        return f"to show within {self._patience.seconds} s of being taken: --visible-within"

    # -- calls

    def call(
        self,
        operation: str,
        body: Json = None,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = OWN,
        patient: bool = True,
    ) -> Exchange:
        """Call an operation of the document by its id; bytes for a body go as they are.

        The token is the checker's own unless another is named; None sends none.
        """
        found = self._contract.operations[operation]
        target = found.path
        for name, text in (path or {}).items():
            target = target.replace(f"{{{name}}}", quote(text, safe=""))
        return self._ask(found.method, target, found, body, query, headers, token, patient)

    def send(
        self,
        method: str,
        target: str,
        body: Json = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = OWN,
        patient: bool = True,
    ) -> Exchange:
        """Make a call that the document has no operation for."""
        return self._ask(method, target, None, body, query, headers, token, patient)

    def _ask(
        self,
        method: str,
        target: str,
        operation: Operation | None,
        body: Json,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        token: str | None,
        patient: bool,
    ) -> Exchange:
        sent = {name.lower(): text for name, text in (headers or {}).items()}
        content = b""
        if body is not None:
            content = body if isinstance(body, bytes) else encode(body)
            sent.setdefault("content-type", "application/json")
        token = self._token if token == OWN else token
        if token is not None:
            sent = {**self._credentials(operation, token), **sent}
        if query:
            target += "?" + urlencode(query, safe=",:")
        return self._send(Asked(method, target, sent, content, patient), operation)

    def _credentials(self, operation: Operation | None, token: str) -> dict[str, str]:
        """The token in the header that the operation's first fitting scheme reads."""
        needs = operation.security if operation else ()
        fitting = [need for need in needs if need.type in ("apiKey", "bearer")]
        if fitting and fitting[0].type == "apiKey":
            return {fitting[0].header.lower(): token}
        return {"authorization": f"Bearer {token}"}
