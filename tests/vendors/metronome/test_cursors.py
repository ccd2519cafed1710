"""A cursor is good for the query it came from, and whatever else comes in its place is refused."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.simulation.call import Request
from metersim.simulation.paging import write_cursor
from metersim.world.identifiers import Identifiers
from tests.vendors.metronome.asking import (
    LARKSPUR,
    TWO_DAYS,
    ask,
    assert_refused,
    pages,
    query,
    simulate_yaml,
)
from tests.wire import Simulated, simulate

HOURS = query(date(2026, 2, 1), date(2026, 3, 1), "hour", customer_ids=[LARKSPUR])


def first_cursor(sim: Simulated, body: object = HOURS) -> str:
    return str(ask(sim, body).data["next_page"])


def test_metronome_08_a_page_can_be_asked_for_again() -> None:
    sim = simulate()
    cursor = first_cursor(sim)
    assert ask(sim, HOURS, cursor).text == ask(sim, HOURS, cursor).text
    # A cursor holds for every session of a scenario and seed: nothing of it is kept.
    assert ask(simulate(), HOURS, cursor).text == ask(sim, HOURS, cursor).text


def test_metronome_08_a_cursor_goes_into_a_url_as_it_is() -> None:
    assert set(first_cursor(simulate())) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
    )


def test_metronome_11_the_order_of_keys_makes_no_other_body() -> None:
    sim = simulate()
    turned = dict(reversed(HOURS.items()))
    assert list(turned) != list(HOURS)
    assert ask(sim, turned, first_cursor(sim)).status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"window_size": "day"},
        {"window_size": "HOUR"},
        {"ending_before": "2026-03-02T00:00:00Z"},
        {"starting_on": "2026-02-01T00:00:00.000Z"},
        {"customer_ids": [LARKSPUR, LARKSPUR]},
        {"billable_metrics": []},
        {"something": "else"},
    ],
)
def test_metronome_11_a_cursor_with_another_body_is_refused(change: dict[str, object]) -> None:
    sim = simulate()
    assert_refused(ask(sim, HOURS | change, first_cursor(sim)), "next_page: the cursor")


def test_metronome_11_a_cursor_of_another_seed_is_refused() -> None:
    cursor = first_cursor(simulate(seed=2))
    assert_refused(ask(simulate(seed=1), HOURS, cursor), "next_page: the cursor")


TWO_METRICS = """
clock: 2026-03-01
meters:
  first: {id: 11111111-1111-4111-8111-111111111111}
  second: {id: 22222222-2222-4222-8222-222222222222}
customers: {c: {id: d7abd0cd-4ae9-4db7-8676-e986a4ebd8dc}}
"""


@pytest.mark.parametrize(("gone", "left"), [("first", 28 * 24 - 472), ("second", 0)])
def test_metronome_11_a_pair_that_is_gone_is_passed_over_to_the_start_of_the_next(
    tmp_path: Path, gone: str, left: int
) -> None:
    sim = simulate_yaml(tmp_path, TWO_METRICS)
    walked = list(pages(sim, HOURS))
    cursor = walked[0 if gone == "first" else -2]["next_page"]
    # The same seed, so that the signature holds.
    lines = [line for line in TWO_METRICS.splitlines() if f"  {gone}:" not in line]
    (tmp_path / "later").mkdir()
    found = ask(simulate_yaml(tmp_path / "later", "\n".join(lines)), HOURS, cursor).data
    assert len(found["data"]) == left
    if left:
        assert found["data"][0]["start_timestamp"] == "2026-02-01T00:00:00Z"


@settings(max_examples=50)
@given(
    position=st.recursive(
        st.none() | st.booleans() | st.integers(0) | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=6,
    )
)
def test_metronome_11_not_even_a_signed_position_of_another_shape_is_a_defect(
    position: object,
) -> None:
    signed = write_cursor(position, ["listUsage", HOURS], Identifiers(1))
    assert_refused(ask(simulate(seed=1), HOURS, signed), "next_page: the cursor")


@pytest.mark.parametrize(
    "cursor",
    ["", " ", "x", "====", "null", "é", "%00", "AAAA", "a" * 10_000, "MTIzNDU2Nzg5MDEyWyIiLDBd"],
)
def test_metronome_11_a_made_up_cursor_is_refused(cursor: str) -> None:
    assert_refused(ask(simulate(), HOURS, cursor), "next_page: ")
    assert_refused(ask(simulate(), TWO_DAYS, cursor), "next_page: ")


@settings(max_examples=25)
@given(data=st.data())
def test_metronome_11_a_forged_or_cut_cursor_is_refused(data: st.DataObject) -> None:
    sim = simulate()
    cursor = first_cursor(sim)
    place = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda each: each != cursor[place]))
    forged = data.draw(
        st.sampled_from(
            [
                cursor[:place],
                cursor[place + 1 :],
                cursor[:place] + other + cursor[place + 1 :],
                cursor[:place] + other + cursor[place:],
                cursor + cursor,
            ]
        )
    )
    assert_refused(ask(sim, HOURS, forged), "next_page: ")


@settings(max_examples=25)
@given(payload=st.binary(max_size=60))
def test_metronome_11_a_payload_under_a_stolen_signature_is_refused(payload: bytes) -> None:
    sim = simulate()
    signature = base64.urlsafe_b64decode(first_cursor(sim))[:12]
    forged = base64.urlsafe_b64encode(signature + payload).decode()
    assert_refused(ask(sim, HOURS, forged), "next_page: the cursor")


def test_metronome_11_a_cursor_given_twice_is_refused() -> None:
    sim = simulate()
    twice = f"next_page={first_cursor(sim)}&" * 2
    headers = {"authorization": "Bearer metersim-token"}
    request = Request("POST", "/metronome/v1/usage", twice, headers, json.dumps(HOURS).encode())
    assert_refused(sim.send(request), "next_page: expected once, found 2 times")
