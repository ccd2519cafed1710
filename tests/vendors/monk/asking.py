"""Asks Monk what usage costs, and a small world in which the answers can be reckoned by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.wire import Answer, Caller, Simulated, simulate

PATH = "/v1/usage/cost"
NORTHWIND = "550e8400-e29b-41d4-a716-446655440000"
ACME = "11111111-2222-4333-8444-5555aaaa6666"
MARCH = {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-04-01T00:00:00Z"}

# Around what the default scenario opens with: its usage begins in December 2024.
INSTANTS = st.datetimes(datetime.fromisoformat("2024-11-01"), datetime.fromisoformat("2026-04-01"))

# `traffic` measures two events, one of which another meter counts too.
SMALL_WORLD = """
clock: 2026-03-30T12:00:00.250Z
meters:
  traffic: {events: [read, write]}
  writes: {events: [write], aggregation: COUNT}
  gifts: {}
  held: {aggregation: LATEST}
  paused: {status: inactive}
  retired: {status: archived}
rate_cards:
  list: {prices: {traffic: 0.001, writes: 0.5, paused: 7, retired: 9}}
customers:
  acme: {id: 11111111-2222-4333-8444-5555aaaa6666, external_id: ref-acme, emails: [me@acme.example]}
  other: {external_id: ref-other}
events:
  - {at: 2026-03-02T00:00:00Z, customer: acme, event: read, quantity: 100.5}
  - {at: 2026-03-03T00:00:00Z, customer: acme, event: write, properties: {quantity: 20, size: 7.50}}
  - {at: 2026-03-04T00:00:00Z, customer: acme, event: gifts, quantity: 1000}
  - {at: 2026-03-04T00:00:00Z, customer: acme, event: held, quantity: 1000}
  - {at: 2026-03-04T00:00:00Z, customer: acme, event: paused, quantity: 1}
  - {at: 2026-03-04T00:00:00Z, customer: acme, event: retired, quantity: 1}
"""


def small_world(folder: Path, text: str = SMALL_WORLD) -> Simulated:
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return simulate(path)


def ask(simulator: Simulated, **body: Any) -> Answer:
    """What March cost Northwind, or what is given; what is given as None is left out."""
    return ask_as(simulator.caller("monk"), **body)


def ask_as(monk: Caller, **body: Any) -> Answer:
    whole = {**MARCH, "customerId": NORTHWIND, **body}
    return monk.post(PATH, {key: value for key, value in whole.items() if value is not None})


def cost(simulator: Simulated, **body: Any) -> Decimal:
    """The total of an answer that is no refusal."""
    answer = ask(simulator, **body)
    assert answer.status == 200, answer.text
    return Decimal(answer.data["totalAmount"])


def assert_refused(answer: Answer, status: int, code: str, *words: str) -> None:
    """A refusal in Monk's one shape, whose message holds the words."""
    assert (answer.status, answer.data.keys()) == (status, {"error"}), answer.text
    error = answer.data["error"]
    assert (error.keys(), error["code"]) == ({"message", "code"}, code)
    for word in words:
        assert word in error["message"]


def at(instant: datetime) -> str:
    return f"{instant.isoformat()}Z"


def event(key: str | None, quantity: object = 1, **more: object) -> Any:
    """Northwind makes so many calls, now."""
    keyed = {} if key is None else {"idempotencyKey": key}
    called = {"eventName": "api_calls", "properties": {"quantity": quantity}}
    whose = {} if "externalCustomerId" in more else {"customerId": NORTHWIND}
    return {**called, **whose, **keyed, **more}


def send(simulator: Simulated, *events: Any) -> Answer:
    """One event alone, several in a batch."""
    monk = simulator.caller("monk")
    if len(events) == 1:
        return monk.post("/v1/events", events[0])
    return monk.post("/v1/events/batch", {"events": events})
