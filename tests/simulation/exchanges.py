"""Calls and their answers, as a journal is given them and as it keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from metersim.simulation.call import Request
from metersim.simulation.exchange import Answer, Exchange, Received
from metersim.simulation.journal import Journal
from metersim.simulation.matching import Pattern

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
USAGE = Exchange(
    id="call-1",
    at=NOW,
    session="default",
    vendor="monk",
    operation="getUsage",
    request=Request(
        method="GET",
        path="/v1/usage",
        query="from=2026-02-01&meter=a&meter=b",
        headers={"authorization": "Bearer metersim-token", "accept": "*/*"},
        base_url="http://localhost:8640/s/a/monk",
    ),
    answer=Answer(200, {"Content-Type": "application/json"}, b'{"total": 12.50}'),
)


def asked(method: str = "GET", path: str = "/v1/usage", **more: Any) -> Exchange:
    """The exchange about usage with another request."""
    request = replace(USAGE.request, method=method, path=path, **more)
    return replace(USAGE, request=request)


def posted(body: bytes, **headers: str) -> Exchange:
    """The exchange with a body."""
    return asked("POST", "/v1/ingest", query="", body=body, headers=headers)


def numbered(number: int, **more: Any) -> Exchange:
    """The exchange, with an id of its own and as many minutes later."""
    at = NOW + timedelta(minutes=number)
    return replace(USAGE, id=f"call-{number}", at=at, **more)


def journal(*exchanges: Exchange, **more: Any) -> Journal:
    """A journal of these."""
    found = Journal(**more)
    for exchange in exchanges:
        found.record(exchange)
    return found


def received(exchange: Exchange) -> Received:
    """The exchange's request, as it is kept."""
    (entry,) = journal(exchange)
    return entry.request


def matches(pattern: Any, exchange: Exchange = USAGE) -> bool:
    """Whether the pattern matches the exchange's request."""
    return Pattern(pattern).matches(received(exchange))
