"""The running month follows the clock over its end, whether the clock is moved or ticks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from metersim.app import Application
from metersim.billing.instants import TICK, to_seconds
from metersim.billing.plans import billing_period
from metersim.control import ControlPlane
from metersim.server import set_up
from metersim.simulation.sessions import Sessions
from tests.vendors.mkio import calls as mkio
from tests.vendors.monk import asking as monk
from tests.vendors.saas import asking as saas
from tests.wire import Simulated, SimulatorInProcess
from tests.world.machine import MachineByHand

# Half an hour before the end of a month of 31 days, of 28, of 29 and of a year.
EVES = ["2026-01-31", "2026-02-28", "2028-02-29", "2026-12-31"]
TEN_MINUTES = timedelta(minutes=10)
AN_HOUR = 15  # calls
on_every_eve = pytest.mark.parametrize("eve", EVES)


def simulate_on(eve: str) -> tuple[Simulated, MachineByHand]:
    """The evening of a day, on a machine whose time the test moves."""
    setup, hand = set_up("month-end", now=f"{eve}T23:30:00Z"), MachineByHand()
    sessions = Sessions(setup.opening, hand.machine)
    control = ControlPlane(sessions, setup.vendors, setup.admin_token)
    application = Application(setup.vendors, sessions, control)
    return SimulatorInProcess(replace(setup, application=application), "any"), hand


def moved(sim: Simulated, hand: MachineByHand) -> Callable[[], object]:
    return lambda: sim.clock.advance(minutes=10)


def ticking(sim: Simulated, hand: MachineByHand) -> Callable[[], None]:
    sim.clock.tick(rate=60)
    return lambda: hand.passes(TEN_MINUTES / 60)


def used_by(now: datetime) -> int:
    """Calls of the month so far: some in every hour that has begun."""
    return ((now - billing_period(now).start) // timedelta(hours=1) + 1) * AN_HOUR


def projected_at(now: datetime) -> Decimal:
    """At the month's rate so far; at its first instant there is none."""
    month = billing_period(now)
    whole, passed = ((end - month.start) // TICK for end in (month.end, now))
    if not passed:
        return Decimal(used_by(now))
    at_this_rate = Decimal(used_by(now) * whole) / passed
    return max(Decimal(used_by(now)), at_this_rate.quantize(Decimal(1), ROUND_HALF_UP))


@on_every_eve
@pytest.mark.parametrize("goes", [moved, ticking])
def test_month_to_date_projection_and_period_follow_the_clock(
    eve: str, goes: Callable[[Simulated, MachineByHand], Callable[[], None]]
) -> None:
    sim, hand = simulate_on(eve)
    goes_on, months = goes(sim, hand), []
    for _ in range(7):
        now = sim.clock.now
        month = billing_period(now)
        months.append(month.start)
        shown = saas.usage(sim)
        assert shown["period"]["start"] == to_seconds(month.start)
        assert shown["period"]["end"] == to_seconds(month.end - TICK)
        assert shown["metrics"]["apiCalls"]["used"] == used_by(now)
        assert shown["projectedUsage"]["apiCalls"]["projected"] == projected_at(now)
        to_date = sim.caller("mkio").get(mkio.project("website", "usage")).data
        assert to_date["metadata"]["startDate"] == to_seconds(month.start)
        assert to_date["metadata"]["endDate"] == to_seconds(now)
        assert [row["quantity"] for row in to_date["value"]] == [used_by(now)]
        span = {"startDate": to_seconds(month.start), "endDate": to_seconds(month.end)}
        acme = {"customerId": None, "externalCustomerId": "acme"}
        assert monk.cost(sim, **acme, **span) == used_by(now) * Decimal("0.0004")
        goes_on()
    # The fourth time it is midnight, and the new month.
    assert len(set(months[:3])) == len(set(months[3:])) == 1
    assert months[2] < months[3]


@on_every_eve
def test_the_month_that_is_over_stays_as_it_was_and_is_projected_no_more(eve: str) -> None:
    sim, _ = simulate_on(eve)
    days = {"startDate": f"{eve[:8]}01", "endDate": eve}
    running = saas.usage(sim, **days)
    assert running["projectedUsage"]["apiCalls"]["projected"] == projected_at(sim.clock.now)
    sim.clock.advance(minutes=30)
    over = saas.usage(sim, **days)
    assert over["metrics"] == running["metrics"]
    assert over["estimatedCost"] == running["estimatedCost"]
    used = over["metrics"]["apiCalls"]["used"]
    assert over["projectedUsage"]["apiCalls"]["projected"] == used
