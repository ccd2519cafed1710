"""What was recorded can be read back, through the control plane and through every other vendor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from metersim.billing.quantity import multiply, subtract
from tests.views import (
    EMAIL,
    metronome_value,
    mkio_quantity,
    monk_amount,
    record,
    saas_used,
)
from tests.wire import Simulated, simulate

TODAY, TOMORROW = date(2026, 3, 18), date(2026, 3, 19)
QUANTITY = Decimal("515.63")


def seen_by_monk(sim: Simulated, meter: str, first: date, after: date) -> Decimal:
    """As a quantity: at 0.0004 dollars a call, a dollar is 2,500 calls."""
    return multiply(monk_amount(sim, meter, first, after), Decimal(2_500))


def test_mudbase_09_the_control_plane_shows_each_event_as_it_was_recorded() -> None:
    sim = simulate()
    for quantity in (QUANTITY, QUANTITY, 0):
        assert record(sim, "api_calls", quantity).status == 200
    events = sim.state["events"]
    assert [event["properties"]["quantity"] for event in events] == [QUANTITY, QUANTITY, 0]
    assert {event["customer"] for event in events} == {EMAIL}
    assert {event["project"] for event in events} == {"my-project"}
    assert len({event["id"] for event in events}) == 3


@pytest.mark.parametrize("view", [metronome_value, saas_used, mkio_quantity, seen_by_monk])
def test_mudbase_09_every_other_vendor_shows_what_was_recorded(
    view: Callable[[Simulated, str, date, date], Decimal],
) -> None:
    sim = simulate()
    before = view(sim, "api_calls", TODAY, TOMORROW)
    record(sim, "api_calls", QUANTITY)
    record(sim, "API calls of a metric that nobody declared", 1)
    assert subtract(view(sim, "api_calls", TODAY, TOMORROW), before) == QUANTITY


def test_mudbase_09_usage_of_an_unknown_email_counts_for_the_project_alone() -> None:
    sim = simulate()
    before = {
        view: view(sim, "emails", TODAY, TOMORROW) for view in (metronome_value, mkio_quantity)
    }
    assert record(sim, "emails", 25, email="nobody@seen.example").status == 200
    assert metronome_value(sim, "emails", TODAY, TOMORROW) == before[metronome_value]
    assert mkio_quantity(sim, "emails", TODAY, TOMORROW) == before[mkio_quantity] + 25
