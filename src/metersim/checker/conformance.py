"""Every reply that a proof gets is held to the document too, whatever the proof looks at."""

from __future__ import annotations

from collections.abc import Iterator

from metersim.checker.verdict import Departure
from metersim.contract.exchange import Exchange, cut
from metersim.contract.operation import Operation
from metersim.contract.rule import Basis
from metersim.exact_json import decode

# What is looked for, as a report and a waiver call it.
CONFORMS, NO_SERVER_ERROR = "response conforms", "not a server error"


def departures(exchange: Exchange) -> Iterator[Departure]:
    """What the document does not allow in this reply: of its status, content type, or body.

    Each on whose word it stands: nobody publishes how all that can be asked wrongly is refused.
    """
    operation = exchange.operation
    if operation is None:
        return
    if exchange.status >= 500 and exchange.status != 503:
        yield Departure(NO_SERVER_ERROR, operation.id, str(exchange), exchange)
        return
    word = basis_of(operation, exchange.status)
    body = exchange.text if exchange.content else None
    if exchange.is_json:
        try:
            body = decode(exchange.content)
        except ValueError as error:
            message = f"expected JSON, found {cut(exchange.text)!r}: {error}"
            yield Departure(CONFORMS, operation.id, message, exchange, word)
            return
    media_type = exchange.headers.get("content-type", "none")
    for violation in operation.judge_reply(exchange.status, media_type, body):
        # Of an assumed response no part is more than that.
        basis = Basis(violation.basis) if violation.basis and word is not Basis.ASSUMED else word
        message = f"status {exchange.status}: {violation}"
        yield Departure(CONFORMS, operation.id, message, exchange, basis)


def basis_of(operation: Operation, status: int) -> Basis:
    """On whose word a reply of this status is what the document says."""
    if status in operation.responses:
        return Basis(operation.bases.get(status) or Basis.DOCUMENTED)
    if 200 <= status < 300:
        # Where nobody publishes how it succeeds, it may succeed in another way.
        printed = [operation.bases.get(each) for each in operation.responses if each < 300]
        return Basis.ASSUMED if {*printed} == {Basis.ASSUMED.value} else Basis.DOCUMENTED
    # Another refusal than those that are printed is a refusal all the same.
    return Basis.ASSUMED if 400 <= status < 500 else Basis.DOCUMENTED
