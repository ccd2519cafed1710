"""The fault plan: which calls are in for trouble, for how long, and that it can be had again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.errors import ControlError
from metersim.simulation.faults import MOST_RULES, FaultPlan
from metersim.world.changes import ClockSet
from tests.simulation.parcels import world
from tests.simulation.trouble import CALLS, RECORD, called, plan, usage
from tests.wire import simulate

pytestmark = pytest.mark.inside

BUSY = {"problem": {"status": 429}}
COUNTS = st.integers(0, 5)


def hit(faults: FaultPlan, calls: int) -> list[bool]:
    """Which of so many calls in one world were answered 429."""
    there = world()
    return [called(faults, there).status == 429 for _ in range(calls)]


def tallies(faults: FaultPlan) -> list[tuple[int, int]]:
    return [(each.matched, each.hits) for each in faults]


@given(after=COUNTS, times=st.integers(1, 5), calls=st.integers(0, 12))
def test_a_rule_lets_the_first_go_by_and_hits_as_often_as_it_says(
    after: int, times: int, calls: int
) -> None:
    faults = plan({**BUSY, "after": after, "times": times})
    expected = [after <= number < after + times for number in range(calls)]
    assert hit(faults, calls) == expected
    assert tallies(faults) == [(calls, sum(expected))]


@given(st.decimals(0, 1, places=3))
def test_the_same_seed_rule_and_calls_have_the_same_fate(probability: Decimal) -> None:
    rule = {"id": "a", **BUSY, "probability": probability}
    fate = hit(plan(rule), 20)
    assert hit(plan({"id": "b", "fault": "TRUNCATED_BODY", "times": 1}, rule), 20) == fate
    assert (probability > 0) or not any(fate)
    assert (probability < 1) or all(fate)


def test_another_rule_has_another_fate_and_both_hit_about_as_often_as_they_say() -> None:
    first, second = (
        hit(plan({"id": id, **BUSY, "probability": Decimal("0.5")}), 100) for id in "ab"
    )
    assert first != second
    assert 30 < sum(first) < 70 > sum(second) > 30


@pytest.mark.parametrize(
    ("rule", "hits"),
    [
        ({}, ["metronome", "mkio", "monk", "mudbase", "saas"]),
        ({"vendor": "monk"}, ["monk"]),
        ({"operation": "recordUsage"}, ["mudbase"]),
        ({"vendor": "saas", "operation": "getUsage"}, ["saas"]),
        ({"request": {"method": "GET"}}, ["mkio", "saas"]),
        ({"request": {"urlPathPattern": "/m[a-z]+/v1/usage.*"}}, ["metronome", "monk"]),
        ({"request": {"headers": {"Authorization": {"equalTo": "Bearer other"}}}}, []),
        ({"request": {"headers": {"Authorization": {"equalTo": "Bearer metersim-token"}}}}, None),
    ],
)
def test_a_rule_is_about_the_calls_that_it_describes(rule: Any, hits: list[str] | None) -> None:
    faults, there = plan({**BUSY, **rule}), world()
    found = [name for name in CALLS if called(faults, there, name).status == 429]
    assert found == (list(CALLS) if hits is None else hits)
    assert tallies(faults) == [(len(found), len(found))]


def test_a_rule_that_asks_about_the_body_matches_none_that_nobody_read() -> None:
    pattern = {"bodyPatterns": [{"matchesJsonPath": "$.quantity"}]}
    faults = plan({**BUSY, "request": pattern})
    assert called(faults, world(), "mudbase", body=b'{"quantity": 1}').status == 429
    assert called(faults, world(), "mudbase", body=None).status == 413


def test_a_call_that_no_operation_is_for_is_none_of_a_rules_business() -> None:
    faults = plan(BUSY)
    assert called(faults, world(), query="", headers={}).status == 429
    sim = simulate("docs-metronome")
    sim.faults.add(**BUSY)
    assert sim.caller("metronome").get("/v1/usage").status == 405
    assert sim.caller("metronome").get("/nowhere").status == 404
    assert [row["matched"] for row in sim.faults.list()] == [0]


@pytest.mark.parametrize("end", [{"for": "PT1H"}, {"until": "2021-01-03T01:00:00Z"}])
def test_a_rule_expires_on_the_worlds_clock_and_no_longer_counts(end: Any) -> None:
    there = world()
    faults = plan({**BUSY, **end}, world=there)
    opened = there.now
    there.apply(ClockSet(opened + timedelta(minutes=59)))
    assert called(faults, there).status == 429
    there.apply(ClockSet(opened + timedelta(hours=1)))
    assert called(faults, there).status != 429
    assert tallies(faults) == [(1, 1)]


def test_every_delay_strikes_and_of_everything_else_the_first_that_can() -> None:
    late = {"delay": {"fixedDelayMilliseconds": 5}}
    rules: list[dict[str, Any]] = [
        {"id": "no such field", "defect": {"remove": "/nothing"}},
        {"id": "late", **late},
        {"id": "defect", "defect": {"remove": "/message"}},
        {"id": "lost", "fault": "ANSWER_LOST"},
        {"id": "later", **late},
    ]
    faults = plan(*rules)
    how = called(faults, world(), headers={}).transmission
    assert (how.delay, how.faults) == (10, ("late", "defect", "later"))
    assert tallies(faults) == [(1, 0), (1, 1), (1, 1), (1, 0), (1, 1)]


def test_delays_add_up_to_a_minute_at_most() -> None:
    faults = plan(*[{"delay": {"fixedDelayMilliseconds": 40_000}}] * 2)
    assert called(faults, world()).transmission.delay == 60_000


def test_ids_follow_from_the_seed_and_one_that_is_there_is_not_given_again() -> None:
    first, second = plan(BUSY, BUSY), plan(BUSY, BUSY)
    ids = [tally.rule.id for tally in first]
    assert ids == [tally.rule.id for tally in second]
    assert len(set(ids)) == 2
    with pytest.raises(ControlError, match="there is a fault 'a' already"):
        plan({"id": "a", **BUSY}, {"id": "a", **BUSY})


def test_a_plan_is_bounded() -> None:
    with pytest.raises(ControlError, match="100 faults are there"):
        plan(*[BUSY] * (MOST_RULES + 1))


def test_a_reset_takes_the_faults_away_and_the_next_ids_are_as_at_first() -> None:
    sim = simulate("docs-metronome")
    id = sim.faults.add(**BUSY)["id"]
    sim.reset()
    assert sim.faults.list() == []
    assert usage(sim).status == 200
    assert sim.faults.add(**BUSY)["id"] == id


def test_sessions_have_each_their_own_faults() -> None:
    one, other = simulate("docs-metronome"), simulate("docs-metronome")
    one.faults.add(**BUSY)
    assert (usage(one).status, usage(other).status) == (429, 200)


def test_the_journal_names_the_fault_and_keeps_no_answer_that_nobody_got() -> None:
    sim = simulate("docs-mudbase")
    sim.faults.add(id="gone", fault="ANSWER_LOST", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        sim.caller("mudbase").post(CALLS["mudbase"][1], RECORD)
    sim.caller("mudbase").post(CALLS["mudbase"][1], RECORD)
    lost, told = sim.control("GET", "requests")["requests"][::-1]
    assert (lost["metersim"]["fault"], "response" in lost) == ("gone", False)
    assert "sent as ANSWER_LOST" in lost["metersim"]["trace"]
    assert (told["metersim"]["fault"], told["response"]["status"]) == (None, 200)


def test_a_pattern_that_takes_too_long_is_told_and_no_defect_of_ours() -> None:
    path = "$" + "..*" * 12
    faults = plan({**BUSY, "request": {"bodyPatterns": [{"matchesJsonPath": path}]}})
    body = b"[" * 60 + b"1" + b"]" * 60
    reply = called(faults, world(), "mudbase", body=body)
    assert (reply.status, reply.media_type) == (400, "application/problem+json")
