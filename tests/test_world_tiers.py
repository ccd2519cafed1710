"""The laws of the one world where prices have tiers: the parts add up, whatever is asked first."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import total
from tests.vendors.metronome import asking as metronome
from tests.vendors.mkio import calls as mkio
from tests.vendors.monk import asking as monk
from tests.wire import Simulated, simulate

MODELS = ["flat", "package", "included", "graduated", "volume", "dated"]
NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
CUSTOMERS = st.sampled_from(["acme", "partner"])
UNITS = ("day", "month")
PROJECTS = {"website": "proj_website", "app": "proj_app"}
# Part of each day is charged in another month, at the prices of when it occurred.
LATE = """
include: tiers
usage:
  - {customer: acme, project: app, event: graduated, from: 2026-01-15, until: 2026-03-10,
     every: day, amount: 40, charged_after: {P1D: 0.5, P20D: 0.5}}
  - {customer: acme, project: website, event: volume, from: 2026-01-15, until: 2026-03-10,
     every: day, amount: 30, charged_after: P9D}
  - {customer: acme, project: website, event: package, from: 2026-01-15, until: 2026-03-10,
     every: day, amount: 33, charged_after: P9D}
"""

instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 5, 2), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2026, 1, 1), date(2026, 5, 2))
recordings = st.lists(
    st.tuples(
        st.integers(0, 20 * 24 * 60),  # minutes after now
        st.sampled_from(MODELS),
        st.sampled_from(sorted(PROJECTS)),
        st.integers(1, 4_000).map(lambda units: Decimal(units) / 2),
    ),
    unique_by=lambda row: row[0],
    max_size=6,
)
bounded = settings(max_examples=25)


def record(sim: Simulated, model: str, project: str, quantity: Decimal) -> None:
    body = {"email": "billing@acme.example", "metric": model, "quantity": quantity}
    path = f"/api/billing/public/projects/{PROJECTS[project]}/usage"
    assert sim.caller("mudbase", token=None).post(path, body).status == 200


def grown(recorded: list[Any]) -> Simulated:
    """The scenario at the end of April, with some usage more, recorded in this order."""
    sim = simulate("tiers")
    for minutes, *usage in recorded:
        sim.clock.set((NOW + timedelta(minutes=minutes)).isoformat())
        record(sim, *usage)
    sim.clock.set("2026-04-28T18:00:00Z")
    return sim


def cost(sim: Simulated, customer: str, start: datetime, end: datetime, **more: Any) -> Any:
    bounds = {"startDate": start.isoformat(), "endDate": end.isoformat()}
    return monk.cost(sim, customerId=None, externalCustomerId=customer, **bounds, **more)


# -- Monk


@bounded
@given(recordings, CUSTOMERS, st.lists(instants, min_size=2, max_size=6, unique=True).map(sorted))
def test_world_06_adjacent_spans_add_up_to_the_last_digit(
    recorded: list[Any], customer: str, cuts: list[datetime]
) -> None:
    sim = grown(recorded)
    whole = cost(sim, customer, cuts[0], cuts[-1])
    assert total(cost(sim, customer, *part) for part in pairwise(cuts)) == whole


@bounded
@given(recordings, st.lists(instants, min_size=2, max_size=2, unique=True).map(sorted))
def test_world_06_events_and_properties_add_up_to_the_whole(
    recorded: list[Any], span: list[datetime]
) -> None:
    sim = grown(recorded)
    whole = cost(sim, "acme", *span)
    assert total(cost(sim, "acme", *span, eventNames=[name]) for name in MODELS) == whole
    regions = [[{"key": "region", "value": value}] for value in ("eu", "us", "")]
    assert total(cost(sim, "acme", *span, propertyFilters=each) for each in regions) == whole


# -- MK.IO


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("late") / "late.yaml"
    path.write_text(LATE, encoding="utf-8")
    return path


@bounded
@given(days, st.integers(1, 31), st.booleans(), st.booleans())
def test_world_06_projects_methods_buckets_and_tiers_add_up_to_the_report(
    late: Path, start: date, length: int, by_charge_date: bool, reassigned: bool
) -> None:
    client = simulate(late).caller("mkio")
    if reassigned:
        assert mkio.assign(client, "website", "pm-azure").status == 200
    keys, span = ("meter", "unit", "price", "currency"), mkio.span(start, length)
    options: mkio.Options = {"filterOnReportedDate": by_charge_date}
    rows = mkio.report(client, *span, **options)
    whole = mkio.sums(rows, *keys)
    for unit in ("hour", "week", "month", "year"):
        assert mkio.sums(mkio.report(client, *span, granularity=unit, **options), *keys) == whole
    for filtered, values in (
        ("projectNames", ["app", "website"]),
        ("paymentMethodIds", ["pm-azure", "pm-direct"]),
    ):
        split: list[mkio.Row] = []
        for each in values:
            filters: mkio.Options = {filtered: [each], **options}
            split += mkio.report(client, *span, **filters)
        assert mkio.sums(split, *keys) == whole


def test_world_06_what_is_charged_late_is_charged_at_the_price_of_when_it_occurred(
    late: Path,
) -> None:
    client, year = simulate(late).caller("mkio"), ("2026-01-01", "2027-01-01")
    occurred, charged = (
        mkio.report(client, *year, granularity="month", filterOnReportedDate=flag)
        for flag in (False, True)
    )
    assert occurred != charged
    assert mkio.sums(occurred, "meter", "price") == mkio.sums(charged, "meter", "price")


@bounded
@given(recordings, days, st.integers(1, 60))
def test_world_06_tiers_add_up_to_the_usage_and_to_the_cost_of_the_customer(
    recorded: list[Any], start: date, length: int
) -> None:
    sim, (first, after) = grown(recorded), mkio.span(start, length)
    rows = mkio.report(sim.caller("mkio"), first, after, granularity="year")
    acme = [metronome.customer(sim, "acme")]
    names = {meter["id"]: meter["key"] for meter in sim.state["meters"]}
    shown = metronome.rows(sim, metronome.query(first, after, "none", customer_ids=acme))
    used = {names[row["billable_metric_id"]]: row["value"] for row in shown}
    charged = mkio.quantities(rows, "meter")
    for model in MODELS:
        # Of packages, the report counts those that were begun.
        assert model == "package" or charged.get((model,)) == used.get(model)
    bounds = (datetime.combine(day, time(), UTC) for day in (first, after))
    assert total(row["cost"] for row in rows) == cost(sim, "acme", *bounds)


def test_replacing_a_method_in_mid_month_splits_its_usage_and_cost_between_both() -> None:
    sim = simulate("tiers")
    client, april = sim.caller("mkio"), ("2026-04-01", "2026-05-01")
    assert mkio.assign(client, "website", "pm-azure").status == 200
    sim.clock.set("2026-05-01T00:00:00Z")
    rows = mkio.report(client, *april, granularity="month")

    def of(method: str, meter: str) -> list[Any]:
        return [
            (row["projectName"], row["quantity"], row["price"], row["cost"])
            for row in rows
            if (row["paymentMethodId"], row["meter"]) == (method, meter)
        ]

    # Five days at the old method's price, and 25 at the new one's.
    assert of("pm-direct", "flat") == [("website", 1000, Decimal("0.1"), 100)]
    assert of("pm-azure", "flat") == [("website", 5000, Decimal("0.12"), 600)]
    # 50 a day of the app and, for five days, 150 of the website: 1,000 on the fifth.
    assert of("pm-direct", "graduated") == [
        ("app", 250, Decimal("0.1"), 25),
        ("app", 1250, Decimal("0.05"), Decimal("62.5")),
        ("website", 750, Decimal("0.1"), 75),
    ]
    # The tiers of the new method begin with what it carries: 25 times 150.
    assert of("pm-azure", "graduated") == [
        ("website", 500, Decimal("0.12"), 60),
        ("website", 3250, Decimal("0.06"), 195),
    ]


# -- order


@settings(max_examples=10)
@given(st.data(), recordings)
def test_usage_counts_the_same_in_whatever_order_it_arrives(
    data: st.DataObject, recorded: list[Any]
) -> None:
    def shown(sim: Simulated) -> list[str]:
        acme = {"customer_ids": [metronome.customer(sim, "acme")]}
        april = {"startDate": "2026-04-01", "endDate": "2026-05-01"}
        asked = metronome.query(date(2026, 4, 1), date(2026, 5, 1), "none", **acme)
        path = "/api/v1/organization/reports/usage"
        return [
            *(sim.caller("mkio").post(path, {**april, "granularity": unit}).text for unit in UNITS),
            *(str(cost(sim, "acme", NOW, NOW + timedelta(days=each))) for each in range(5, 26, 5)),
            str(metronome.rows(sim, asked)),
            sim.caller("saas").get("/api/billing/usage", {"metrics": "api_calls"}).text,
            sim.caller("mkio").get("/api/v1/projects/app/usage").text,
        ]

    arrived = data.draw(st.permutations(recorded))
    assert shown(grown(arrived)) == shown(grown(sorted(recorded)))
