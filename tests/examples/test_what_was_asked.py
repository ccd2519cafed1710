"""Asserts on what a client asked, and how it was answered."""

import httpx

from metersim import Simulator


def test_usage_is_asked_for_once_and_of_seats_alone() -> None:
    with Simulator() as sim:
        headers = {"Authorization": f"Bearer {sim.saas.token}"}
        httpx.get(f"{sim.saas.url}/api/billing/usage?metrics=seats", headers=headers)

        seats = {"queryParameters": {"metrics": {"equalTo": "seats"}}}
        assert sim.journal.count(urlPath="/saas/api/billing/usage", **seats) == 1
        (exchange,) = sim.journal.requests(method="GET")
        assert exchange["response"]["status"] == 200
        assert exchange["metersim"]["trace"][0] == "is getUsage: GET /api/billing/usage"
        assert sim.journal.unmatched() == []
