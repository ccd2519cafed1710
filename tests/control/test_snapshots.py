"""A snapshot brings back all that the next answers follow from, and not only the state."""

from __future__ import annotations

from tests.wire import Simulated, simulate


def statuses(sim: Simulated, calls: int) -> list[int]:
    return [sim.caller("metronome").post("/v1/usage", {}).status for _ in range(calls)]


def test_a_fault_is_armed_again_as_it_was_and_one_that_came_later_is_gone() -> None:
    sim = simulate()
    sim.faults.add(vendor="metronome", problem={"status": 401}, times=1)
    sim.snapshots.take("armed")
    for _ in range(3):
        assert statuses(sim, 2) == [401, 400]
        sim.snapshots.restore("armed")
    sim.faults.add(vendor="monk", problem={"status": 500})
    sim.snapshots.restore("armed")
    (fault,) = sim.faults.list()
    assert (fault["matched"], fault["hits"], fault["active"]) == (0, 0, True)


def test_the_rate_limits_have_counted_what_they_had() -> None:
    sim = simulate(vendor_limits=True)
    assert statuses(sim, 1) == [400]
    sim.snapshots.take("counted")
    for _ in range(3):
        assert statuses(sim, 8) == [400] * 7 + [429]
        sim.snapshots.restore("counted")


def test_whether_rate_limits_are_enforced_comes_back() -> None:
    sim = simulate()
    sim.snapshots.take("off")
    sim.control("PUT", "settings", {"vendor_limits": True})
    sim.snapshots.restore("off")
    assert sim.control("GET", "settings") == {"vendor_limits": False}
    assert 429 not in statuses(sim, 9)


def test_what_was_asked_since_stays_in_the_journal() -> None:
    sim = simulate()
    sim.snapshots.take("here")
    statuses(sim, 1)
    sim.snapshots.restore("here")
    assert sim.journal.count() == 1
