"""Usage broken down by a property of its events."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import total
from tests.vendors.metronome.asking import (
    LARKSPUR,
    NORTHWIND,
    TWO_DAYS,
    ask,
    assert_refused,
    meter,
    query,
    rows,
    simulate_yaml,
)
from tests.wire import Simulated, simulate


def grouped(sim: Simulated, metric: str, **group_by: object) -> Any:
    """Two days of Northwind, by a group of the metric."""
    metrics = [{"id": meter(sim, metric), "group_by": group_by}]
    return {**TWO_DAYS, "customer_ids": [NORTHWIND], "billable_metrics": metrics}


def test_metronome_15_a_value_asked_for_and_not_found_is_null() -> None:
    sim = simulate()
    for row in rows(sim, grouped(sim, "api_calls", key="region", values=["mars", "eu"])):
        assert list(row["groups"]) == ["mars", "eu"]
        assert row["groups"]["mars"] is None
        assert 0 < row["groups"]["eu"] < row["value"]


def test_metronome_15_without_values_those_that_occur_are_answered() -> None:
    sim = simulate()
    for row in rows(sim, grouped(sim, "api_calls", key="region")):
        assert set(row["groups"]) == {"eu", "us"}
        assert None not in row["groups"].values()


def test_metronome_15_a_window_without_usage_has_no_groups_but_those_asked_for() -> None:
    sim = simulate()
    future = query(date(2027, 1, 1), date(2027, 1, 2))
    (row,) = rows(sim, grouped(sim, "api_calls", key="region") | future)
    assert (row["value"], row["groups"]) == (None, {})
    (row,) = rows(sim, grouped(sim, "api_calls", key="region", values=["eu"]) | future)
    assert (row["value"], row["groups"]) == (None, {"eu": None})


def test_metronome_15_only_the_metrics_that_are_grouped_have_groups() -> None:
    sim = simulate()
    plain, by_region = meter(sim, "emails"), meter(sim, "bandwidth")
    metrics = [{"id": plain}, {"id": by_region, "group_by": {"key": "region"}}]
    for row in rows(sim, {**TWO_DAYS, "billable_metrics": metrics}):
        assert ("groups" in row) == (row["billable_metric_id"] == by_region)
    assert not any("groups" in row for row in rows(sim, TWO_DAYS))


@pytest.mark.parametrize(("key", "asked"), [("api_calls", "model"), ("emails", "region")])
def test_metronome_15_a_key_the_metric_does_not_declare_is_refused(key: str, asked: str) -> None:
    sim = simulate()
    body = grouped(sim, key, key=asked)
    body["billable_metrics"].insert(0, {"id": meter(sim, "seats")})
    answer = ask(sim, body)
    assert_refused(answer, "billable_metrics.1.group_by.key: ", f"{asked!r} is not a group key of")
    declared = "region" if key == "api_calls" else "none"
    assert f"(declared: {declared})" in answer.data["message"]


@pytest.mark.parametrize(
    "group_by",
    [
        *({}, {"key": ""}, {"key": None}, {"key": ["region"]}, [], "region", None),
        *({"key": "region", "values": values} for values in ([], [""], "eu", [1], None)),
        {"key": "region", "values": [str(number) for number in range(201)]},
    ],
)
def test_metronome_15_a_malformed_group_by_is_refused(group_by: object) -> None:
    sim = simulate()
    body = {
        **TWO_DAYS,
        "billable_metrics": [{"id": meter(sim, "api_calls"), "group_by": group_by}],
    }
    assert_refused(ask(sim, body), "billable_metrics.0.group_by")


def test_metronome_15_of_one_metric_given_twice_the_first_counts() -> None:
    sim = simulate()
    body = grouped(sim, "token_used", key="model")
    again = {"id": meter(sim, "token_used"), "group_by": {"key": "sub_org_id"}}
    assert rows(sim, {**body, "billable_metrics": [*body["billable_metrics"], again]}) == (
        rows(sim, body)
    )


def many(count: int) -> str:
    """A world with one event in each of so many groups, ten of them an hour."""
    start = date(2026, 3, 1)
    events = "".join(
        f"  - {{at: {start + timedelta(number // 240)}T{number // 10 % 24:02}:00:00Z, customer: c,"
        f" event: m, quantity: 1, properties: {{host: h{number:03}}}}}\n"
        for number in range(count)
    )
    return (
        "clock: 2026-04-01\nmeters: {m: {group_keys: [host]}}\ncustomers: {c: {}}\nevents:\n"
        + events
    )


def test_metronome_15_at_most_200_groups_are_answered(tmp_path: Path) -> None:
    sim = simulate_yaml(tmp_path, many(205))
    metric = {"id": meter(sim, "m"), "group_by": {"key": "host"}}
    body = query(date(2026, 3, 1), date(2026, 3, 2), "none", billable_metrics=[metric])
    (row,) = rows(sim, body)
    assert (row["value"], len(row["groups"])) == (205, 200)
    metric["group_by"] = {"key": "host", "values": [f"h{number}" for number in range(201, 205)]}
    (row,) = rows(sim, body)
    assert row["groups"] == {"h201": 1, "h202": 1, "h203": 1, "h204": 1}


def test_metronome_15_which_groups_there_are_does_not_depend_on_the_page(tmp_path: Path) -> None:
    sim = simulate_yaml(tmp_path, many(2410))
    metric = {"id": meter(sim, "m"), "group_by": {"key": "host"}}
    body = query(date(2026, 3, 1), date(2026, 3, 12), "hour", billable_metrics=[metric])
    found = rows(sim, body)
    assert len(found) == 11 * 24
    assert len({group for row in found for group in row["groups"]}) == 200


SOME_WITHOUT = """
clock: 2026-03-03
meters: {m: {group_keys: [region, tier]}}
customers: {c: {}}
usage:
  - {customer: c, event: m, from: 2026-03-01, amount: 3, noise: 0.9, properties: {region: eu}}
  - {customer: c, event: m, from: 2026-03-01, amount: 0.5, unit: 0.1, properties: {region: us}}
  - {customer: c, event: m, from: 2026-03-01T12:00:00Z, amount: 7, properties: {tier: 1}}
