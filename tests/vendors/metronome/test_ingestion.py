"""Events that Metronome takes count once, exactly, and for whoever is meant when usage is read."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import add, exact, subtract, total
from tests.vendors.metronome.asking import assert_refused, event, ingest
from tests.views import metronome_value
from tests.wire import Simulated, simulate

SPAN = date(2026, 1, 1), date(2026, 7, 1)


def value(sim: Simulated, meter: str = "api_calls") -> Decimal:
    return metronome_value(sim, meter, *SPAN)


def changes(sim: Simulated) -> list[Any]:
    return list(sim.control("GET", "changes")["changes"])


def test_metronome_18_one_to_a_hundred_events_are_taken_without_a_word() -> None:
    sim = simulate()
    opened = value(sim)
    for most in (1, 100):
        answer = ingest(sim, *(event(f"{most}-{number}") for number in range(most)))
        assert (answer.status, answer.text) == (200, "")
    assert value(sim) == opened + 101


@pytest.mark.parametrize("most", [0, 101])
def test_metronome_18_none_or_more_are_refused_and_nothing_is_stored(most: int) -> None:
    sim = simulate()
    assert_refused(ingest(sim, *(event(str(number)) for number in range(most))), "items")
    assert changes(sim) == []


@pytest.mark.parametrize("body", [b"", b"null", b"{}"])
def test_metronome_18_what_is_no_array_is_refused(body: bytes) -> None:
    sim = simulate()
    assert_refused(sim.caller("metronome").post("/v1/ingest", body))
    assert changes(sim) == []


def test_metronome_19_a_repeated_transaction_changes_nothing_and_the_first_one_wins() -> None:
    sim = simulate()
    assert ingest(sim, event("a", 5), event("a", 7)).status == 200
    before, told = value(sim), changes(sim)
    for again in (event("a", 5), event("a", 99), event("a", 1, event_type="emails")):
        assert ingest(sim, again, event("a")).status == 200
    assert (value(sim), changes(sim)) == (before, told)
    assert [each["properties"]["quantity"] for each in sim.state["events"]] == [5]


def test_metronome_19_a_transaction_is_remembered_for_34_days() -> None:
    sim = simulate()
    ingest(sim, event("a", 5))
    sim.clock.advance(days=34)
    for days, count in ((34, 1), (35, 2)):
        late = event("a", 5, timestamp=f"{sim.clock.now:%Y-%m-%dT%H:%M:%SZ}")
        assert ingest(sim, late).status == 200
        assert len(sim.state["events"]) == count, days
        sim.clock.advance(days=1)


def test_metronome_19_what_was_sent_counts_once_though_the_clock_went_back_in_between() -> None:
    sim = simulate()
    opened = value(sim)
    sim.clock.advance(minutes=20)
    ingest(sim, event("a", 5))
    sim.clock.set("2026-03-18T09:30:00Z")
    assert value(sim) == opened
    ingest(sim, event("a", 5))
    assert value(sim) == opened + 5
    sim.clock.advance(minutes=20)
    assert value(sim) == opened + 5


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (event("b", transaction_id=""), "1.transaction_id: expected at least 1"),
        (event("b", transaction_id="x" * 129), "1.transaction_id: expected at most 128"),
        (event("b", customer_id=""), "1.customer_id"),
        (event("b", event_type=""), "1.event_type"),
        (event("b", timestamp="2026-03-18"), "1.timestamp"),
        (event("b", timestamp="2026-03-19T09:30:01Z"), "1.timestamp: must be at most 24 hours"),
        (event("b", properties=[]), "1.properties"),
        ({"transaction_id": "b"}, "1.customer_id: is required"),
        (7, "expected object"),
    ],
)
def test_metronome_20_of_a_batch_with_one_bad_event_none_is_stored(wrong: Any, words: str) -> None:
    sim = simulate()
    assert_refused(ingest(sim, event("a"), wrong, event("c")), words)
    assert changes(sim) == []


def test_metronome_21_an_event_a_day_ahead_counts_when_its_time_has_come() -> None:
    sim = simulate()
    before = value(sim, "emails")
    ahead = event("a", 5, event_type="emails", timestamp="2026-03-19T09:30:00Z")
    assert ingest(sim, ahead).status == 200
    assert value(sim, "emails") == before
    other = simulate()
    for each in (sim, other):
        each.clock.advance(hours=24)
    assert subtract(value(sim, "emails"), value(other, "emails")) == 5
    assert_refused(ingest(sim, event("b", timestamp="2026-03-20T09:30:00.000001Z")), "24 hours")


def test_metronome_21_an_event_older_than_34_days_is_taken_and_does_not_count() -> None:
    sim = simulate()
    opened = value(sim)
    oldest = sim.clock.now - timedelta(days=34)
    for seconds, counted in ((1, 0), (0, 1)):
        at = oldest - timedelta(seconds=seconds)
        answer = ingest(sim, event("a", timestamp=f"{at:%Y-%m-%dT%H:%M:%SZ}"))
        assert answer.status == 200
        assert value(sim) == opened + counted


def test_metronome_23_a_tenth_ten_times_is_one() -> None:
    sim = simulate()
    opened = value(sim)
    ingest(sim, *(event(str(number), Decimal("0.1")) for number in range(5)))
    ingest(sim, *(event(str(number), "0.1") for number in range(5, 10)))
    assert value(sim) == opened + 1


@settings(max_examples=25)
@given(st.lists(st.decimals(-(10**9), 10**9, places=9), min_size=1, max_size=9))
def test_metronome_23_sums_are_exact_whether_sent_as_text_or_number(amounts: list[Decimal]) -> None:
    sim = simulate()
    opened = value(sim)
    ingest(sim, *(event(f"n{i}", each) for i, each in enumerate(amounts)))
    ingest(sim, *(event(f"t{i}", str(each)) for i, each in enumerate(amounts)))
    assert value(sim) == total([opened, *amounts, *amounts])


def test_what_is_no_number_adds_nothing_and_other_properties_are_kept() -> None:
    sim = simulate()
    opened = value(sim)
    given = {"quantity": "many", "on": True, "tags": ["a", exact("1.50")], "none": None}
    assert ingest(sim, event("a", properties=given)).status == 200
    assert ingest(sim, event("b", properties={})).status == 200
    assert value(sim) == opened
    kept = {"quantity": "many", "on": "true", "tags": '["a",1.50]'}
    assert [each["properties"] for each in sim.state["events"]] == [kept, {}]


def test_ingestion_is_not_held_up_by_the_rate_limit() -> None:
    sim = simulate(vendor_limits=True)
    opened = value(sim)
    assert {ingest(sim, event(str(number))).status for number in range(20)} == {200}
    assert value(sim) == add(opened, Decimal(20))
