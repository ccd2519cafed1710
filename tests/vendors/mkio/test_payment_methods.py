"""The payment methods of an organization, their terms and their prices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.mkio.calls import METHODS, changes
from tests.wire import Caller, simulate

IDS = ["pm-aws", "pm-azure", "pm-direct", "pm-trial"]


def page(mkio: Caller, **options: object) -> Any:
    answer = mkio.get(METHODS, {f"${name}": str(value) for name, value in options.items()})
    assert answer.status == 200, answer.text
    return answer.data


def ids(listed: Any) -> list[str]:
    return [each["metadata"]["id"] for each in listed["value"]]


def test_mkio_19_a_list_carries_its_pagination() -> None:
    listed = page(simulate().caller("mkio"))
    assert ids(listed) == IDS
    assert listed["supplemental"] == {
        "count": 4,
        "kind": "paymentMethod",
        "operation": "list",
        "pagination": {"start": 0, "end": 4, "records": 4, "total": 4},
    }
    assert listed["value"][1] == {
        "metadata": {"id": "pm-azure"},
        "spec": {
            "displayName": "Azure Marketplace",
            "kind": "azure_marketplace",
            "termsAccepted": True,
        },
    }


@settings(max_examples=25)
@given(st.integers(1, 100))
def test_mkio_19_top_and_skiptoken_walk_every_method_once(top: int) -> None:
    mkio = simulate().caller("mkio")
    walked: list[str] = []
    skip, total = 0, 1
    while skip < total:
        listed = page(mkio, top=top, skiptoken=skip)
        pagination = listed["supplemental"]["pagination"]
        assert pagination["start"] == skip
        assert pagination["end"] - skip == pagination["records"] == len(ids(listed)) <= top
        walked += ids(listed)
        skip, total = pagination["end"], pagination["total"]
    assert walked == IDS


@pytest.mark.parametrize("skip", [4, 5, 10**30])
def test_mkio_19_there_is_nothing_beyond_the_end(skip: int) -> None:
    listed = page(simulate().caller("mkio"), skiptoken=skip)
    assert listed["value"] == []
    assert listed["supplemental"]["pagination"] == {"start": 4, "end": 4, "records": 0, "total": 4}


def test_mkio_19_a_whole_number_may_be_written_with_a_point() -> None:
    assert ids(page(simulate().caller("mkio"), top="2.0", skiptoken="1.0")) == IDS[1:3]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("$top", "0"),
        ("$top", "101"),
        ("$top", "-1"),
        ("$top", "1.5"),
        ("$top", "ten"),
        ("$top", ""),
        ("$skiptoken", "-1"),
        ("$skiptoken", "abc"),
        ("$skiptoken", "0.5"),
    ],
)
def test_mkio_19_a_page_that_cannot_be_is_refused(name: str, text: str) -> None:
    answer = simulate().caller("mkio").get(METHODS, {name: text})
    assert answer.status == 400
    assert name in answer.data["error"]["extraDetail"]


def test_mkio_20_every_listed_method_can_be_read_and_has_a_price_per_meter() -> None:
    mkio = simulate().caller("mkio")
    for method in page(mkio)["value"]:
        method_id = method["metadata"]["id"]
        assert mkio.get(f"{METHODS}/{method_id}").data == method
        card = mkio.get(f"{METHODS}/{method_id}/rateCard").data
        assert card["metadata"] == {"paymentMethodId": method_id}
        meters = [rate["meter"] for rate in card["spec"]["rates"]]
        assert {"api_calls", "bandwidth", "cpu_hours"} < set(meters)
        assert meters == sorted(set(meters))


def test_mkio_20_a_rate_card_shows_all_but_archived_meters(tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    file.write_text("""
clock: 2026-01-01
meters:
  clips: {unit: minutes}
  paused: {status: inactive}
  retired: {status: archived}
  free: {}
rate_cards: {list: {currency: EUR, prices: {retired: 3, paused: 2.50, clips: 0.0100}}}
payment_methods: {card: {rate_card: list}}
""")
    answer = simulate(file).caller("mkio").get(f"{METHODS}/card/rateCard")
    assert answer.text == (
        '{"metadata":{"paymentMethodId":"card"},"spec":{"currency":"EUR","rates":['
        '{"meter":"clips","unit":"minutes","price":0.01},'
        '{"meter":"paused","unit":"units","price":2.5}]}}'
    )


@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", ""), ("GET", "/rateCard"), ("POST", "/acceptTermsAndConditions")],
)
def test_mkio_20_an_unknown_method_is_not_found(verb: str, path: str) -> None:
    simulator = simulate()
    answer = simulator.caller("mkio").send(verb, f"{METHODS}/nobody{path}")
    assert answer.status == 404
    assert "'nobody'" in answer.data["error"]["detail"]
    assert changes(simulator) == []


def test_terms_once_accepted_stay_accepted() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    assert mkio.get(f"{METHODS}/pm-trial").data["spec"]["termsAccepted"] is False
    accepted = [mkio.post(f"{METHODS}/pm-trial/acceptTermsAndConditions").data for _ in range(2)]
    assert accepted[0]["spec"]["termsAccepted"] is True
    assert accepted == [mkio.get(f"{METHODS}/pm-trial").data] * 2
    assert changes(simulator) == [{"change": "TermsAccepted", "payment_method": "pm-trial"}]
