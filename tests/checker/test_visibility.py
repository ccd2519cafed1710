"""Usage that shows only after a while is waited for, and never told to be lost for that alone."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from metersim.checker.verdict import Report, Standing
from metersim.simulator import Simulator
from tests.checker.machine import Machine
from tests.checker.proven import proven
from tests.implementations.lagging import lagging
from tests.implementations.serving import served

# Rules that are seen by what was sent, or by that too.
RULES = {
    "metronome": [f"METRONOME-{n:02}" for n in (6, 10, 12, 18, 19, 20, 21, 22, 23, 24)],
    "monk": ["MONK-04", "MONK-20", "MONK-21", "MONK-22"],
}
# Some of them are proven by what was there before.
NEED_WHAT_IS_SENT = {
    "metronome": {f"METRONOME-{n}" for n in (10, 18, 19, 20, 21, 22, 23, 24)},
    "monk": {"MONK-20", "MONK-21"},
}
LATE = 3.0
DEFECTS = [
    ("metronome", "a hundredth event is lost"),
    ("metronome", "what was one too many is remembered"),
    ("metronome", "repeated events count again"),
    ("metronome", "the last one wins"),
    ("metronome", "each customer has its own transactions"),
    ("metronome", "good events of a bad batch are kept"),
    ("metronome", "good events of a bad batch are remembered"),
    ("metronome", "old events count"),
    ("metronome", "usage is matched when it comes"),
    ("metronome", "usage stays with its first customer"),
    ("metronome", "sums of floats"),
    ("metronome", "LATEST is the first"),
    ("monk", "an event sent twice counts twice"),
    ("monk", "the first event of a key stays"),
    ("monk", "the largest event of a key stays"),
    ("monk", "the first 10,000 events are stored"),
]


def report_of(vendor: str, lag: float, defect: str | None = None) -> Report:
    """A run at an implementation that shows usage so many seconds late."""
    made, machine = import_module(f"tests.implementations.{vendor}"), Machine()
    app = lagging(made.create(defect), made.create(defect), lag, machine.now)
    rules = [made.DEFECTS[defect]] if defect else RULES[vendor]
    with served(app) as url:
        return proven(vendor, url, made.TOKEN, made.VALUES, rules, machine.pace())


def standing(report: Report, *standings: Standing) -> set[str]:
    return {each.rule.id for each in report.verdicts if each.standing in standings}


@pytest.mark.parametrize("vendor", RULES)
def test_usage_that_shows_late_is_waited_for(vendor: str) -> None:
    report = report_of(vendor, LATE)
    assert standing(report, Standing.HOLDS) == set(RULES[vendor])


@pytest.mark.parametrize("vendor", RULES)
def test_usage_that_shows_too_late_is_not_lost(vendor: str) -> None:
    report = report_of(vendor, 3_600)
    assert standing(report, Standing.BROKEN) == set()
    unproven = [each for each in report.verdicts if each.standing is Standing.NOT_APPLICABLE]
    assert {each.rule.id for each in unproven} == NEED_WHAT_IS_SENT[vendor]
    told = "to show within 15 s of being taken: --visible-within"
    assert [each.reason for each in unproven if told not in each.reason] == []


@pytest.mark.parametrize(("vendor", "defect"), DEFECTS)
def test_a_defect_is_found_where_usage_shows_late(vendor: str, defect: str) -> None:
    report = report_of(vendor, LATE, defect)
    assert [each.standing for each in report.verdicts] == [Standing.BROKEN]


@pytest.mark.parametrize("vendor", RULES)
def test_the_simulator_is_waited_for_too(vendor: str, tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    file.write_text("include: default\nvisible_after: PT3S\n")
    values = {"event_name": "token_used", "customer_id": "550e8400-e29b-41d4-a716-446655440000"}
    machine = Machine()
    with Simulator(str(file)) as sim:
        handle, pace = getattr(sim, vendor), machine.pace()

        def pause(seconds: float) -> None:
            machine.pause(seconds)
            sim.clock.advance(seconds=int(seconds) + 1)

        pace.pause = pause
        given = values if vendor == "monk" else {}
        report = proven(vendor, handle.url, handle.token, given, RULES[vendor], pace)
    assert machine.waits
    assert standing(report, Standing.BROKEN) == set()
    assert standing(report, Standing.HOLDS) >= NEED_WHAT_IS_SENT[vendor]


def test_what_shows_at_once_is_looked_at_once_and_waited_for_by_nobody() -> None:
    machine, looks = Machine(), iter([True])
    assert machine.pace().until(lambda: next(looks))
    assert machine.waits == []


def test_what_never_shows_is_waited_for_so_long_and_no_longer() -> None:
    machine = Machine()
    assert not machine.pace(seconds=10).until(lambda: False)
    assert machine.waits == [0.25, 0.5, 1, 2, 4, 2.25]
    assert not machine.pace(seconds=0).until(lambda: False)


def test_where_something_showed_late_what_holds_must_hold_as_long_again() -> None:
    machine, looks = Machine(), iter([False, False, True, True])
    pace = machine.pace()
    assert pace.until(lambda: next(looks))
    assert (pace.lag, machine.waits) == (0.75, [0.25, 0.5, 0.75])
    # What holds at once may be undone by what is on its way.
    moving = iter([True, *[False] * 50])
    assert not pace.until(lambda: next(moving))
