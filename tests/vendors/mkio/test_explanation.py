"""How the charges of reports, and of a project's usage, came about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from metersim.billing.quantity import total
from metersim.errors import ControlError
from tests.explanations import assert_adds_up
from tests.vendors.mkio.calls import Row, assign, project, report
from tests.views import record
from tests.wire import Simulated, simulate

WHICH = ("projectName", "paymentMethodId", "meter", "startDate", "endDate")
NUMBERS = ("quantity", "price", "cost")
ROW = dict(
    zip(WHICH, ("my-project", "pm-azure", "bandwidth", "2026-02-01", "2026-03-01"), strict=True)
)


# Within an hour, and where the month so far looks like a row of a report, or like none at all.
NOWS = [
    "2026-03-18T09:30:00.25Z",
    "2026-03-18T09:00:00Z",
    "2026-03-18",
    "2026-03-01T01:00:00Z",
    "2026-03-01",
]


def assert_explained(sim: Simulated, found: Iterable[Row], **more: Any) -> None:
    """Rows that differ in their price alone are explained together, and add up to the amount."""
    for _, same in groupby(found, key=lambda row: [row[key] for key in WHICH]):
        rows = list(same)
        for row in rows:
            explanation = sim.explain("mkio", {**row, **more})
            charges = explanation["parts"][0]["cost"]["charges"]
            told = [[charge[key] for key in ("quantity", "price", "amount")] for charge in charges]
            assert told == [[each[key] for key in NUMBERS] for each in rows]
            assert explanation["amount"] == total(each["cost"] for each in rows)
            assert (explanation["unit"], explanation["notes"]) == (row["currency"], [])
            assert_adds_up(explanation)


@pytest.mark.parametrize("axis", [False, True])
@pytest.mark.parametrize("unit", ["hour", "day", "month", "year"])
@pytest.mark.parametrize("scenario", ["default", "tiers", "late-charges", "docs-mkio"])
def test_every_row_of_a_report_is_explained(scenario: str, unit: str, axis: bool) -> None:
    sim = simulate(scenario)
    today = sim.clock.now.date()
    start = today - timedelta(days={"hour": 1, "day": 20}.get(unit, 400))
    more = {"granularity": unit, "filterOnReportedDate": axis}
    rows = report(sim.caller("mkio"), start, today + timedelta(days=7), **more)
    assert rows
    assert_explained(sim, rows, filterOnReportedDate=axis)


@pytest.mark.parametrize("now", NOWS)
def test_every_row_of_a_projects_usage_is_explained_with_what_happens_this_instant(
    now: str,
) -> None:
    sim = simulate(now=now)
    record(sim, "emails", 3)
    assign(sim.caller("mkio"), "my-project", "pm-direct")
    record(sim, "emails", 4)
    rows = sim.caller("mkio").get(project("my-project", "usage")).data["value"]
    assert rows
    assert_explained(sim, rows)


@pytest.mark.parametrize(
    ("now", "end", "unit"),
    [("2026-03-18", "2026-03-18", "month"), ("2026-03-01T01:00:00Z", "2026-03-02", "hour")],
)
def test_a_row_that_ends_this_instant_is_a_reports_or_the_projects_by_its_numbers(
    now: str, end: str, unit: str
) -> None:
    sim = simulate(now=now)
    mkio = sim.caller("mkio")
    record(sim, "emails", 3)
    asked = {"granularity": unit, "projectNames": ["my-project"]}
    before = emails(report(mkio, "2026-03-01", end, **asked))
    so_far = emails(mkio.get(project("my-project", "usage")).data["value"])
    assert {key: before[key] for key in WHICH} == {key: so_far[key] for key in WHICH}
    assert so_far["quantity"] >= before["quantity"] + 3
    for row in (before, so_far):
        assert sim.explain("mkio", row)["amount"] == row["cost"]
    # Where it says no number, the dates are taken as a report's.
    assert sim.explain("mkio", {key: before[key] for key in WHICH})["amount"] == before["cost"]


def emails(rows: Iterable[Row]) -> Row:
    """The first of them."""
    return next(row for row in rows if row["meter"] == "emails")


def test_tiers_are_told_with_their_bounds_and_what_they_count() -> None:
    sim = simulate("tiers")
    which = ("app", "pm-direct", "graduated", "2026-03-01", "2026-04-01")
    (part,) = sim.explain("mkio", dict(zip(WHICH, which, strict=True)))["parts"]
    assert part["cost"]["rate_card"] == "list"
    (count,) = part["cost"]["counts"]
    assert part["cost"]["scope"] == "all that pm-direct carried"
    assert count == {
        "period": {"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"},
        "total": 12_000,
        "other": 5_000,
    }
    told = [(each["tier"], each["above"], each["up_to"]) for each in part["cost"]["charges"]]
    assert told == [(2, 1_000, 10_000), (3, 10_000, None)]


def test_of_several_tiers_the_one_whose_price_the_row_has_is_the_row() -> None:
    sim = simulate("tiers")
    which = ("app", "pm-direct", "graduated", "2026-03-01", "2026-04-01")
    row = dict(zip(WHICH, which, strict=True))
    for price, expected in ((Decimal("0.01"), [False, True]), (None, [False, False])):
        (part,) = sim.explain("mkio", {**row, "price": price, "unit": None})["parts"]
        assert [each["asked"] for each in part["cost"]["charges"]] == expected


def test_usage_from_before_the_first_price_is_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "priced-late.yaml"
    file.write_text("""
