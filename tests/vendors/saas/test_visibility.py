"""When recorded usage shows: here within five minutes, however slow the world is elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from metersim.billing.quantity import total
from tests.vendors.metronome import asking as metronome
from tests.vendors.mkio import calls as mkio
from tests.vendors.monk import asking as monk
from tests.vendors.saas.asking import small_world, used
from tests.wire import Simulated

MARCH = date(2026, 3, 1), date(2026, 4, 1)
FIVE_MINUTES = 300
DURATIONS = {"PT0S": 0, "PT1S": 1, "PT90S": 90, "PT5M": 300, "PT6M": 360, "PT3H": 3 * 3600}


def slow_world(folder: Path, lag: str) -> Simulated:
    return small_world(
        folder,
        f"""
clock: 2026-03-18T09:30:00Z
visible_after: {lag}
meters: {{api_calls: {{}}}}
rate_cards: {{list: {{prices: {{api_calls: 1}}}}}}
payment_methods: {{card: {{rate_card: list}}}}
customers: {{acme: {{emails: [me@acme.example]}}}}
projects: {{site: {{id: proj_site, customer: acme, payment_method: card}}}}
usage:
  - {{customer: acme, project: site, event: api_calls, from: "2026-03-18T09:30:00Z", until: "2026-03-18T10:30:00Z", amount: 3}}
""",  # noqa: E501  # a series is a line
    )


def record(simulator: Simulated, quantity: int) -> None:
    body = {"email": "me@acme.example", "metric": "api_calls", "quantity": quantity}
    path = "/api/billing/public/projects/proj_site/usage"
    assert simulator.caller("mudbase", None).post(path, body).status == 200


def elsewhere(simulator: Simulated) -> set[Decimal]:
    """What Metronome, Monk and MK.IO show, at a price of 1."""
    (row,) = metronome.rows(simulator, metronome.query(*MARCH, "none"))
    charged = mkio.report(simulator.caller("mkio"), *MARCH)
    cost = monk.cost(simulator, customerId=None, externalCustomerId="acme")
    return {row["value"] or Decimal(0), cost, total(each["cost"] for each in charged)}


@pytest.mark.parametrize("lag", DURATIONS)
def test_saas_16_recorded_usage_shows_within_five_minutes_and_elsewhere_after_the_lag(
    tmp_path: Path, lag: str
) -> None:
    simulator, seconds = slow_world(tmp_path, lag), DURATIONS[lag]
    record(simulator, 4)  # and 3 that the world uses of itself, at this very instant
    passed = 0
    for moment in sorted({0, 1, 89, 90, 299, 300, 359, 360, 3 * 3600 - 1, 3 * 3600}):
        simulator.clock.advance(seconds=moment - passed) if moment else None
        passed = moment
        here = 7 if passed >= min(seconds, FIVE_MINUTES) else 0
        there = 7 if passed >= seconds else 0
        assert used(simulator, "apiCalls") == here, passed
        assert elsewhere(simulator) == {there}, passed


@pytest.mark.parametrize("lag", ["PT2M", "PT3H"])
def test_saas_16_each_recording_waits_for_itself(tmp_path: Path, lag: str) -> None:
    simulator = slow_world(tmp_path, lag)
    simulator.clock.advance(hours=1)
    shown = []
    for _ in range(4):
        record(simulator, 10)
        simulator.clock.advance(minutes=2)
        shown.append(used(simulator, "apiCalls") - 3)
    assert shown == ([10, 20, 30, 40] if lag == "PT2M" else [0, 0, 10, 20])


def test_saas_16_what_was_shown_stays_when_the_month_is_over(tmp_path: Path) -> None:
    simulator = slow_world(tmp_path, "PT3H")
    simulator.clock.set("2026-03-31T23:58:00Z")
    record(simulator, 10)
    simulator.clock.set("2026-04-01T00:01:00Z")
    assert used(simulator, "apiCalls") == 0
    march = {"startDate": "2026-03-01", "endDate": "2026-03-31"}
    assert used(simulator, "apiCalls", **march) == 3
    simulator.clock.advance(minutes=2)
    assert used(simulator, "apiCalls", **march) == 13
    assert used(simulator, "apiCalls") == 0
