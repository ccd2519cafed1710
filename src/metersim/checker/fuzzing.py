"""The schema half: Schemathesis makes calls from the document, and judges what comes back.

The one place that knows its engine, which is no documented interface of its own. Its calls go
through the same door as all others: counted, paced, bounded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from metersim.checker.target import PATIENCE, Target, TooManyCalls, Unanswered
from metersim.checker.verdict import Departure
from metersim.checker.weighing import weighed
from metersim.contract.exchange import Asked, Exchange
from metersim.errors import ControlError
from metersim.reading import Json, read_file
from metersim.simulation.vendor import Vendor

_Message: TypeAlias = MutableMapping[str, Any]

# How many calls it makes up for each operation, beside those that cover every part of the schema.
EXAMPLES = 15
# What the client adds for itself.
_OWN_HEADERS = {"host", "connection", "accept-encoding", "content-length", "user-agent"}
# How the reply came, which is over once it is read.
_OF_THE_WIRE = {"transfer-encoding", "content-encoding", "content-length"}


class _Door:
    """An ASGI application that passes each call on to the target, if it may be made."""

    def __init__(self, target: Target, may: Callable[[Asked], bool]) -> None:
        self._target = target
        self._may = may
        self._prefix = urlsplit(target.url).path.rstrip("/")
        self._unanswered = 0
        # What ended the calls, if anything did.
        self.stopped: Exception | None = None

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            raise NotImplementedError("it has no lifespan of its own")
        content, more = b"", True
        while more:
            message = await receive()
            content += message.get("body", b"")
            more = message.get("more_body", False)
        target = scope["raw_path"].decode("latin-1").removeprefix(self._prefix)
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name.decode("latin-1") not in _OWN_HEADERS
        }
        status, sent, body = await self._passed_on(Asked(scope["method"], target, headers, content))
        pairs = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    async def _passed_on(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes]:
        if not self._may(asked):
            return HTTPStatus.METHOD_NOT_ALLOWED, {}, b""
        try:
            exchange = self._target.send(asked)
        except TooManyCalls as error:
            self.stopped = error
            raise
        except Unanswered as error:
            # What cannot even be sent says nothing of the target.
            self._unanswered += error.sent
            if self._unanswered == PATIENCE:
                self.stopped = error
            raise
        self._unanswered = 0
        headers = {k: v for k, v in exchange.headers.items() if k not in _OF_THE_WIRE}
        return exchange.status, headers, exchange.content


@dataclass(frozen=True)
class Fuzzing:
    """Schemathesis on one target.

    ``inputs`` are values for parameters and keys by their names in the document: what is printed in
    it as an example may mean nothing to the target.
    """

    vendor: Vendor
    target: Target
    _: KW_ONLY
    token: str | None
    seed: int
    allow_writes: bool = False
    examples: int = EXAMPLES
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def operations(self) -> list[str]:
        """The ids of the operations that are called."""
        known = self.vendor.contract.operations.values()
        return [each.id for each in known if each.safe or self.allow_writes]

    def departures(self) -> Iterator[Departure]:
        """What it finds, as it finds it; TooManyCalls or Unanswered where the calls ended."""
        if not self.operations:
            return
        door = _Door(self.target, self._may)
        schema = schemathesis.openapi.from_dict(self._document(), config=self._config())
        schema.app = door
        stream = from_schema(schema).execute()
        for event in stream:
            if door.stopped is not None:
                stream.stop()
                raise door.stopped
            if isinstance(event, events.FatalError):
                raise ControlError(f"Schemathesis failed: {event.exception}")
            if isinstance(event, events.NonFatalError):
                yield from self._silent(event.value)
            if isinstance(event, events.ScenarioFinished):
                yield from self._found(event.recorder)

    def _silent(self, error: Exception) -> Iterator[Departure]:
        if not isinstance(error, Unanswered):
            raise ControlError(f"Schemathesis failed: {error}")
        if error.sent:
            exchange = Exchange(error.asked, 0, {}, b"")
            yield Departure("answers", error.asked.method, str(error), exchange)

    def _may(self, asked: Asked) -> bool:
        """Whether the call surely changes nothing, or may. Methods are tried out that may be known.

        What a method does that the document does not name, nobody knows.
        """
        found = self.vendor.contract.match(asked.target.partition("?")[0])
        operation = found and found[0].operations.get(asked.method)
        safe = operation.safe if operation else asked.method in ("GET", "HEAD", "OPTIONS")
        return safe or self.allow_writes

    @property
    def _forbidden(self) -> set[str]:
        return self.vendor.contract.operations.keys() - set(self.operations)

    def _document(self) -> Json:
        """The vendor's document, with no operation in it that must not be called."""
        return self._fitted(read_file(self.vendor.document).data)

    def _fitted(self, node: Json) -> Json:
        """The same with examples of what goes in that mean something at the target."""
        if isinstance(node, list):
            return [self._fitted(each) for each in node]
        if not isinstance(node, dict):
            return _plain(node)
        if node.get("in") in ("path", "query") and node.get("name") in self.inputs:
            others = {key: each for key, each in node.items() if key != "examples"}
            return {**others, "example": self.inputs[node["name"]]}
        return {
            key: self._replaced(each) if key == "requestBody" else self._fitted(each)
            for key, each in node.items()
            # A link to what must not be called.
            if not (isinstance(each, dict) and each.get("operationId") in self._forbidden)
        }

    def _replaced(self, node: Json) -> Json:
        """A request body's description, in whose examples the known keys have known values."""
        if isinstance(node, list):
            return [self._replaced(each) for each in node]
        if not isinstance(node, dict):
            return _plain(node)
        return {
            # A schema's key of the name has no text behind it.
            key: self.inputs[key]
            if key in self.inputs and isinstance(each, str)
            else self._replaced(each)
            for key, each in node.items()
        }

    def _config(self) -> SchemathesisConfig:
        settings: dict[str, Any] = {
            "seed": self.seed,
            "workers": 1,
            "base-url": self.target.url,
            "continue-on-failure": True,
            "generation": {"max-examples": self.examples, "database": "none"},
            "analysis": {"constants": {"enabled": False}},
            "cache": {"enabled": False},
        }
        if tokens := self._auth():
            settings["auth"] = {"openapi": tokens}
        return SchemathesisConfig.from_dict(settings)

    def _auth(self) -> dict[str, Any]:
        """The token, by every security scheme that takes one."""
        schemes = read_file(self.vendor.document).data["components"].get("securitySchemes", {})
        kinds = {name: scheme.get("scheme", "api_key") for name, scheme in schemes.items()}
        if self.token is None:
            return {}
        return {name: {kind: self.token} for name, kind in kinds.items() if kind != "basic"}

    def _found(self, recorder: Any) -> Iterator[Departure]:
        for case_id, checks in recorder.checks.items():
            interaction = recorder.interactions.get(case_id)
            if interaction is None or interaction.response is None:
                continue
            label = recorder.cases[case_id].value.operation.label
            exchange = self._exchange(interaction)
            for check in checks:
                if check.failure_info is None:
                    continue
                if (basis := weighed(check.name, exchange)) is not None:
                    failure = check.failure_info.failure
                    message = " ".join(f"{failure.title}: {failure.message}".split())
                    yield Departure(f"schemathesis {check.name}", label, message, exchange, basis)

    def _exchange(self, interaction: Any) -> Exchange:
        request, response = interaction.request, interaction.response
        parts = urlsplit(request.uri)
        target = parts.path.removeprefix(urlsplit(self.target.url).path.rstrip("/"))
        headers = {
            name.lower(): values[0]
            for name, values in request.headers.items()
            if name.lower() not in _OWN_HEADERS
        }
        target += f"?{parts.query}" if parts.query else ""
        asked = Asked(request.method, target, headers, request.body or b"")
        told = {name: ", ".join(values) for name, values in response.headers.items()}
        found = self.vendor.contract.match(target.partition("?")[0])
        operation = found and found[0].operations.get(asked.method)
        return Exchange(asked, response.status_code, told, response.content, operation)


def _plain(value: Json) -> Json:
    # Schemathesis knows no decimals; that of an example is as good as another.
    return float(value) if isinstance(value, Decimal) else value
