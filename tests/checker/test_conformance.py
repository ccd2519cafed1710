"""What of a reply the document does not allow, and on whose word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metersim.checker.conformance import departures
from metersim.contract.exchange import Asked, Exchange
from metersim.contract.rule import Basis
from tests.checker.proven import VENDORS

D, C, A = Basis.DOCUMENTED, Basis.CONFIRMED, Basis.ASSUMED
REFUSAL = {"success": False, "error": {"code": "UNAUTHORIZED", "message": "Go away"}}


def judged(
    vendor: str, operation: str, status: int, body: Any, media: str = "application/json"
) -> list[tuple[str, Basis]]:
    found = VENDORS[vendor].contract.operations[operation]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": media}
    exchange = Exchange(Asked("GET", "/"), status, headers, content, found)
    return [(each.message, each.basis) for each in departures(exchange)]


def test_a_reply_as_the_document_prints_it_departs_from_nothing() -> None:
    for vendor in VENDORS.values():
        for operation in vendor.contract.operations.values():
            for status, examples in operation.examples.items():
                for name, example in examples.items():
                    text = example.value
                    body = text.encode() if isinstance(text, str) else _encoded(text)
                    exchange = Exchange(
                        Asked("GET", "/"),
                        status,
                        {"content-type": example.media_type},
                        body,
                        operation,
                    )
                    found = [each for each in departures(exchange) if status != 500]
                    assert found == [], (operation.id, status, name)


def _encoded(value: object) -> bytes:
    return json.dumps(value, default=float).encode()


@pytest.mark.parametrize(
    ("judgement", "basis"),
    [
        (judged("saas", "getUsage", 200, {"success": True}), D),
        (judged("saas", "getUsage", 401, REFUSAL), D),
        (judged("saas", "getUsage", 200, b"<html>", "text/html"), D),
        (judged("saas", "getUsage", 200, b"{"), D),
        (judged("saas", "getUsage", 204, b""), D),
        (judged("saas", "getUsage", 302, b""), D),
        (judged("saas", "getUsage", 500, b""), D),
        # A refusal that nobody documents, or in a form that we chose.
        (judged("saas", "getUsage", 422, {}), A),
        (judged("saas", "getUsage", 403, b"<html>", "text/html"), A),
        # Who calls the customer by no name: a public source has the key, and that it is there.
        (judged("metronome", "listUsage", 200, {"data": []}), D),
        (judged("metronome", "getCustomer", 200, {}), C),
    ],
)
def test_a_departure_stands_on_the_word_of_what_it_departs_from(
    judgement: list[tuple[str, Basis]], basis: Basis
) -> None:
    assert judgement
    assert {each for _, each in judgement} == {basis}, judgement


def test_a_call_that_the_document_does_not_have_is_held_to_nothing() -> None:
    assert list(departures(Exchange(Asked("GET", "/"), 500, {}, b""))) == []
