"""What faults have a vendor say: its own words, and nothing that its contract does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from metersim.errors import ControlError
from metersim.simulation.call import Request
from metersim.simulation.faults import FaultPlan
from metersim.simulation.pipeline import answer
from tests.simulation.parcels import JSON, parcels, world
from tests.simulation.trouble import CALLS, VENDORS, called, plan, record
from tests.wire import simulate

pytestmark = pytest.mark.inside

DOCUMENTED = [
    (vendor.name, operation.id, status)
    for vendor in VENDORS.values()
    for operation in vendor.contract.operations.values()
    for status in operation.responses
    if status >= 400
]


@pytest.mark.parametrize(("vendor", "operation", "status"), DOCUMENTED)
def test_every_documented_refusal_can_be_had(vendor: str, operation: str, status: int) -> None:
    (tally,) = plan({"vendor": vendor, "operation": operation, "problem": {"status": status}})
    assert tally.rule.operations == {(vendor, operation)}


@pytest.mark.parametrize(
    ("vendor", "status", "body"),
    [
        ("metronome", 500, {"message": "on fire"}),
        ("monk", 500, {"error": {"message": "on fire", "code": "INTERNAL_ERROR"}}),
        (
            "saas",
            403,
            {"success": False, "error": {"code": "FORBIDDEN", "message": "on fire"}},
        ),
    ],
)
def test_a_refusal_is_in_the_vendors_own_shape(vendor: str, status: int, body: Any) -> None:
    faults = plan({"vendor": vendor, "problem": {"status": status, "message": "on fire"}})
    reply = called(faults, world(), vendor)
    assert (reply.status, reply.body) == (status, body)


@pytest.mark.parametrize("vendor", CALLS)
def test_a_429_says_how_long_to_wait(vendor: str) -> None:
    for given, expected in (({"retryAfter": 7}, "7"), ({}, "1")):
        faults = plan({"vendor": vendor, "problem": {"status": 429, **given}})
        reply = called(faults, world(), vendor)
        assert (reply.status, reply.headers["Retry-After"]) == (429, expected)
        if vendor == "mudbase":
            assert reply.body["retryAfter"] == int(expected)


def test_a_wait_that_the_document_does_not_allow_is_refused() -> None:
    rule = {"vendor": "metronome", "problem": {"status": 429, "retryAfter": 0}}
    with pytest.raises(ControlError, match="header.Retry-After: expected at least 1, found 0"):
        plan(rule)
    assert called(plan({**rule, "vendor": "saas"}), world(), "saas").headers["Retry-After"] == "0"


def test_a_code_takes_the_place_of_the_vendors_own() -> None:
    faults = plan({"problem": {"status": 500, "code": "OVERHEATED"}})
    codes = {
        vendor: (body.get("error") if isinstance(body.get("error"), dict) else body).get("code")
        for vendor in CALLS
        for body in [called(faults, world(), vendor).body]
    }
    assert codes == {**dict.fromkeys(CALLS, "OVERHEATED"), "metronome": None}


def test_a_refusal_comes_before_anyone_is_asked_who_they_are() -> None:
    faults = plan({"problem": {"status": 500}})
    assert called(faults, world(), headers={}).status == 500
    sim = simulate(vendor_limits=True)
    sim.faults.add(problem={"status": 500}, times=100)
    for _ in range(100):  # and before they are counted
        assert sim.caller("metronome").post("/v1/usage").status == 500
    assert sim.caller("metronome").post("/v1/usage").status == 400


def test_without_an_operation_a_rule_is_about_those_that_may_answer_so() -> None:
    (tally,) = plan({"problem": {"status": 503}})
    assert tally.rule.operations == {("mudbase", "recordUsage")}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"vendor": "metronom"}, "no vendor 'metronom'; did you mean 'metronome'?"),
        ({"operation": "listUsag"}, "no operation 'listUsag'; did you mean 'listUsage'?"),
        (
            {"vendor": "monk", "operation": "listUsage"},
            "no operation 'listUsage'; did you mean 'getUsageCost'?",
        ),
        (
            {"operation": "listUsage", "problem": {"status": 503}},
            "problem: metronome listUsage: 503 is not documented; did you mean '500'?",
        ),
        ({"vendor": "monk", "problem": {"status": 409}}, "409 is not documented; did you mean"),
        ({"problem": {"status": 499}}, "499 is no status of HTTP; did you mean"),
        (
            {"vendor": "metronome", "problem": {"status": 500, "code": "X"}},
            "told apart by no code but their own, so not by 'X'",
        ),
        ({"request": {"urlPth": "/"}}, "'urlPth' is not known here; did you mean 'urlPath'?"),
        ({"problem": None, "defect": {"loop": False}}, "defect.loop: expected true"),
        (
            {
                "problem": None,
                "delay": {"delayDistribution": {"type": "uniform", "lower": 2, "upper": 1}},
            },
            "delayDistribution.upper: expected at least 2, found 1",
        ),
    ],
)
def test_a_rule_that_could_never_strike_is_refused(rule: dict[str, Any], message: str) -> None:
    given = {"problem": {"status": 500}, **rule}
    faults = FaultPlan()
    with pytest.raises(ControlError) as refused:
        faults.add({key: each for key, each in given.items() if each}, VENDORS, world())
    assert message in str(refused.value)
    assert list(faults) == []


def test_a_vendor_may_do_the_work_and_say_otherwise() -> None:
    sim = simulate("docs-mudbase")
    sim.faults.add(problem={"status": 503, "after_work": True}, times=1)
    assert (record(sim).status, len(sim.state["events"])) == (503, 1)
    assert (record(sim).status, len(sim.state["events"])) == (200, 2)


def test_work_that_was_refused_anyway_is_not_denied() -> None:
    sim = simulate("docs-mudbase")
    sim.faults.add(problem={"status": 503, "after_work": True})
    assert sim.caller("mudbase", "metersim-readonly").post(CALLS["mudbase"][1], {}).status == 403
    assert [(row["matched"], row["hits"]) for row in sim.faults.list()] == [(1, 0)]


def test_a_body_that_is_not_there_cannot_be_cut(tmp_path: Path) -> None:
    vendor, faults, there = parcels(tmp_path), FaultPlan(), world()
    for fault in ("TRUNCATED_BODY", "MALFORMED_RESPONSE_CHUNK", "ANSWER_LOST"):
        faults.add({"id": fault, "fault": fault}, {"parcels": vendor}, there)
    request = Request("POST", "/parcels", "", JSON, b'{"weight": 1}')
    reply = answer(vendor, request, there, "call-1", faults=faults)
    assert (reply.status, reply.transmission.faults) == (204, ("ANSWER_LOST",))


@pytest.mark.parametrize(
    ("fault", "recorded"),
    [
        ("CONNECTION_RESET_BY_PEER", 0),
        ("EMPTY_RESPONSE", 0),
        ("RANDOM_DATA_THEN_CLOSE", 0),
        ("MALFORMED_RESPONSE_CHUNK", 1),
        ("TRUNCATED_BODY", 1),
        ("ANSWER_LOST", 1),
    ],
)
def test_a_connection_breaks_before_the_work_or_after_it(fault: str, recorded: int) -> None:
    sim = simulate("docs-mudbase")
    sim.faults.add(fault=fault)
    with pytest.raises(httpx.TransportError):
        record(sim)
    assert len(sim.state["events"]) == recorded
    assert [row["hits"] for row in sim.faults.list()] == [1]
