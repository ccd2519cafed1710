"""Which spans a report takes, and what lies within one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.instants import Granularity, floor, following, parse_instant
from tests.vendors.mkio.calls import DATES, Options, ask, report, span
from tests.wire import simulate

GRANULARITIES = [each.value for each in Granularity]
bounded = settings(max_examples=25)

AT_THE_EDGES = """
clock: 2026-03-01
meters: {clips: {}}
rate_cards: {list: {prices: {clips: 1}}}
payment_methods: {card: {rate_card: list}}
customers: {acme: {}}
projects: {site: {customer: acme, payment_method: card}}
events:
  - {at: "2025-12-31T23:59:59.999999Z", customer: acme, project: site, event: clips, quantity: 1}
  - {at: "2026-01-01T00:00:00Z", customer: acme, project: site, event: clips, quantity: 10}
  - {at: "2026-01-31T23:59:59.999999Z", customer: acme, project: site, event: clips, quantity: 100}
  - {at: "2026-02-01T00:00:00Z", customer: acme, project: site, event: clips, quantity: 1000}
  - {at: "2026-03-01T00:00:00Z", customer: acme, project: site, event: clips, quantity: 10000}
  - {at: "2026-03-01T00:00:01Z", customer: acme, project: site, event: clips, quantity: 100000}
