"""What a report counts, to whom it is charged, and that it adds up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import multiply
from tests.vendors.mkio.calls import (
    DATES,
    METHODS,
    Options,
    ask,
    counted,
    project,
    quantities,
    report,
    span,
    sums,
)
from tests.wire import Caller, simulate

PROJECTS = [
    "my-project",
    "northwind-staging",
    "larkspur-live",
    "larkspur-vault",
    "heron-lab",
    "heron-idea",
]
METHOD_IDS = ["pm-azure", "pm-aws", "pm-direct", "pm-trial"]
CARRIED = ("projectName", "paymentMethodId", "meter")
LATE = """
clock: 2026-03-01
meters: {streamed: {}}
rate_cards: {list: {prices: {streamed: 0.25}}}
payment_methods: {card: {rate_card: list}}
customers: {acme: {}}
projects: {site: {customer: acme, payment_method: card}}
usage:
  - {customer: acme, project: site, event: streamed, from: 2026-01-10, until: 2026-01-20,
     amount: 1.5, charged_after: P3D}
events:
  - {at: 2026-01-19, charged_at: 2026-02-19, customer: acme, project: site, event: streamed,
     quantity: 7}
"""
bounded = settings(max_examples=25)
axes = st.booleans()


def meters_of_every_kind(tmp_path: Path) -> Caller:
    file = tmp_path / "kinds.yaml"
    file.write_text("""
clock: 2026-01-02
meters:
  sum: {}
  count: {aggregation: COUNT, events: [sum]}
  unpriced: {events: [sum]}
  paused: {events: [sum], status: inactive}
  retired: {events: [sum], status: archived}
  peak: {aggregation: MAX, events: [sum]}
rate_cards:
  list: {prices: {sum: 0.1, count: 2.50, paused: 3, retired: 4}}
payment_methods: {card: {rate_card: list}}
customers: {acme: {}}
projects:
  site: {customer: acme, payment_method: card}
  idle: {customer: acme}
events:
  - {at: "2026-01-01T10:00:00Z", customer: acme, project: site, event: sum, quantity: 0.3}
  - {at: "2026-01-01T11:00:00Z", customer: acme, project: site, event: sum, quantity: 0.7}
  - {at: "2026-01-01T11:00:00Z", customer: acme, project: idle, event: sum, quantity: 5}
  - {at: "2026-01-01T11:00:00Z", customer: acme, event: sum, quantity: 6}
