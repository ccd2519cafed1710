"""How totals came about, in dollars and in credits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import total
from metersim.client.replies import Explanation
from metersim.errors import ControlError
from tests.explanations import assert_adds_up
from tests.vendors.monk.asking import INSTANTS, MARCH, NORTHWIND, ask, at, small_world
from tests.wire import Simulated, simulate

FILTERS: list[dict[str, Any]] = [
    {},
    {"eventNames": ["api_calls", "graduated"]},
    {"propertyFilters": [{"key": "region", "value": "us"}]},
    {"eventNames": []},
]
ASKED = {**MARCH, "customerId": NORTHWIND}
JANUARY = {"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-02-01T00:00:00Z"}


def assert_explained(sim: Simulated, request: dict[str, Any]) -> Explanation:
    reply = ask(sim, **{"customerId": None, **request}).data
    explanation = sim.explain("monk", {**request, **reply})
    assert explanation["amount"] == reply["totalAmount"]
    assert all("no price on rate card" in note for note in explanation["notes"])
    assert explanation["unit"] == reply.get("currency", "credits")
    assert_adds_up(explanation)
    costs = total(part["cost"]["amount"] for part in explanation["parts"])
    *top_ups, last = (step["value"] for step in explanation["steps"] if step["name"] != "USD")
    dollars = next((s["value"] for s in explanation["steps"] if s["name"] == "USD"), last)
    assert total([costs, *top_ups]) == dollars
    return explanation


@settings(max_examples=40)
@given(
    st.sampled_from(
        [
            ("default", "cust_northwind"),
            ("default", "cust_larkspur"),
            ("tiers", "acme"),
            ("tiers", "partner"),
        ]
    ),
    st.lists(INSTANTS, min_size=2, max_size=2, unique=True).map(sorted),
    st.sampled_from(FILTERS),
    st.none() | st.integers(1, 10_000),
)
def test_every_total_is_explained_by_what_adds_up_to_it(
    whose: tuple[str, str], span: list[datetime], filters: dict[str, Any], rate: int | None
) -> None:
    scenario, reference = whose
    # What a reply says of its span is cut to milliseconds.
    bounds = [at(each.replace(microsecond=0)) for each in span]
    request = {"externalCustomerId": reference, "startDate": bounds[0], "endDate": bounds[1]}
    credit = {} if rate is None else {"creditRateCents": rate}
    if bounds[0] < bounds[1]:
        assert_explained(simulate(scenario), {**request, **filters, **credit})


def test_a_minimum_that_is_not_reached_is_topped_up() -> None:
    partner = {"externalCustomerId": "partner", **JANUARY}
    explanation = assert_explained(simulate("tiers"), partner)
    assert explanation["steps"] == [
        {"name": "top-up of 2026-01", "how": "minimum 50 − spent 30", "value": 20},
        {"name": "totalAmount", "how": "all costs and top-ups added up", "value": 50},
    ]


def test_credits_say_how_dollars_became_them_and_how_they_are_rounded() -> None:
    explanation = assert_explained(simulate("docs-monk"), {**ASKED, "creditRateCents": 700})
    dollars, credits_spent = explanation["steps"]
    assert dollars["value"] == 15
    assert credits_spent == {
        "name": "totalAmount",
        "how": "USD 15 × 100 ÷ creditRateCents 700, "
        "exact where that ends, else half up to 28 significant digits",
        "value": Decimal("2.142857142857142857142857143"),
    }


def test_a_meter_without_usage_or_price_is_no_part(tmp_path: Path) -> None:
    request = {**MARCH, "externalCustomerId": "ref-acme"}
    explanation = assert_explained(small_world(tmp_path), request)
    assert [part["meter"] for part in explanation["parts"]] == ["traffic", "writes"]
    assert explanation["notes"] == ["gifts 1000: no price on rate card list"]
    other = assert_explained(small_world(tmp_path), {**request, "externalCustomerId": "ref-other"})
    assert (other["parts"], other["amount"]) == ([], 0)


def test_a_row_may_hold_what_monk_does_not_know() -> None:
    row = {**ASKED, "totalAmount": 1, "note": "look at this"}
    explanation = simulate("docs-monk").explain("monk", row)
    assert explanation["notes"] == ["totalAmount: the row says 1, and here and now it is 15"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"customerId": NORTHWIND[:-1] + "1"}, "1' is not known; allowed: "),
        ({"externalCustomerId": "cust_nortwind"}, "did you mean 'cust_northwind'?"),
        ({"externalCustomerId": "cust_heron"}, "row: customerId: this and externalCustomerId name"),
        ({"endDate": "2026-01-01T00:00:00Z"}, "row: startDate: must be before endDate"),
        ({"endDate": "March"}, 'row.endDate: found "March", which is no date-time'),
        ({"eventNames": "api_calls"}, 'row.eventNames: expected array, found "api_calls"'),
        ({"creditRateCents": 0}, "row.creditRateCents: expected at least 1, found 0"),
    ],
)
def test_a_row_that_no_request_is_is_refused_with_the_nearest(
    changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ControlError) as refused:
        simulate().explain("monk", {**ASKED, **changed})
    assert message in str(refused.value)


def test_a_row_without_a_customer_is_told_what_it_lacks() -> None:
    with pytest.raises(ControlError, match="one of customerId, externalCustomerId is required"):
        simulate().explain("monk", {**MARCH})


def test_what_monk_would_refuse_is_refused_in_its_words(tmp_path: Path) -> None:
    text = "clock: 2026-03-01\nmeters: {calls: {}}\ncustomers: {acme: {}}\n"
    text += "rate_cards: {list: {currency: EUR, prices: {calls: 1}}}\n"
    with pytest.raises(ControlError, match="row: Monk answers in USD alone"):
        small_world(tmp_path, text).explain("monk", {**MARCH, "externalCustomerId": "acme"})
