"""Every reply that a proof gets is held to the document too, whatever the proof looks at."""

from __future__ import annotations

from collections.abc import Iterator

from metersim.checker.verdict import Departure
from metersim.contract.exchange import Exchange, cut
from metersim.exact_json import decode

_JSON = {"application/json", "application/problem+json"}


def departures(exchange: Exchange) -> Iterator[Departure]:
    """What the document does not allow in this reply: of its status, content type, or body."""
    operation = exchange.operation
    if operation is None:
        return
    if exchange.status >= 500 and exchange.status != 503:
        yield Departure("not a server error", operation.id, str(exchange), exchange)
        return
    body = exchange.text if exchange.content else None
    if exchange.media_type in _JSON and exchange.content:
        try:
            body = decode(exchange.content)
        except ValueError as error:
            message = f"expected JSON, found {cut(exchange.text)!r}: {error}"
            yield Departure("response conforms", operation.id, message, exchange)
            return
    media_type = exchange.headers.get("content-type", "none")
    for violation in operation.judge_reply(exchange.status, media_type, body):
        message = f"status {exchange.status}: {violation}"
        yield Departure("response conforms", operation.id, message, exchange)
