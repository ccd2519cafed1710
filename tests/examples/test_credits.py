"""A wallet of prepaid credits is debited by what Monk says a customer's usage costs."""

from decimal import Decimal

import httpx

from metersim import Simulator

MONTH = {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-04-01T00:00:00Z"}
RATE = 750  # cents that a credit is sold at


def cost(sim: Simulator, **options: int) -> httpx.Response:
    return httpx.post(
        f"{sim.monk.url}/v1/usage/cost",
        headers={"Authorization": f"Bearer {sim.monk.token}"},
        json={**MONTH, "externalCustomerId": "cust_acme", **options},
    )


def test_credits_are_the_dollars_at_the_rate_that_they_are_sold_at() -> None:
    with Simulator("docs-monk") as sim:
        dollars = cost(sim).json(parse_float=Decimal)
        credits = cost(sim, creditRateCents=RATE).json(parse_float=Decimal)
        assert (dollars["unit"], dollars["totalAmount"]) == ("currency", 15)
        assert (credits["unit"], credits["totalAmount"]) == ("credits", 2)
        assert credits["totalAmount"] * RATE == dollars["totalAmount"] * 100
        assert cost(sim, creditRateCents=0).status_code == 400  # nothing is given away