clock: 2026-02-20
meters: {calls: {}}
rate_cards: {list: {prices: {calls: [{from: 2026-02-10, price: 2}]}}}
payment_methods: {card: {rate_card: list}}
customers: {acme: {}}
projects: {site: {customer: acme, payment_method: card}}
events:
  - {at: 2026-02-09, customer: acme, project: site, event: calls, quantity: 100}
  - {at: 2026-02-11, customer: acme, project: site, event: calls, quantity: 3}
""")
    sim = simulate(file)
    rows = report(sim.caller("mkio"), "2026-02-01", "2026-03-01", granularity="month")
    assert_explained(sim, rows)
    (event,) = sim.explain("mkio", rows[0])["parts"][0]["events"]
    assert event["value"] == 3


def test_usage_that_is_charged_late_says_how_late() -> None:
    part, late = (
        sim.explain("mkio", {**ROW, "filterOnReportedDate": axis})["parts"][0]
        for sim in [simulate()]
        for axis in (False, True)
    )
    assert [each["charged_after"] for each in part["series"]] == ["P0D", "P3D"]
    assert [each["first"][:10] for each in part["series"]] == ["2026-02-01", "2026-02-01"]
    assert [each["first"][:10] for each in late["series"]] == ["2026-02-01", "2026-01-29"]
    assert (part["axis"], late["axis"]) == ("occurred", "charged")


def test_a_row_without_usage_costs_nothing_and_has_no_source() -> None:
    explanation = simulate().explain("mkio", {**ROW, "paymentMethodId": "pm-direct", "cost": 7})
    assert explanation["amount"] == 0
    assert explanation["parts"][0]["quantity"] is None
    (note,) = explanation["notes"]
    assert note == "cost: the row says 7, and here and now it is not answered"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"projectName": "my-projetc"}, "row.projectName: 'my-projetc' is not known; did you mean"),
        ({"paymentMethodId": "pm-azur"}, "did you mean 'pm-azure'?"),
        (
            {"meter": "storage"},
            "row.meter: 'storage' is not charged by rate card azure; allowed: api_calls",
        ),
        ({"meter": "storrage"}, "row.meter: 'storrage' is not known; allowed: api_calls, bandw"),
        ({"endDate": "2026-02-01"}, "row.endDate: must be after startDate, found 2026-02-01 to"),
        ({"startDate": 1}, "row.startDate: expected string, found 1"),
        ({"metre": "x"}, "row.metre: is not known; did you mean 'meter'?"),
    ],
)
def test_a_row_that_no_reply_has_is_refused_with_the_nearest(
    changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ControlError) as refused:
        simulate().explain("mkio", {**ROW, **changed})
    assert message in str(refused.value)
