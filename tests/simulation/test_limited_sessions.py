"""Rate limits in a session: switched on and off, counted on its clock, in the vendor's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from metersim.scenario import load_scenario
from metersim.simulation.call import Reply, Request
from metersim.simulation.limits import Limit
from metersim.simulation.sessions import Session, Sessions
from metersim.simulation.vendor import Vendor
from metersim.world.changes import ClockSet
from metersim.world.clock import Machine
from tests.simulation.parcels import JSON, REFUSAL, TOKEN, document, parcels
from tests.world.machine import MachineByHand

OPENING = load_scenario("docs-metronome").open()
SECOND = timedelta(seconds=1)
ASK = Request("GET", "/parcels/7", "", TOKEN)
TWO_A_MINUTE = Limit(2, 60 * SECOND, by=lambda path, request: request.client)


def limited(folder: Path, limit: Limit = TWO_A_MINUTE) -> Vendor:
    """The vendor whose every operation is limited."""
    spoken = document()
    for path, method in (("/parcels/{id}", "get"), ("/parcels", "post")):
        spoken["paths"][path][method]["responses"]["429"] = REFUSAL
    return parcels(folder, document=spoken, limits=[limit])


def ask(session: Session, vendor: Vendor, request: Request = ASK) -> Reply:
    return session.answer(vendor, request)[1]


def served(session: Session, vendor: Vendor, calls: int = 3) -> int:
    """How many of so many calls are."""
    return sum(ask(session, vendor).status == 200 for _ in range(calls))


def on() -> Session:
    return Sessions(OPENING, vendor_limits=True).get("any")


def never() -> NoReturn:
    raise AssertionError("the machine was asked for its time")


def test_a_refusal_is_in_the_vendors_words_and_says_when_to_come_back(tmp_path: Path) -> None:
    session, vendor = on(), limited(tmp_path)
    assert served(session, vendor, 2) == 2
    session.world.apply(ClockSet(OPENING.now + 17 * SECOND))
    reply = ask(session, vendor)
    assert (reply.status, reply.headers) == (429, {"Retry-After": "43"})
    assert reply.body["error"] == "Too many requests; try again in 43 s"
    assert reply.body["call"]


@pytest.mark.parametrize(
    ("made", "counts"),
    [
        (Request("GET", "/nowhere"), False),
        (Request("PUT", "/parcels"), False),
        (Request("POST", "/parcels", "", {}, b"{"), True),
        (Request("POST", "/parcels", "", JSON, b"{"), True),
        (Request("POST", "/parcels", "", JSON, b'{"weight": 1}'), True),
    ],
)
def test_what_reaches_an_operation_counts_whatever_comes_of_it_and_whoever_calls(
    tmp_path: Path, made: Request, counts: bool
) -> None:
    session, vendor = on(), limited(tmp_path)
    statuses = [ask(session, vendor, made).status for _ in range(4)]
    assert (429 in statuses[:2], statuses[2:] == [429, 429]) == (False, counts)


def test_refused_calls_do_not_count(tmp_path: Path) -> None:
    session, vendor = on(), limited(tmp_path)
    assert served(session, vendor, 9) == 2
    session.world.apply(ClockSet(OPENING.now + 60 * SECOND))
    assert served(session, vendor, 9) == 2


def test_time_is_the_worlds_and_a_standing_clock_asks_no_machine(tmp_path: Path) -> None:
    sessions = Sessions(OPENING, Machine(never, never), vendor_limits=True)
    assert served(sessions.get("any"), limited(tmp_path)) == 2


def test_as_the_clock_ticks_windows_pass(tmp_path: Path) -> None:
    hand, vendor = MachineByHand(), limited(tmp_path)
    sessions = Sessions(OPENING, hand.machine, vendor_limits=True)
    sessions.get("any").world.apply(ClockSet(OPENING.now, rate=OPENING.rate + 60))
    assert served(sessions.get("any"), vendor) == 2
    hand.passes(SECOND)
    assert served(sessions.get("any"), vendor) == 2


def test_limits_that_are_off_are_not_even_looked_at(tmp_path: Path) -> None:
    def unasked(path: Mapping[str, str], request: Request) -> str:
        raise AssertionError("asked what to count by")

    vendor = limited(tmp_path, Limit(1, SECOND, by=unasked))
    assert served(Sessions(OPENING).get("any"), vendor) == 3


def test_world_03_a_limit_that_is_reached_in_one_session_is_not_in_another(tmp_path: Path) -> None:
    sessions, vendor = Sessions(OPENING, vendor_limits=True), limited(tmp_path)
    assert served(sessions.get("one"), vendor) == 2
    assert served(sessions.get("other"), vendor) == 2
    sessions.get("other").vendor_limits = False
    assert served(sessions.get("one"), vendor) == 0


def test_limits_count_from_when_they_are_switched_on(tmp_path: Path) -> None:
    session, vendor = Sessions(OPENING).get("any"), limited(tmp_path)
    assert served(session, vendor) == 3
    session.vendor_limits = True
    assert served(session, vendor) == 2
    session.vendor_limits = True
    assert served(session, vendor) == 0
    session.vendor_limits = False
    assert served(session, vendor) == 3


@pytest.mark.parametrize("opened_with", [True, False])
def test_a_reset_forgets_what_was_counted_and_switched(tmp_path: Path, opened_with: bool) -> None:
    session = Sessions(OPENING, vendor_limits=opened_with).get("any")
    vendor = limited(tmp_path)
    served(session, vendor)
    session.vendor_limits = not opened_with
    session.reset()
    assert session.vendor_limits is opened_with
    assert served(session, vendor) == (2 if opened_with else 3)
