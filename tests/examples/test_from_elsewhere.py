"""Drives a simulator that runs elsewhere, and hears of each call as it is made."""

import httpx

from metersim import Simulator
from metersim.client import Client


def test_a_call_is_heard_of_over_http() -> None:
    with Simulator() as sim, Client(sim.url, token=sim.admin_token) as client:
        session = client.session("mine", scenario="overage", now="2026-03-31T23:00:00Z")
        (closed,) = session.clock.advance(hours=2)["events"]
        assert closed["type"] == "billing_period.closed"

        with session.journal.stream(seconds=10) as calls:
            httpx.get(f"{session.saas.url}/api/billing/usage")
            assert next(calls)["metersim"]["operationId"] == "getUsage"
        assert client.journal.count() == 0  # of the default session
