"""Each bundled scenario shows what it says it is for."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from unittest.mock import patch

import pytest

from metersim.billing.quantity import total
from metersim.billing.usage import Series
from metersim.bundled import bundled
from metersim.scenario import load_scenario
from metersim.scenario.population import People
from metersim.server import set_up
from metersim.simulation.paging import write_cursor
from metersim.vendors.metronome.behaviour import WINDOWS_PER_PAGE
from metersim.vendors.saas.shapes import METRICS
from metersim.world.identifiers import Identifiers
from tests.vendors.metronome import asking as metronome
from tests.vendors.monk import asking as monk
from tests.vendors.saas import asking as saas
from tests.wire import Simulated, SimulatorInProcess, simulate


def report(simulator: Simulated, start: str, end: str, **asked: object) -> list[Any]:
    body = {"startDate": start, "endDate": end, "granularity": "month", **asked}
    answer = simulator.caller("mkio").post("/api/v1/organization/reports/usage", body)
    rows: list[Any] = answer.data["value"]
    return rows


def account(simulator: Simulated) -> Any:
    return simulator.caller("saas").get("/api/billing/usage").data["data"]


def test_empty_has_nothing_to_show() -> None:
    simulator = simulate("empty")
    assert report(simulator, "2020-01-01", "2027-01-01") == []
    assert simulator.caller("mkio").get("/api/v1/organization/paymentMethods").data["value"] == []
    span = {"starting_on": "2026-03-01T00:00:00Z", "ending_before": "2026-03-02T00:00:00Z"}
    answer = simulator.caller("metronome").post("/v1/usage", {"window_size": "day", **span})
    assert answer.data == {"data": [], "next_page": None}


def test_overage_is_beyond_every_allowance() -> None:
    shown = account(simulate("overage"))
    assert all(metric["overage"] > 0 for metric in shown["metrics"].values())
    # 2,500 × 0.001 + 12.5 × 0.25 + 3 × 6 + 50.75 × 0.09
    cost = {"base": 29, "overage": Decimal("28.1925"), "total": Decimal("57.1925")}
    assert shown["estimatedCost"] == {**cost, "currency": "usd"}


def test_late_charges_move_usage_into_the_month_that_charges_it() -> None:
    simulator = simulate("late-charges")

    def streamed(start: str, end: str) -> list[Decimal]:
        """By when it occurred, and by when it was charged."""
        rows = [report(simulator, start, end, filterOnReportedDate=flag) for flag in (False, True)]
        return [total(r["quantity"] for r in each if r["meter"] == "streamed_gb") for each in rows]

    assert streamed("2026-01-01", "2026-02-01") == [31 * 100, 31 * 100 - 3 * 25]
    assert streamed("2026-02-01", "2026-03-01") == [28 * 200, 28 * 200 + 3 * 25 - 3 * 50]
    assert streamed("2026-03-01", "2026-04-01") == [18 * 300, 18 * 300 + 3 * 50]
    assert streamed("2026-01-31", "2026-02-01") == [100, 75 + 25]
    assert streamed("2026-02-01", "2026-02-02") == [200, 150 + 25]
    occurred, charged = streamed("2025-01-01", "2027-01-01")
    assert occurred == charged


def test_month_end_rolls_over_when_the_clock_advances() -> None:
    simulator = simulate("month-end")
    before = account(simulator)
    assert before["metrics"]["apiCalls"]["overage"] == 31 * 24 * 15 - 10_000
    simulator.clock.advance(hours=1)
    after = account(simulator)
    assert after["period"]["start"] == "2026-02-01T00:00:00Z"
    assert after["metrics"]["apiCalls"]["used"] == 15
    # 12.5 GB, and half a GB more for each of three times 30 days.
    assert after["metrics"]["storage"]["used"] == before["metrics"]["storage"]["used"] == 14


def test_leap_year_has_a_day_more() -> None:
    simulator = simulate("leap-year")
    simulator.clock.advance(days=400)
    year = report(simulator, "2024-01-01", "2025-01-01", granularity="day")
    assert len(year) == 366
    assert [row["quantity"] for row in report(simulator, "2024-02-01", "2024-03-01")] == [2900]


def test_new_customer_has_used_nothing_which_is_not_zero() -> None:
    simulator = simulate("new-customer")
    assert account(simulator)["metrics"]["apiCalls"]["used"] == 0
    span = {"starting_on": "2026-03-01T00:00:00Z", "ending_before": "2026-03-19T00:00:00Z"}
    newcomer = simulator.state["customers"][0]["id"]
    body = {"window_size": "none", "customer_ids": [newcomer], **span}
    rows = simulator.caller("metronome").post("/v1/usage", body).data["data"]
    assert [row["value"] for row in rows] == [None]


def test_inactive_project_is_activated_by_a_method_whose_terms_are_accepted() -> None:
    mkio = simulate("inactive-project").caller("mkio")
    path = "/api/v1/projects/my-project/paymentMethod"
    assert mkio.get(path).data["status"] == {"projectStatus": "inactive"}
    assert mkio.post(path, {"paymentMethodId": "pm-trial"}).status == 409
    terms = "/api/v1/organization/paymentMethods/pm-trial/acceptTermsAndConditions"
    assert mkio.post(terms).status == 200
    assert mkio.post(path, {"paymentMethodId": "pm-trial"}).status == 200
    assert mkio.get(path).data["status"] == {"projectStatus": "active"}


# -- default


def test_default_has_levels_a_burst_and_a_gap() -> None:
    simulator = simulate()
    larkspur = metronome.LARKSPUR

    def values(key: str, size: str, start: date, end: date, customer: str = larkspur) -> list[Any]:
        metrics = [{"id": metronome.meter(simulator, key)}]
        only = {"customer_ids": [customer], "billable_metrics": metrics}
        found = metronome.rows(simulator, metronome.query(start, end, size, **only))
        return [row["value"] for row in found]

    sunday, monday = date(2026, 3, 15), date(2026, 3, 16)
    computed = values("cpu_hours", "day", date(2026, 3, 9), monday)
    assert [value is None for value in computed] == [False] * 6 + [True]
    streamed = values("bandwidth", "hour", date(2026, 3, 14), sunday)
    assert min(streamed[19:22]) > max(streamed[:19] + streamed[22:])
    stored = values("storage", "day", date(2025, 6, 1), sunday, metronome.NORTHWIND)
    assert stored == sorted(stored)
    weeks = [len(list(same)) for _, same in groupby(stored)]
    assert {days % 7 for days in weeks[1:-1]} == {0}


# -- tiers

TIERS = (bundled("scenarios") / "tiers.yaml").read_text(encoding="utf-8")
MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]


def month(number: int) -> dict[str, str]:
    bounds = zip(("startDate", "endDate"), MONTHS[number : number + 2], strict=True)
    return {name: f"{each}-01T00:00:00Z" for name, each in bounds}


def cost(simulator: Simulated, customer: str, **asked: Any) -> Decimal:
    return monk.cost(simulator, customerId=None, externalCustomerId=customer, **asked)


def test_tiers_cost_what_the_table_in_the_scenario_says() -> None:
    simulator = simulate("tiers")
    table = re.findall(r"^# {3}(\w+) +([\d.,]+) +([\d.,]+) +([\d.,]+)", TIERS, re.MULTILINE)
    assert [row[0] for row in table] == [*(m["key"] for m in simulator.state["meters"]), "together"]
    for model, *amounts in table:
        names = {} if model == "together" else {"eventNames": [model]}
        found = [cost(simulator, "acme", **month(number), **names) for number in range(3)]
        assert found == [Decimal(amount.replace(",", "")) for amount in amounts], model


def test_tiers_begin_with_the_next_unit() -> None:
    simulator = simulate("tiers")

    def costs() -> dict[str, Decimal]:
        names = ("graduated", "volume", "included", "flat")
        return {name: cost(simulator, "acme", eventNames=[name], **month(3)) for name in names}

    assert costs() == {"graduated": 100, "volume": 100, "included": 0, "flat": 100}
    simulator.clock.advance(days=1)
    assert costs() == {"graduated": 110, "volume": 60, "included": 20, "flat": 120}


def test_tiers_have_a_customer_with_prices_and_a_minimum_of_its_own() -> None:
    simulator = simulate("tiers")
    assert [cost(simulator, "partner", **month(number)) for number in range(4)] == [50, 70, 0, 0]


def test_tiers_show_as_rows_of_the_method_that_both_projects_reach_them_with() -> None:
    simulator = simulate("tiers")
    rows = report(simulator, "2026-02-01", "2026-03-01", projectNames=["app"])
    assert [(row["meter"], row["quantity"], row["price"], row["cost"]) for row in rows] == [
        ("graduated", 400, Decimal("0.1"), 40),
        ("graduated", 1, Decimal("0.05"), Decimal("0.05")),
        ("volume", 401, Decimal("0.05"), Decimal("20.05")),
    ]


def test_tiers_have_a_rate_card_whose_prices_change_with_the_clock() -> None:
    simulator = simulate("tiers")

    def rates() -> dict[str, Any]:
        path = "/api/v1/organization/paymentMethods/pm-direct/rateCard"
        found = simulator.caller("mkio").get(path).data["spec"]["rates"]
        return {rate["meter"]: rate for rate in found}

    modes = {meter: rate["tierMode"] for meter, rate in rates().items() if "tierMode" in rate}
    assert modes == {"included": "graduated", "graduated": "graduated", "volume": "volume"}
    assert [meter for meter, rate in rates().items() if "changes" in rate] == ["dated"]
    prices = []
    for now in ("2026-03-15T23:59:59Z", "2026-03-16T00:00:00Z"):
        simulator.clock.set(now)
        prices.append(rates()["dated"]["price"])
    assert prices == [Decimal("0.1"), Decimal("0.2")]


# -- high-cardinality

CROWD = load_scenario("high-cardinality").open()
FEBRUARY = {"startDate": "2026-02-01T00:00:00Z", "endDate": "2026-03-01T00:00:00Z"}


@pytest.mark.inside  # counts what the process makes
def test_high_cardinality_makes_customers_and_series_when_they_are_asked_for() -> None:
    people = patch.object(People, "company", autospec=True, side_effect=People.company)
    series = patch("metersim.scenario.usage.Series", wraps=Series)
    with people as made, series as summed:
        simulator = SimulatorInProcess(set_up("high-cardinality"), "any")
        simulator.reset()
        assert (simulator.clock.now, made.call_count, summed.call_count) == (CROWD.now, 0, 0)
        assert cost(simulator, "customer-0500", **FEBRUARY) > 0
        assert [call.args[1] for call in made.call_args_list] == ["customer-0500"]
        # One for each meter that has a price, and one more for what is charged later.
        assert summed.call_count == len(CROWD.list_prices.prices) + 1
        assert {call.kwargs["customer"] for call in summed.call_args_list} == {"customer-0500"}
        metronome.ask(simulator, metronome.TWO_DAYS)
        assert (made.call_count, summed.call_count) == (1, len(CROWD.list_prices.prices) + 2)


@pytest.mark.parametrize(("end", "window"), [(0, 0), (-1, 400)])
def test_high_cardinality_fills_the_first_page_and_the_last(end: int, window: int) -> None:
    simulator = simulate("high-cardinality")
    query = metronome.query(date(2026, 2, 1), date(2026, 2, 26), "hour")  # three pages a pair
    metrics = sorted(meter.id for meter in CROWD.meters.values())
    pair = CROWD.customers.ids[end], metrics[end]
    cursor = write_cursor([pair, window], ["listUsage", query], Identifiers(CROWD.seed))
    page = metronome.ask(simulator, query, cursor if window else None).data
    assert (page["next_page"] is None) is (end == -1)
    assert len(page["data"]) == WINDOWS_PER_PAGE
    assert {(row["customer_id"], row["billable_metric_id"]) for row in page["data"]} == {pair}
    assert all(row["value"] is not None for row in page["data"])


def test_high_cardinality_shows_the_usage_of_one_customer_alike_through_every_vendor() -> None:
    simulator, key = simulate("high-cardinality"), "customer-0001"
    customer = CROWD.customers[key].id
    by_id = {meter.id: meter.key for meter in CROWD.meters.values()}
    query = metronome.query(date(2026, 2, 1), date(2026, 3, 1), "none", customer_ids=[customer])
    rows = metronome.rows(simulator, query)
    used = {by_id[row["billable_metric_id"]]: row["value"] for row in rows}
    assert used.keys() == CROWD.meters.keys()
    shown = saas.usage(simulator, startDate="2026-02-01", endDate="2026-02-28")["metrics"]
    assert {each.meter: shown[each.id]["used"] for each in METRICS}.items() <= used.items()
    charged = report(simulator, "2026-02-01", "2026-03-01", projectNames=[key])
    assert {row["meter"]: row["quantity"] for row in charged}.items() <= used.items()
    assert len(charged) == len(CROWD.list_prices.prices)
    assert cost(simulator, key, **FEBRUARY) == total(row["cost"] for row in charged)
