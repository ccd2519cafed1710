"""What the selected usage costs, in dollars and in credits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import multiply, total
from tests.vendors.monk.asking import (
    ACME,
    INSTANTS,
    MARCH,
    NORTHWIND,
    SMALL_WORLD,
    ask,
    assert_refused,
    at,
    cost,
    small_world,
)
from tests.wire import Simulated, simulate

FIFTEEN_DOLLARS = {"eventNames": ["token_used"], "creditRateCents": 750}
# The list prices of the default scenario, by the name of the meter.
PRICES = {
    "API Calls": "0.0004",
    "Bandwidth": "0.08",
    "Emails": "0.0009",
    "Webhooks": "0.00025",
    "CPU hours": "0.045",
    "Tokens": "0.000015",
    "Exports": "0.1",
}


def by_metronome(simulator: Simulated, start: str, end: str) -> Decimal:
    """The quantities that Metronome reports, at list prices."""
    body = {
        "window_size": "none",
        "starting_on": start,
        "ending_before": end,
        "customer_ids": [NORTHWIND],
    }
    costs: list[Decimal] = []
    page: str | None = ""
    while page is not None:
        query = {"next_page": page} if page else None
        data = simulator.caller("metronome").post("/v1/usage", body, query).data
        costs += [
            multiply(Decimal(row["value"]), Decimal(PRICES[row["billable_metric_name"]]))
            for row in data["data"]
            if row["value"] is not None and row["billable_metric_name"] in PRICES
        ]
        page = data["next_page"]
    return total(costs)


@settings(max_examples=25)
@given(st.lists(INSTANTS.map(datetime.date), min_size=2, max_size=2, unique=True))
def test_world_01_the_cost_is_that_of_the_usage_metronome_reports(days: list[object]) -> None:
    simulator = simulate()
    start, end = (f"{day}T00:00:00Z" for day in sorted(map(str, days)))
    assert cost(simulator, startDate=start, endDate=end) == by_metronome(simulator, start, end)


def test_world_01_what_mudbase_records_is_priced_to_the_last_digit() -> None:
    simulator = simulate()
    before = cost(simulator)
    path = "/api/billing/public/projects/proj_nCBo0AB7UWpj/usage"
    body = b'{"email":"amari_koss69@northwind.dev","metric":"emails","quantity":0.0000000000000001}'
    assert simulator.caller("mudbase").post(path, body).status == 200
    assert cost(simulator) - before == Decimal("0.00000000000000000009")


def test_an_amount_is_spelt_as_short_as_it_can_be() -> None:
    # 15,000 tokens at 0.001 are 15.000.
    assert '"totalAmount":15,' in ask(simulate("docs-monk")).text


def test_monk_14_without_a_rate_the_cost_is_in_dollars() -> None:
    data = ask(simulate()).data
    assert (data["unit"], data["currency"]) == ("currency", "USD")
    assert "creditRateCents" not in data


def test_monk_15_with_a_rate_the_cost_is_in_credits() -> None:
    data = ask(simulate("docs-monk"), **FIFTEEN_DOLLARS).data
    assert data == {
        "totalAmount": 2,
        "creditRateCents": 750,
        "unit": "credits",
        "startDate": "2026-03-01T00:00:00.000Z",
        "endDate": "2026-04-01T00:00:00.000Z",
        "queriedAt": "2026-03-30T12:00:00.000Z",
    }


@settings(max_examples=25)
@given(INSTANTS, st.integers(1, 10**18))
def test_monk_15_credits_are_dollars_by_the_rate(end: datetime, rate: int) -> None:
    simulator = simulate()
    span = {"startDate": "2024-10-01T00:00:00Z", "endDate": at(end)}
    dollars = cost(simulator, **span)
    credits_spent = cost(simulator, **span, creditRateCents=rate)
    off = Fraction(credits_spent) - Fraction(dollars) * 100 / rate
    assert abs(off) <= abs(Fraction(credits_spent)) / 10**27


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (100, "15"),
        (64, "23.4375"),
        (512, "2.9296875"),
        (700, "2.142857142857142857142857143"),
        (900, "1.666666666666666666666666667"),
        (10**16, "0.00000000000015"),
        (2**60, "1.3010426069826053208089433610439300537109375E-15"),
    ],
)
def test_monk_15_credits_are_exact_where_they_end_and_to_28_digits_where_not(
    rate: int, expected: str
) -> None:
    simulator = simulate("docs-monk")
    assert cost(simulator, eventNames=["token_used"], creditRateCents=rate) == Decimal(expected)


@pytest.mark.parametrize("rate", ["750.0", "7.5e2", f"1{'0' * 300}"])
def test_monk_15_a_whole_rate_in_any_spelling_comes_back_as_an_integer(rate: str) -> None:
    body = f'"customerId":"{NORTHWIND}","creditRateCents":{rate}'
    dates = ",".join(f'"{name}":"{date}"' for name, date in MARCH.items())
    answer = (
        simulate("docs-monk").caller("monk").post("/v1/usage/cost", f"{{{dates},{body}}}".encode())
    )
    assert answer.status == 200, answer.text
    assert f'"creditRateCents":{int(Decimal(rate))},' in answer.text


@pytest.mark.parametrize("rate", [0, -750, Decimal("7.5"), Decimal("0.5"), "750", True])
def test_monk_16_a_rate_that_is_no_positive_integer_is_refused(rate: object) -> None:
    answer = ask(simulate(), creditRateCents=rate)
    assert_refused(answer, 400, "BAD_REQUEST", "creditRateCents")


def test_a_correction_may_make_a_cost_negative() -> None:
    span = {"startDate": "2026-03-05T10:15:00Z", "endDate": "2026-03-05T10:45:00Z"}
    heron = {"customerId": None, "externalCustomerId": "cust_heron", "eventNames": ["emails"]}
    assert cost(simulate(), **span, **heron) == Decimal("-0.225")
    assert cost(simulate(), **span, **heron, creditRateCents=900) == Decimal("-0.025")


@pytest.mark.parametrize("rate", [None, 750])
def test_list_prices_in_another_currency_are_never_passed_off_as_dollars(
    tmp_path: Path, rate: int | None
) -> None:
    text = SMALL_WORLD.replace("list: {prices", "list: {currency: EUR, prices")
    answer = ask(small_world(tmp_path, text), customerId=ACME, creditRateCents=rate)
    assert_refused(answer, 501, "NOT_IMPLEMENTED", "EUR", "USD")


def test_a_world_without_prices_costs_nothing(tmp_path: Path) -> None:
    text = "\n".join(line for line in SMALL_WORLD.split("\n") if "list:" not in line)
    text = text.replace("rate_cards:", "rate_cards: {}")
    assert cost(small_world(tmp_path, text), customerId=ACME) == 0