"""


@pytest.mark.parametrize("field", ["startDate", "endDate"])
@pytest.mark.parametrize(
    "text",
    [
        "2026-1-31",
        "20260131",
        "2026-01-31T00:00:00Z",
        "31.01.2026",
        "2026-W05-6",
        "2026-031",
        "2026-02-30",
        "0000-01-01",
        "２０２６-01-31",
        " 2026-01-31",
        "2026-01-31\n",
        "yesterday",
        "",
        20260131,
        None,
    ],
)
def test_mkio_05_a_date_in_any_other_form_is_refused(field: str, text: object) -> None:
    mkio = simulate().caller("mkio")
    body = {"startDate": "2026-01-01", "endDate": "2026-02-01", field: text}
    answer = mkio.post("/api/v1/organization/reports/usage", body)
    assert answer.status == 400
    assert field in answer.data["error"]["extraDetail"]


@pytest.mark.parametrize("field", ["startDate", "endDate"])
def test_mkio_05_a_missing_date_is_refused(field: str) -> None:
    body = {"startDate": "2026-01-01", "endDate": "2026-02-01"}
    del body[field]
    answer = simulate().caller("mkio").post("/api/v1/organization/reports/usage", body)
    assert answer.status == 400
    assert answer.data["error"]["extraDetail"] == {field: "is required"}


def test_mkio_06_usage_at_the_start_counts_and_usage_at_the_end_does_not(tmp_path: Path) -> None:
    file = tmp_path / "edges.yaml"
    file.write_text(AT_THE_EDGES)
    mkio = simulate(file).caller("mkio")
    for unit in GRANULARITIES[1:]:
        rows = report(mkio, "2026-01-01", "2026-02-01", granularity=unit)
        assert sum(row["quantity"] for row in rows) == 110
    assert report(mkio, "2026-01-31", "2026-02-01", granularity="hour")[0]["quantity"] == 100


def test_nothing_after_now_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "edges.yaml"
    file.write_text(AT_THE_EDGES)
    simulator = simulate(file)
    mkio = simulator.caller("mkio")
    assert [row["quantity"] for row in report(mkio, "2026-03-01", "2026-03-02")] == [10_000]
    simulator.clock.advance(seconds=1)
    assert [row["quantity"] for row in report(mkio, "2026-03-01", "2026-03-02")] == [110_000]


@bounded
@given(DATES, st.integers(0, 400), st.sampled_from(GRANULARITIES))
def test_mkio_07_a_start_on_or_after_the_end_is_refused(start: date, days: int, unit: str) -> None:
    answer = ask(simulate().caller("mkio"), *span(start, -days), granularity=unit)
    assert answer.status == 400
    assert "after startDate" in answer.data["error"]["extraDetail"]["endDate"]


@bounded
@given(DATES, st.integers(1, 31), st.sampled_from(GRANULARITIES))
def test_mkio_08_buckets_are_calendar_units_in_utc_cut_to_the_span(
    start: date, days: int, unit: str
) -> None:
    first, last = (parse_instant(f"{each}T00:00:00Z") for each in span(start, days))
    keys = ("projectName", "paymentMethodId", "meter", "startDate")
    rows = report(simulate().caller("mkio"), *span(start, days), granularity=unit)
    for row in rows:
        begins, ends = parse_instant(row["startDate"]), parse_instant(row["endDate"])
        assert begins == max(first, floor(begins, Granularity(unit)))
        assert ends == min(last, following(begins, Granularity(unit)))
    order = [tuple(row[key] for key in keys) for row in rows]
    assert order == sorted(set(order))


def test_mkio_08_weeks_begin_on_monday() -> None:
    rows = report(simulate().caller("mkio"), "2026-01-01", "2026-01-20", granularity="week")
    bounds = {(row["startDate"][:10], row["endDate"][:10]) for row in rows}
    assert bounds == {
        ("2026-01-01", "2026-01-05"),
        ("2026-01-05", "2026-01-12"),
        ("2026-01-12", "2026-01-19"),
        ("2026-01-19", "2026-01-20"),
    }


def test_mkio_08_a_report_is_by_day_unless_it_says_otherwise() -> None:
    mkio = simulate().caller("mkio")
    asked = ask(mkio, "2026-01-01", "2026-02-01")
    assert asked.data["metadata"] == {
        "startDate": "2026-01-01",
        "endDate": "2026-02-01",
        "granularity": "day",
        "filterOnReportedDate": False,
    }
    assert asked.text == ask(mkio, "2026-01-01", "2026-02-01", granularity="day").text


@pytest.mark.parametrize("unit", ["minute", "DAY", "days", "", None, 1])
def test_mkio_08_another_granularity_is_refused(unit: object) -> None:
    answer = ask(simulate().caller("mkio"), "2026-01-01", "2026-01-02", granularity=unit)
    assert answer.status == 400
    assert "granularity" in answer.data["error"]["extraDetail"]


@bounded
@given(DATES)
def test_mkio_09_an_hourly_span_of_31_days_passes(start: date) -> None:
    options: Options = {"granularity": "hour", "projectNames": ["heron-lab"]}
    report(simulate().caller("mkio"), *span(start, 31), **options)


@bounded
@given(DATES, st.integers(32, 4000))
def test_mkio_09_an_hourly_span_of_32_days_is_refused(start: date, days: int) -> None:
    mkio = simulate().caller("mkio")
    for each in (32, days):
        answer = ask(mkio, *span(start, each), granularity="hour", projectNames=["heron-lab"])
        assert answer.status == 400
        assert "at most 31 days" in answer.data["error"]["extraDetail"]["endDate"]


@bounded
@given(st.dates(date(2019, 1, 1), date(2029, 1, 1)))
def test_mkio_10_a_daily_span_of_a_year_passes_and_one_day_more_is_refused(start: date) -> None:
    mkio = simulate().caller("mkio")
    leap_day = (start.month, start.day) == (2, 29)
    anniversary = start.replace(start.year + 1, *((3, 1) if leap_day else ()))
    choices: list[Options] = [{}, {"granularity": "day"}]
    for options in choices:
        report(mkio, start, anniversary, projectNames=["heron-lab"], **options)
        answer = ask(mkio, start, anniversary + timedelta(days=1), **options)
        assert answer.status == 400
        assert "at most one year" in answer.data["error"]["extraDetail"]["endDate"]


def test_mkio_10_a_year_across_a_leap_day_has_366_days() -> None:
    mkio = simulate().caller("mkio")
    for start in (date(2023, 3, 1), date(2024, 2, 29), date(2024, 1, 1)):
        assert ask(mkio, *span(start, 366)).status == 200
        assert ask(mkio, *span(start, 367)).status == 400
    assert ask(mkio, *span(date(2025, 1, 1), 366)).status == 400


@bounded
@given(DATES, st.sampled_from(["week", "month", "year"]))
def test_mkio_11_five_years_pass_by_week_month_and_year(start: date, unit: str) -> None:
    report(simulate().caller("mkio"), *span(start - timedelta(days=1500), 1826), granularity=unit)


@pytest.mark.parametrize("unit", ["week", "month", "year"])
def test_mkio_11_all_of_time_passes(unit: str) -> None:
    mkio = simulate().caller("mkio")
    rows = report(mkio, "0001-01-01", "9999-12-31", granularity=unit)
    assert rows == report(mkio, "2024-01-01", "2026-06-01", granularity=unit) or unit == "year"
    assert len(rows) > 20
