"""Which payment method carries a project."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import add
from tests.vendors.mkio.calls import (
    METHODS,
    ask,
    assign,
    assigned,
    changes,
    project,
    quantities,
    report,
)
from tests.wire import Caller, simulate

START, END = datetime(2026, 2, 1), datetime(2026, 3, 18)  # noqa: DTZ001  # made UTC below
TIMES = st.datetimes(START, END)
METHOD_IDS = st.sampled_from(["pm-azure", "pm-aws", "pm-direct"])
bounded = settings(max_examples=25)


def test_mkio_21_the_method_that_was_posted_is_the_one_that_is_read() -> None:
    mkio = simulate().caller("mkio")
    assert assigned(mkio, "my-project") == ("pm-azure", "active")
    posted = assign(mkio, "my-project", "pm-aws")
    assert posted.data == mkio.get(project("my-project", "paymentMethod")).data
    assert assigned(mkio, "my-project") == ("pm-aws", "active")
    assert assigned(mkio, "northwind-staging") == ("pm-aws", "active")


def test_mkio_21_assigning_the_method_that_is_assigned_changes_nothing() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    assert assign(mkio, "my-project", "pm-azure").status == 200
    assert changes(simulator) == []
    assign(mkio, "my-project", "pm-aws")
    assign(mkio, "my-project", "pm-aws")
    assert len(changes(simulator)) == 1


def test_mkio_21_the_method_that_was_posted_last_stays_after_the_clock_was_set_back() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    before = report(mkio, "2026-02-01", "2026-03-01")
    simulator.clock.set("2026-04-10")
    assign(mkio, "my-project", "pm-aws")
    simulator.clock.set("2026-04-01")
    assign(mkio, "my-project", "pm-azure")
    simulator.clock.set("2026-04-20")
    assert assigned(mkio, "my-project") == ("pm-azure", "active")
    assert report(mkio, "2026-02-01", "2026-03-01") == before


def test_mkio_21_a_method_that_will_only_be_assigned_later_can_be_assigned_now() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    simulator.clock.set("2026-04-10")
    assign(mkio, "my-project", "pm-aws")
    simulator.clock.set("2026-04-01")
    assert assigned(mkio, "my-project") == ("pm-azure", "active")
    assert assign(mkio, "my-project", "pm-aws").data["spec"] == {"paymentMethodId": "pm-aws"}
    assert assigned(mkio, "my-project") == ("pm-aws", "active")


def test_mkio_22_assigning_a_method_activates_an_inactive_project() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    assert assigned(mkio, "heron-idea") == (None, "inactive")
    assert assign(mkio, "heron-idea", "pm-direct").data["status"] == {"projectStatus": "active"}
    assert assigned(mkio, "heron-idea") == ("pm-direct", "active")
    simulator.reset()
    assert assigned(mkio, "heron-idea") == (None, "inactive")


def test_mkio_22_before_its_assignment_a_project_is_inactive() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    assign(mkio, "heron-idea", "pm-direct")
    simulator.clock.set("2026-03-01")
    assert assigned(mkio, "heron-idea") == (None, "inactive")
    simulator.clock.set("2026-04-01")
    assert assigned(mkio, "heron-idea") == ("pm-direct", "active")


@pytest.mark.parametrize(
    "body",
    [
        {"paymentMethodId": None},
        {"paymentMethodId": ""},
        {"paymentMethodId": 1},
        {"paymentMethodId": ["pm-aws"]},
        {"id": "pm-aws"},
        {},
        [],
        "pm-aws",
        b"",
        b"{",
    ],
)
def test_mkio_23_a_post_without_a_method_removes_none(body: object) -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    assert mkio.post(project("my-project", "paymentMethod"), body).status == 400
    assert assigned(mkio, "my-project") == ("pm-azure", "active")
    assert changes(simulator) == []


def test_mkio_23_a_method_cannot_be_deleted() -> None:
    mkio = simulate().caller("mkio")
    answer = mkio.send("DELETE", project("my-project", "paymentMethod"))
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, POST"
    assert assigned(mkio, "my-project") == ("pm-azure", "active")


def test_mkio_24_an_unknown_method_is_not_found_and_the_assignment_stands() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    answer = assign(mkio, "my-project", "nobody")
    assert answer.status == 404
    assert "payment method 'nobody'" in answer.data["error"]["detail"]
    assert assigned(mkio, "my-project") == ("pm-azure", "active")
    assert changes(simulator) == []


def test_mkio_24_an_unknown_project_is_not_found() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    for answer in (
        mkio.get(project("nobody", "paymentMethod")),
        assign(mkio, "nobody", "pm-azure"),
        assign(mkio, "nobody", "pm-trial"),
    ):
        assert answer.status == 404
        assert "project 'nobody'" in answer.data["error"]["detail"]
    assert changes(simulator) == []


def test_mkio_25_a_method_cannot_be_assigned_before_its_terms_are_accepted() -> None:
    mkio = simulate().caller("mkio")
    refused = assign(mkio, "my-project", "pm-trial")
    assert refused.status == 409
    assert "'pm-trial'" in refused.data["error"]["detail"]
    assert assigned(mkio, "my-project") == ("pm-azure", "active")
    mkio.post(f"{METHODS}/pm-trial/acceptTermsAndConditions")
    assert assign(mkio, "my-project", "pm-trial").status == 200
    assert assigned(mkio, "my-project") == ("pm-trial", "active")


def whole(mkio: Caller, *, reported: bool) -> dict[tuple[str, ...], Decimal]:
    rows = report(
        mkio,
        "2024-12-01",
        "2026-04-01",
        granularity="year",
        projectNames=["my-project"],
        filterOnReportedDate=reported,
    )
    return quantities(rows, "paymentMethodId", "meter")


def by_meter(found: dict[tuple[str, ...], Decimal]) -> dict[str, Decimal]:
    summed: dict[str, Decimal] = defaultdict(Decimal)
    for (_, meter), quantity in found.items():
        summed[meter] = add(summed[meter], quantity)
    return dict(summed)


@bounded
@given(TIMES, st.booleans())
def test_mkio_26_usage_stays_with_the_method_that_carried_it(
    moment: datetime, reported: bool
) -> None:
    simulator = simulate(now="2026-03-18T09:30:00Z")
    mkio = simulator.caller("mkio")
    simulator.clock.set(moment.isoformat(timespec="microseconds") + "Z")
    before = quantities(
        report(mkio, "2024-12-01", "2026-04-01", granularity="year", projectNames=["my-project"]),
        "meter",
    )
    assign(mkio, "my-project", "pm-direct")
    simulator.clock.set("2026-03-18T09:30:00Z")
    if not reported:  # by then, some of it was not charged yet
        old = {m: q for (p, m), q in whole(mkio, reported=False).items() if p == "pm-azure"}
        assert old == {meter: quantity for (meter,), quantity in before.items()}
    untouched = simulate(now="2026-03-18T09:30:00Z").caller("mkio")
    after, never = whole(mkio, reported=reported), whole(untouched, reported=reported)
    assert by_meter(after) == by_meter(never)


@bounded
@given(st.lists(st.tuples(TIMES, METHOD_IDS), max_size=6), st.booleans())
def test_mkio_26_replacing_to_and_fro_neither_loses_nor_doubles_usage(
    replacements: list[tuple[datetime, str]], reported: bool
) -> None:
    simulator = simulate(now="2026-03-18T09:30:00Z")
    mkio = simulator.caller("mkio")
    untouched = by_meter(whole(mkio, reported=reported))
    # In any order: a clock that is set back must not make two methods carry the same usage.
    for moment, method in replacements:
        simulator.clock.set(moment.isoformat(timespec="microseconds") + "Z")
        assign(mkio, "my-project", method)
    simulator.clock.set("2026-03-18T09:30:00Z")
    assert by_meter(whole(mkio, reported=reported)) == untouched
    daily = report(mkio, "2026-02-01", "2026-03-19", projectNames=["my-project"])
    keys = ("paymentMethodId", "meter", "startDate")
    rows = [tuple(row[key] for key in keys) for row in daily]
    assert rows == sorted(set(rows))


def test_mkio_26_a_method_that_comes_back_within_a_bucket_has_one_row(tmp_path: Path) -> None:
    file = tmp_path / "back.yaml"
    file.write_text("""