events:
  - {at: 2026-03-01T05:00:00Z, customer: c, event: m, quantity: -2.25, properties: {tier: 1.0}}
  - {at: 2026-03-01T06:00:00Z, customer: c, event: m, quantity: 4, properties: {tier: "2"}}
  - {at: 2026-03-01T06:00:00Z, customer: c, event: m, quantity: 1, properties: {region: ""}}
"""


@pytest.mark.parametrize("key", ["region", "tier"])
@pytest.mark.parametrize("size", ["hour", "day", "none"])
def test_metronome_16_groups_add_up_even_where_events_lack_the_property(
    tmp_path: Path, size: str, key: str
) -> None:
    sim = simulate_yaml(tmp_path, SOME_WITHOUT)
    metric = {"id": meter(sim, "m"), "group_by": {"key": key}}
    body = query(date(2026, 3, 1), date(2026, 3, 4), size, billable_metrics=[metric])
    found = rows(sim, body)
    for row in found:
        parts = [Decimal(part) for part in row["groups"].values()]
        assert (total(parts) if parts else None) == row["value"]
    expected = {"region": {"eu", "us", ""}, "tier": {"1", "2", ""}}
    assert {group for row in found for group in row["groups"]} == expected[key]


@settings(max_examples=20)
@given(
    start=st.dates(date(2025, 12, 1), date(2026, 3, 15)),
    days=st.integers(1, 5),
    size=st.sampled_from(["hour", "day", "none"]),
    by=st.sampled_from(
        [("api_calls", "region"), ("bandwidth", "region"), ("token_used", "model")]
        + [("token_used", "sub_org_id")]
    ),
)
def test_metronome_16_groups_of_a_summed_metric_add_up_to_its_value(
    start: date, days: int, size: str, by: tuple[str, str]
) -> None:
    sim = simulate()
    metric = {"id": meter(sim, by[0]), "group_by": {"key": by[1]}}
    span = query(start, start + timedelta(days), size, billable_metrics=[metric])
    for row in rows(sim, {**span, "customer_ids": [NORTHWIND, LARKSPUR]}):
        parts = [Decimal(part) for part in row["groups"].values()]
        assert (total(parts) if parts else None) == row["value"]