""")
    return simulate(file).caller("mkio")


def test_a_report_shows_active_meters_that_the_method_prices(tmp_path: Path) -> None:
    mkio = meters_of_every_kind(tmp_path)
    row = {
        "projectName": "site",
        "paymentMethodId": "card",
        "currency": "USD",
        "startDate": "2026-01-01T00:00:00Z",
        "endDate": "2026-01-02T00:00:00Z",
    }
    count = {"meter": "count", "unit": "units", "quantity": 2, "price": Decimal("2.5"), "cost": 5}
    tenth = {"quantity": 1, "price": Decimal("0.1"), "cost": Decimal("0.1")}
    assert report(mkio, "2026-01-01", "2026-01-02") == [
        row | count,
        row | {"meter": "sum", "unit": "units"} | tenth,
    ]
    text = ask(mkio, "2026-01-01", "2026-01-02").text
    assert '"quantity":1,"price":0.1,"cost":0.1' in text
    assert '"quantity":2,"price":2.5,"cost":5' in text


def test_a_project_that_nobody_pays_for_has_no_rows(tmp_path: Path) -> None:
    mkio = meters_of_every_kind(tmp_path)
    assert report(mkio, "2026-01-01", "2026-01-02", projectNames=["idle"]) == []
    assert mkio.get(project("idle", "usage")).data["value"] == []


def test_a_bucket_whose_sum_is_zero_is_used_all_the_same() -> None:
    rows = report(simulate().caller("mkio"), "2026-03-05", "2026-03-06", projectNames=["heron-lab"])
    emails = [row for row in rows if row["meter"] == "emails"]
    assert [(row["quantity"], row["cost"]) for row in emails] == [(0, 0)]


@pytest.mark.parametrize("granularity", ["day", "month"])
def test_mkio_12_both_filters_together_are_refused(granularity: str) -> None:
    answer = ask(
        simulate().caller("mkio"),
        "2026-01-01",
        "2026-02-01",
        granularity=granularity,
        projectNames=["my-project"],
        paymentMethodIds=["pm-azure"],
    )
    assert answer.status == 400
    assert "projectNames and paymentMethodIds exclude each other" in answer.data["error"]["detail"]


@bounded
@given(DATES, st.integers(1, 60), st.sets(st.sampled_from(PROJECTS), min_size=1), axes)
def test_mkio_13_a_project_filter_returns_exactly_the_rows_of_its_projects(
    start: date, days: int, names: set[str], reported: bool
) -> None:
    mkio = simulate().caller("mkio")
    whole = report(mkio, *span(start, days), filterOnReportedDate=reported)
    named = report(
        mkio, *span(start, days), projectNames=sorted(names) * 2, filterOnReportedDate=reported
    )
    assert named == [row for row in whole if row["projectName"] in names]


@bounded
@given(DATES, st.integers(1, 60), st.sets(st.sampled_from(METHOD_IDS), min_size=1), axes)
def test_mkio_13_a_method_filter_returns_exactly_the_rows_of_its_methods(
    start: date, days: int, ids: set[str], reported: bool
) -> None:
    mkio = simulate().caller("mkio")
    whole = report(mkio, *span(start, days), filterOnReportedDate=reported)
    named = report(
        mkio, *span(start, days), paymentMethodIds=[*ids, *ids], filterOnReportedDate=reported
    )
    assert named == [row for row in whole if row["paymentMethodId"] in ids]


@bounded
@given(DATES, st.integers(1, 60))
def test_mkio_13_the_reports_of_all_projects_add_up_to_the_whole(start: date, days: int) -> None:
    mkio = simulate().caller("mkio")
    parts = [row for p in PROJECTS for row in report(mkio, *span(start, days), projectNames=[p])]
    assert counted(parts) == counted(report(mkio, *span(start, days)))


@pytest.mark.parametrize(
    "options",
    [
        {"projectNames": ["my-project", "nobody"]},
        {"paymentMethodIds": ["pm-azure", "nobody"]},
    ],
)
def test_mkio_13_a_filter_that_names_nobody_is_not_found(options: Options) -> None:
    answer = ask(simulate().caller("mkio"), "2026-01-01", "2026-02-01", **options)
    assert answer.status == 404
    assert "'nobody'" in answer.data["error"]["detail"]
    # What can be said without looking anyone up is said first.
    assert ask(simulate().caller("mkio"), "2026-02-01", "2026-01-01", **options).status == 400


@pytest.mark.parametrize("field", ["projectNames", "paymentMethodIds"])
@pytest.mark.parametrize("value", [[], [""], [1], "my-project", None])
def test_a_filter_that_is_no_list_of_names_is_refused(field: str, value: object) -> None:
    options: Options = {field: value}
    assert ask(simulate().caller("mkio"), "2026-01-01", "2026-02-01", **options).status == 400


@bounded
@given(DATES, st.integers(1, 31), axes)
def test_mkio_14_totals_do_not_depend_on_granularity(
    start: date, days: int, reported: bool
) -> None:
    mkio = simulate().caller("mkio")
    by_hour, *others = (
        report(mkio, *span(start, days), granularity=unit, filterOnReportedDate=reported)
        for unit in ("hour", "day", "week", "month", "year")
    )
    for rows in others:
        assert sums(rows, *CARRIED) == sums(by_hour, *CARRIED)


@bounded
@given(DATES, st.integers(1, 400), st.integers(1, 400), axes)
def test_two_spans_add_up_to_the_span_that_covers_both(
    start: date, days: int, more: int, reported: bool
) -> None:
    mkio = simulate().caller("mkio")
    options: Options = {"granularity": "week", "filterOnReportedDate": reported}
    middle = start + timedelta(days=days)
    parts = [*report(mkio, start, middle, **options)]
    parts += report(mkio, *span(middle, more), **options)
    assert sums(parts, *CARRIED) == sums(
        report(mkio, *span(start, days + more), **options), *CARRIED
    )


def test_mkio_17_the_reported_date_moves_usage_into_the_span_in_which_it_was_charged() -> None:
    mkio = simulate().caller("mkio")
    options: Options = {"granularity": "month", "projectNames": ["larkspur-live"]}

    def cpu_hours(*bounds: str, reported: bool) -> Decimal:
        rows = report(mkio, *bounds, filterOnReportedDate=reported, **options)
        return quantities(rows, "meter")["cpu_hours",]

    # 12.75 hours of 27 February were charged on 2 March.
    february, march = ("2026-02-01", "2026-03-01"), ("2026-03-01", "2026-04-01")
    late = Decimal("12.75")
    assert cpu_hours(*february, reported=False) - cpu_hours(*february, reported=True) == late
    assert cpu_hours(*march, reported=True) - cpu_hours(*march, reported=False) == late


def test_mkio_17_over_a_span_with_both_dates_the_totals_agree(tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(LATE)
    mkio = simulate(file).caller("mkio")
    for *bounds, agree in (
        ("2026-01-01", "2026-01-20", False),
        ("2026-01-20", "2026-02-20", False),
        ("2026-01-01", "2026-02-20", True),
    ):
        occurred = sums(report(mkio, *bounds), *CARRIED)
        charged = sums(report(mkio, *bounds, filterOnReportedDate=True), *CARRIED)
        assert (occurred == charged) is agree


@bounded
@given(DATES, st.integers(1, 31), st.sampled_from(["hour", "day", "month"]))
def test_mkio_18_cost_is_quantity_times_the_price_on_the_methods_rate_card(
    start: date, days: int, unit: str
) -> None:
    mkio = simulate().caller("mkio")
    prices = {
        (method, rate["meter"]): rate["price"]
        for method in METHOD_IDS
        for rate in mkio.get(f"{METHODS}/{method}/rateCard").data["spec"]["rates"]
    }
    for row in report(mkio, *span(start, days), granularity=unit):
        assert row["price"] == prices[row["paymentMethodId"], row["meter"]]
        assert row["cost"] == multiply(Decimal(row["quantity"]), Decimal(row["price"]))
