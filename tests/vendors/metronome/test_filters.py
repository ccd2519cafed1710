"""Whose usage, of which metrics, and broken down by what."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.metronome.asking import (
    NORTHWIND,
    TWO_DAYS,
    ask,
    assert_refused,
    customer,
    meter,
    query,
    rows,
)
from tests.wire import Simulated, simulate

UNKNOWN = "00000000-0000-4000-8000-000000000000"
# What the document's format calls no uuid.
NO_UUIDS: list[object] = ["", "northwind", NORTHWIND[:-1], f"{NORTHWIND}0", f"{{{NORTHWIND}}}", 7]
NO_UUIDS += [None, NORTHWIND.replace("-", ""), f"urn:uuid:{NORTHWIND}", NORTHWIND.replace("5", "g")]


def ids(sim: Simulated, section: Literal["customers", "meters"]) -> list[str]:
    return [each["id"] for each in sim.state[section]]


def values(found: list[Any]) -> list[Any]:
    return [(row["start_timestamp"], row["customer_id"], row["value"]) for row in found]


@settings(max_examples=25)
@given(data=st.data())
def test_metronome_12_exactly_the_customers_asked_for_are_answered(data: st.DataObject) -> None:
    sim = simulate()
    known = ids(sim, "customers")
    asked = data.draw(st.lists(st.sampled_from([*known, UNKNOWN, known[0].upper()]), max_size=6))
    found = rows(sim, {**TWO_DAYS, "customer_ids": asked})
    assert {row["customer_id"] for row in found} == {each.lower() for each in asked} - {UNKNOWN}
    everyone = [row for row in rows(sim, TWO_DAYS) if row["customer_id"] in found_ids(found)]
    assert found == everyone


def found_ids(found: list[Any]) -> set[str]:
    return {row["customer_id"] for row in found}


def test_metronome_12_without_customer_ids_all_customers_are_answered_archived_ones_too() -> None:
    sim = simulate()
    assert found_ids(rows(sim, TWO_DAYS)) == set(ids(sim, "customers"))
    history = query(date(2025, 6, 1), date(2025, 6, 2), customer_ids=[customer(sim, "bluefin")])
    history["billable_metrics"] = [{"id": meter(sim, "api_calls")}]
    assert rows(sim, history)[0]["value"] > 0


@pytest.mark.parametrize("asked", [[], [UNKNOWN]])
def test_metronome_12_nobody_asked_for_is_no_row_and_no_failure(asked: list[str]) -> None:
    answer = ask(simulate(), {**TWO_DAYS, "customer_ids": asked})
    assert (answer.status, answer.text) == (200, '{"data":[],"next_page":null}')


@pytest.mark.parametrize("asked", NO_UUIDS)
def test_metronome_12_what_is_no_uuid_is_refused(asked: object) -> None:
    body = {**TWO_DAYS, "customer_ids": [NORTHWIND, asked]}
    assert_refused(ask(simulate(), body), "customer_ids.1: ")


@pytest.mark.parametrize("asked", [None, NORTHWIND, {}, 1])
def test_metronome_12_anything_but_a_list_is_refused(asked: object) -> None:
    assert_refused(ask(simulate(), {**TWO_DAYS, "customer_ids": asked}), "customer_ids: ")


@settings(max_examples=25)
@given(data=st.data())
def test_metronome_13_exactly_the_metrics_asked_for_are_answered(data: st.DataObject) -> None:
    sim = simulate()
    known = ids(sim, "meters")
    asked = data.draw(st.lists(st.sampled_from([*known, UNKNOWN, known[0].upper()]), max_size=6))
    found = rows(sim, {**TWO_DAYS, "billable_metrics": [{"id": each} for each in asked]})
    expected = {each.lower() for each in asked} - {UNKNOWN}
    assert {row["billable_metric_id"] for row in found} == expected
    assert len(found) == 4 * 2 * len(expected)  # customers × days × metrics, none of them twice


def test_metronome_13_without_billable_metrics_all_but_archived_ones_are_answered() -> None:
    sim = simulate()
    everything = {row["billable_metric_name"] for row in rows(sim, TWO_DAYS)}
    expected = {each["name"] for each in sim.state["meters"] if each["status"] != "archived"}
    assert everything == expected
    assert "Text messages (paused)" in everything


def test_metronome_13_an_archived_metric_is_answered_when_asked_for() -> None:
    sim = simulate()
    body = query(date(2025, 1, 1), date(2025, 1, 2), customer_ids=[NORTHWIND])
    (row,) = rows(sim, {**body, "billable_metrics": [{"id": meter(sim, "faxes")}]})
    assert (row["billable_metric_name"], row["value"]) == ("Faxes (retired)", 3)


@pytest.mark.parametrize("asked", [*NO_UUIDS, {}])
def test_metronome_13_a_metric_without_a_uuid_is_refused(asked: object) -> None:
    metric = asked if isinstance(asked, dict) else {"id": asked}
    body = {**TWO_DAYS, "billable_metrics": [metric]}
    assert_refused(ask(simulate(), body), "billable_metrics.0.id: ")
