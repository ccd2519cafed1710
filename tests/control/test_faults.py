"""Faults through the control plane: added, listed with how they fared, and taken away."""

from __future__ import annotations

from typing import Any

import pytest

from metersim.errors import ControlError
from tests.simulation.trouble import usage
from tests.wire import simulate

BUSY = {"problem": {"status": 429, "retryAfter": 2}}


def test_a_fault_is_listed_as_it_was_given_with_what_it_matched_and_hit() -> None:
    sim = simulate("docs-metronome")
    rule = {"id": "busy", "vendor": "metronome", "after": 1, "times": 1, **BUSY}
    assert sim.faults.add(**rule) == {**rule, "matched": 0, "hits": 0, "active": True}
    assert [usage(sim).status for _ in range(3)] == [200, 429, 200]
    assert sim.faults.list() == [{**rule, "matched": 3, "hits": 1, "active": False}]


def test_a_span_is_listed_by_its_end() -> None:
    sim = simulate("docs-metronome")
    assert sim.faults.add(for_="PT1H", **BUSY)["until"] == "2021-01-03T01:00:00.000Z"
    sim.clock.advance(hours=1)
    assert [row["active"] for row in sim.faults.list()] == [False]


def test_faults_are_taken_away_one_by_one_or_all_at_once() -> None:
    sim = simulate("docs-metronome")
    for id in ("one", "two", "three"):
        sim.faults.add(id=id, **BUSY)
    sim.faults.remove("two")
    assert [row["id"] for row in sim.faults.list()] == ["one", "three"]
    with pytest.raises(ControlError, match="no fault 'tow'; "):
        sim.faults.remove("tow")
    assert sim.control("DELETE", "faults") == {"deleted": 2}
    sim.faults.clear()
    assert sim.faults.list() == []
    assert usage(sim).status == 200


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "one of problem, delay, fault, defect is required"),
        ({**BUSY, "fault": "EMPTY_RESPONSE"}, "more than one form"),
        ({"fault": "EMPTY_RESPONS"}, "did you mean 'EMPTY_RESPONSE'"),
        ({**BUSY, "time": 1}, "did you mean 'times'?"),
        ({**BUSY, "times": 0}, "times: expected at least 1"),
        ({**BUSY, "after": -1}, "after: expected at least 0"),
        ({**BUSY, "probability": 2}, "probability: expected at most 1"),
        ({**BUSY, "for": "PT1H", "until": "2026-01-01"}, "until and for exclude each other"),
        ({**BUSY, "probability": 0}, "probability: expected more than 0, found 0"),
        ({**BUSY, "for": "P1M"}, "for: found"),
        ({**BUSY, "for": "P999999999D"}, "beyond the calendar"),
        ({**BUSY, "id": "../x"}, "id: expected"),
        ({**BUSY, "request": []}, "request: expected object"),
        ({**BUSY, "request": {"method": "GTE"}}, "did you mean 'GET'?"),
        ({"problem": {}}, "problem.status: is required"),
        ({"problem": {"status": 200}}, "problem.status: expected at least 400"),
        ({"problem": {"status": 429, "retryafter": 1}}, "did you mean 'retryAfter'?"),
        ({"delay": {}}, "delay: expected at least 1 keys"),
        ({"delay": {"fixedDelayMilliseconds": 60_001}}, "expected at most 60000"),
        ({"delay": {"delayDistribution": {"type": "uniform", "lower": 1}}}, "upper"),
        ({"defect": {"remove": "data"}}, "defect.remove: expected text matching"),
        ({"defect": {"retype": ""}}, "defect.retype: expected text matching"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_and_none_is_added(
    rule: dict[str, Any], message: str
) -> None:
    sim = simulate("docs-metronome")
    with pytest.raises(ControlError) as refused:
        sim.faults.add(**rule)
    assert message in str(refused.value)
    assert sim.faults.list() == []
