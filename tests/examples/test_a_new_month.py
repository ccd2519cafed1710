"""A usage panel on the night when a month ends: counters begin anew, levels stay."""

import httpx

from metersim import Simulator


def used(sim: Simulator) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {sim.saas.token}"}
    usage = httpx.get(f"{sim.saas.url}/api/billing/usage", headers=headers).json()["data"]
    return {key: metric["used"] for key, metric in usage["metrics"].items()}


def test_a_new_month_begins_with_a_new_count_and_all_that_was_stored() -> None:
    with Simulator("month-end") as sim:
        assert used(sim) == {"apiCalls": 31 * 24 * 15, "storage": 14}
        assert sim.clock.advance(minutes=30)["events"][0]["type"] == "billing_period.closed"
        assert used(sim) == {"apiCalls": 15, "storage": 14}  # the first hour's calls
