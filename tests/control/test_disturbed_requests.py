"""What faults do to a call is told by its entry."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from tests.wire import simulate


@pytest.mark.parametrize(
    ("effect", "answered", "delay"),
    [
        ({"fault": "ANSWER_LOST"}, False, 0),
        ({"fault": "CONNECTION_RESET_BY_PEER"}, False, 0),
        ({"fault": "TRUNCATED_BODY"}, True, 0),
        ({"delay": {"fixedDelayMilliseconds": 20}}, True, 20),
        ({"problem": {"status": 401}}, True, 0),
    ],
)
def test_an_entry_names_the_fault_and_has_the_answer_unless_it_was_lost(
    effect: dict[str, Any], answered: bool, delay: int
) -> None:
    sim = simulate()
    sim.control("POST", "faults", {"id": "mine", "vendor": "saas", **effect})
    breaks = pytest.raises(httpx.TransportError) if "fault" in effect else nullcontext()
    with breaks:
        sim.caller("saas").get("/api/billing/usage")
    (event,) = sim.journal.requests()
    assert ("response" in event, event["timing"]["addedDelay"]) == (answered, delay)
    assert event["metersim"]["fault"] == "mine"
    assert "disturbed by fault mine" in event["metersim"]["trace"]
