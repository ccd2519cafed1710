"""The month so far of one project."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.mkio.calls import Row, assign, project, report, sums
from tests.wire import Caller, simulate

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 5, 1))  # noqa: DTZ001  # made UTC below
PROJECTS = st.sampled_from(["my-project", "larkspur-live", "heron-lab", "heron-idea"])


def month_so_far(mkio: Caller, name: str) -> list[Row]:
    answer = mkio.get(project(name, "usage"))
    assert answer.status == 200
    return answer.data["value"]  # type: ignore[no-any-return]  # rows are objects


@settings(max_examples=25)
@given(MOMENTS, PROJECTS)
def test_mkio_03_project_usage_runs_from_the_first_of_the_month_to_now(
    moment: datetime, name: str
) -> None:
    simulator = simulate()
    simulator.clock.set(moment.replace(microsecond=0).isoformat() + "Z")
    answer = simulator.caller("mkio").get(project(name, "usage"))
    bounds = {
        "startDate": f"{moment:%Y-%m}-01T00:00:00Z",
        "endDate": f"{moment:%Y-%m-%dT%H:%M:%S}Z",
    }
    assert answer.data["metadata"] == {"projectName": name, **bounds}
    rows = answer.data["value"]
    meters = [row["meter"] for row in rows]
    assert meters == sorted(set(meters))
    for row in rows:
        assert row.items() >= {"projectName": name, **bounds}.items()


@settings(max_examples=25)
@given(MOMENTS, PROJECTS, st.sampled_from(["hour", "day", "month"]), st.booleans())
def test_mkio_04_project_usage_equals_the_report_of_the_project(
    moment: datetime, name: str, unit: str, replaced: bool
) -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    simulator.clock.set(moment.isoformat(timespec="microseconds") + "Z")
    if replaced:
        assign(mkio, name, "pm-direct")
        simulator.clock.advance(days=3)
    now = simulator.clock.now
    rows = report(
        mkio,
        f"{now:%Y-%m}-01",
        (now + timedelta(days=1)).date(),
        granularity=unit,
        projectNames=[name],
    )
    key = ("paymentMethodId", "meter", "unit", "currency", "price")
    assert sums(month_so_far(mkio, name), *key) == sums(rows, *key)


def test_mkio_03_usage_at_this_very_instant_counts_and_that_of_last_month_does_not(
    tmp_path: Path,
) -> None:
    file = tmp_path / "now.yaml"
    file.write_text("""
clock: 2026-03-01
meters: {clips: {}}
rate_cards: {list: {prices: {clips: 1}}}
payment_methods: {card: {rate_card: list}}
customers: {acme: {}}
projects: {site: {customer: acme, payment_method: card}}
events:
  - {at: "2026-02-28T23:59:59.999Z", customer: acme, project: site, event: clips, quantity: 1}
  - {at: "2026-03-01T00:00:00Z", customer: acme, project: site, event: clips, quantity: 20}
  - {at: "2026-03-01T00:00:00.001Z", customer: acme, project: site, event: clips, quantity: 300}
""")
    mkio = simulate(file).caller("mkio")
    assert [row["quantity"] for row in month_so_far(mkio, "site")] == [20]


@pytest.mark.parametrize(
    ("now", "quantity"), [("0001-01-01T00:00:00Z", 1), ("9999-12-31T23:59:59.999999Z", 20)]
)
def test_mkio_03_the_calendars_ends_are_no_trouble(tmp_path: Path, now: str, quantity: int) -> None:
    file = tmp_path / "ends.yaml"
    file.write_text("""
clock: 2026-03-01
meters: {clips: {}}
rate_cards: {list: {prices: {clips: 1}}}
payment_methods: {card: {rate_card: list}}
customers: {acme: {}}
projects: {site: {customer: acme, payment_method: card}}
events:
  - {at: "0001-01-01T00:00:00Z", customer: acme, project: site, event: clips, quantity: 1}
  - {at: "9999-12-31T23:59:59Z", customer: acme, project: site, event: clips, quantity: 20}
""")
    simulator = simulate(file)
    simulator.clock.set(now)
    mkio = simulator.caller("mkio")
    rows = month_so_far(mkio, "site")
    assert [(row["quantity"], row["endDate"]) for row in rows] == [(quantity, f"{now[:19]}Z")]
    assert len(report(mkio, "0001-01-01", "9999-12-31", granularity="week")) == 1


def test_project_usage_of_an_unknown_project_is_not_found() -> None:
    answer = simulate().caller("mkio").get(project("nobody", "usage"))
    assert answer.status == 404
    assert "'nobody'" in answer.data["error"]["detail"]