clock: 2026-01-01
meters: {clips: {}}
rate_cards: {list: {prices: {clips: 2}}}
payment_methods: {old: {rate_card: list}, new: {rate_card: list}}
customers: {acme: {}}
projects: {site: {customer: acme, payment_method: old}}
events:
  - {at: "2026-01-01T06:00:00Z", customer: acme, project: site, event: clips, quantity: 0.75}
  - {at: "2026-01-01T12:00:00Z", customer: acme, project: site, event: clips, quantity: 5}
  - {at: "2026-01-01T18:00:00Z", customer: acme, project: site, event: clips, quantity: 0.25}
""")
    simulator = simulate(file)
    mkio = simulator.caller("mkio")
    for hour, method in ((8, "new"), (16, "old")):
        simulator.clock.set(f"2026-01-01T{hour:02}:00:00Z")
        assign(mkio, "site", method)
    simulator.clock.advance(days=1)
    answer = ask(mkio, "2026-01-01", "2026-01-02")
    rows = [(row["paymentMethodId"], row["quantity"]) for row in answer.data["value"]]
    assert rows == [("new", 5), ("old", 1)]
    assert '"quantity":1,"price":2,"cost":2,' in answer.text


def test_mkio_26_the_new_method_charges_by_its_own_rate_card() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    assign(mkio, "my-project", "pm-aws")
    simulator.clock.advance(days=2)
    rows = report(mkio, "2026-03-18", "2026-03-20", projectNames=["my-project"], granularity="week")
    api_calls = [row for row in rows if row["meter"] == "api_calls"]
    prices = [(row["paymentMethodId"], row["price"]) for row in api_calls]
    assert prices == [("pm-aws", Decimal("0.00038")), ("pm-azure", Decimal("0.00042"))]
    filtered = report(mkio, "2026-03-18", "2026-03-20", paymentMethodIds=["pm-azure"])
    assert {row["paymentMethodId"] for row in filtered} == {"pm-azure"}
