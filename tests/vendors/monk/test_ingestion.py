"""Events that Monk takes: the newest under one key counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.vendors.monk.asking import assert_refused, cost, event, send
from tests.wire import Simulated, simulate

PRICE = Decimal("0.0004")
NOBODY = "00000000-0000-4000-8000-000000000000"


def calls(sim: Simulated) -> Decimal:
    """How many Northwind is charged for in March."""
    return cost(sim, eventNames=["api_calls"]) / PRICE


def changes(sim: Simulated) -> list[Any]:
    return list(sim.control("GET", "changes")["changes"])


def test_monk_20_an_event_sent_twice_counts_once_with_its_newest_values() -> None:
    sim = simulate()
    opened = calls(sim)
    for quantity in (5, 9, Decimal("2.5")):
        answer = send(sim, event("a", quantity))
        assert (answer.status, answer.data["idempotencyKey"]) == (202, "a")
        assert calls(sim) == opened + quantity
    send(sim, event("a", 1, eventName="emails"))
    assert calls(sim) == opened


def test_monk_20_of_two_in_a_batch_the_last_one_counts() -> None:
    sim = simulate()
    opened = calls(sim)
    answer = send(sim, event("a", 5), event("b", 1), event("a", 7))
    assert answer.data["count"] == 3
    assert calls(sim) == opened + 8


def test_monk_20_events_without_a_key_are_given_one_each() -> None:
    sim = simulate()
    opened = calls(sim)
    keys = [send(sim, event(None, 5)).data["idempotencyKey"] for _ in range(2)]
    assert send(sim, event(None, 5), event(None, 5)).status == 202
    assert calls(sim) == opened + 20
    assert send(sim, event(keys[0], 1)).data["idempotencyKey"] == keys[0]
    assert calls(sim) == opened + 16


def test_monk_20_a_key_is_none_of_another_vendors() -> None:
    sim = simulate()
    opened = calls(sim)
    send(sim, event("a", 5))
    body = {
        "transaction_id": "a",
        "customer_id": "cust_northwind",
        "event_type": "api_calls",
        "timestamp": "2026-03-18T09:30:00Z",
        "properties": {"quantity": "3"},
    }
    assert sim.caller("metronome").post("/v1/ingest", [body]).status == 200
    assert calls(sim) == opened + 8


def test_monk_20_what_was_replaced_is_back_when_the_clock_goes_back() -> None:
    sim = simulate()
    opened = calls(sim)
    send(sim, event("a", 5))
    sim.clock.advance(minutes=20)
    send(sim, event("a", 7))
    sim.clock.set("2026-03-18T09:40:00Z")
    assert calls(sim) == opened + 5
    send(sim, event("a", 9))
    assert calls(sim) == opened + 9
    sim.clock.set("2026-03-18T09:50:00Z")
    assert calls(sim) == opened + 9


@pytest.mark.timeout(120)
def test_monk_21_ten_thousand_events_are_taken_and_one_more_is_not() -> None:
    sim = simulate()
    opened = calls(sim)
    events = [event(str(number)) for number in range(10_001)]
    assert_refused(send(sim, *events), 400, "BAD_REQUEST", "events", "10000")
    assert changes(sim) == []
    answer = send(sim, *events[1:])
    assert (answer.status, answer.data["count"]) == (202, 10_000)
    assert calls(sim) == opened + 10_000


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        (event("b", eventName=""), 400, "events.1.eventName"),
        (event("b", externalCustomerId="cust_northwind", customerId=NOBODY), 400, "events.1"),
        ({"eventName": "emails"}, 400, "one of customerId, externalCustomerId is required"),
        (event("b", timestamp="2026-03-18"), 400, "events.1.timestamp"),
        (event("b", timestamp="2026-03-18T10:30:01Z"), 400, "events.1.timestamp"),
        (event("b", customerId=NOBODY), 404, NOBODY),
        (event("b", externalCustomerId="nobody"), 404, "nobody"),
    ],
)
def test_monk_21_of_a_batch_with_one_bad_event_none_is_stored(
    wrong: Any, status: int, words: str
) -> None:
    sim = simulate()
    code = {400: "BAD_REQUEST", 404: "NOT_FOUND"}[status]
    assert_refused(send(sim, event("a"), wrong, event("c")), status, code, words)
    assert changes(sim) == []


def test_monk_22_an_event_an_hour_ahead_counts_when_its_time_has_come() -> None:
    sim, other = simulate(), simulate()
    opened = calls(sim)
    assert send(sim, event("a", 5, timestamp="2026-03-18T10:30:00Z")).status == 202
    assert calls(sim) == opened
    for each in (sim, other):
        each.clock.advance(hours=1)
    assert calls(sim) - calls(other) == 5


def test_monk_22_more_than_an_hour_ahead_is_refused() -> None:
    sim = simulate()
    answer = send(sim, event("a", timestamp="2026-03-18T10:30:00.000001Z"))
    assert_refused(answer, 400, "BAD_REQUEST", "timestamp: must be at most 1 hour ahead")
    assert changes(sim) == []


def test_an_event_may_come_by_the_callers_own_reference() -> None:
    sim = simulate()
    opened = calls(sim)
    assert send(sim, event(None, "2.50", externalCustomerId="cust_northwind")).status == 202
    assert calls(sim) == opened + Decimal("2.5")


def test_a_late_event_counts_when_it_happened() -> None:
    sim = simulate()
    opened, before = calls(sim), cost(sim, startDate="2026-01-01T00:00:00Z")
    assert send(sim, event(None, 1000, timestamp="2026-02-10T00:00:00Z")).status == 202
    assert calls(sim) == opened
    assert cost(sim, startDate="2026-01-01T00:00:00Z") == before + Decimal("0.4")


def test_ids_of_requests_are_all_different() -> None:
    sim = simulate()
    ids = {send(sim, event(None)).data["requestId"] for _ in range(5)}
    assert len(ids) == 5
