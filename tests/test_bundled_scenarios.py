"""Each bundled scenario shows what it says it is for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from metersim.billing.quantity import total
from tests.wire import SimulatorInProcess, simulate


def report(simulator: SimulatorInProcess, start: str, end: str, **asked: object) -> list[Any]:
    body = {"startDate": start, "endDate": end, "granularity": "month", **asked}
    answer = simulator.caller("mkio").post("/api/v1/organization/reports/usage", body)
    rows: list[Any] = answer.data["value"]
    return rows


def account(simulator: SimulatorInProcess) -> Any:
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
    february = ("2026-02-01", "2026-03-01")

    def streamed(*span: str, charged: bool) -> Decimal:
        rows = report(simulator, *span, filterOnReportedDate=charged)
        return total(row["quantity"] for row in rows if row["meter"] == "streamed_gb")

    march = ("2026-03-01", "2026-04-01")
    assert [streamed(*february, charged=flag) for flag in (False, True)] == [2240, 2240]
    assert [streamed(*march, charged=flag) for flag in (False, True)] == [1440, 1680]
    whole = ("2025-01-01", "2027-01-01")
    assert streamed(*whole, charged=False) == streamed(*whole, charged=True)


def test_month_end_rolls_over_when_the_clock_advances() -> None:
    simulator = simulate("month-end")
    before = account(simulator)
    assert before["metrics"]["apiCalls"]["overage"] == 31 * 24 * 15 - 10_000
    simulator.clock.advance(hours=1)
    after = account(simulator)
    assert after["period"]["start"] == "2026-02-01T00:00:00Z"
    assert after["metrics"]["apiCalls"]["used"] == 15
    assert after["metrics"]["storage"]["used"] == before["metrics"]["storage"]["used"]


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
