"""What the journal has of a call's way: who was asked, who refused, and never a secret."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from metersim.contract.operation import Operation
from metersim.scenario import load_scenario
from metersim.simulation.call import Request
from metersim.simulation.exchange import Entry
from metersim.simulation.limits import Limit
from metersim.simulation.notes import Notes
from metersim.simulation.sessions import Session, Sessions
from metersim.simulation.transmission import Breakage, Transmission
from metersim.simulation.vendor import Vendor
from tests.simulation.parcels import JSON, REFUSAL, TOKEN, document, parcels

OPENING = load_scenario("docs-metronome").open()
READONLY = {**JSON, "authorization": "Bearer metersim-readonly"}
MATCHED = "is createParcel: POST /parcels"
ANOTHER_TYPE = "Expected content type application/json, found text/plain"
LET_IN = "let in by a credential with the scopes *, of customer acme"


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return parcels(tmp_path)


def session(**more: Any) -> Session:
    return Sessions(OPENING, **more).get("any")


def kept(vendor: Vendor, request: Request, **more: Any) -> Entry:
    asked = session(**more)
    asked.answer(vendor, request)
    (entry,) = asked.journal
    return entry


def posted(
    vendor: Vendor, body: bytes = b'{"weight": 1}', query: str = "", **headers: str
) -> Entry:
    return kept(vendor, Request("POST", "/parcels", query, headers or JSON, body))


def told(entry: Entry) -> list[str]:
    return [str(violation) for violation in entry.violations]


def test_a_call_that_passes_names_its_operation_and_each_who_let_it_pass(vendor: Vendor) -> None:
    entry = posted(vendor)
    assert (entry.vendor, entry.operation, entry.matched) == ("parcels", "createParcel", True)
    assert entry.trace == [MATCHED, LET_IN, "answered by the behaviour with 204"]
    assert (entry.violations, entry.fault) == ([], None)


@pytest.mark.parametrize(
    ("request_", "trace"),
    [
        (
            Request("GET", "/nowhere"),
            ["refused by the routes with 404: Unknown path: /nowhere"],
        ),
        (
            Request("PUT", "/parcels"),
            ["refused by the routes with 405: PUT is not allowed here; allowed: POST"],
        ),
        (
            Request("POST", "/parcels"),
            [MATCHED, "refused by the credentials with 401: Authentication required"],
        ),
        (
            Request("POST", "/parcels", "", READONLY),
            [
                MATCHED,
                "refused by the credentials with 403: Missing required scope: parcels:write",
            ],
        ),
        (
            Request("POST", "/parcels", "", {**TOKEN, "content-type": "text/plain"}, b"{}"),
            [
                MATCHED,
                LET_IN,
                f"refused by the contract with 415: {ANOTHER_TYPE}",
            ],
        ),
        (
            Request("POST", "/parcels", "", JSON, b"{}"),
            [MATCHED, LET_IN, "refused by the contract with 400"],
        ),
    ],
)
def test_who_refuses_is_named_with_the_reason(
    vendor: Vendor, request_: Request, trace: list[str]
) -> None:
    assert kept(vendor, request_).trace == trace


def test_what_departs_from_the_contract_is_listed(vendor: Vendor) -> None:
    assert told(posted(vendor, b'{"weight": "x"}', "dryRun=maybe")) == [
        'query.dryRun: expected boolean, found "maybe"',
        'body.weight: expected number, found "x"',
    ]
    (unread,) = posted(vendor, b"{").violations
    assert (unread.where, "expected JSON" in unread.message) == ("body", True)


def test_what_is_let_pass_is_listed_too(tmp_path: Path) -> None:
    loose = document()
    operation = loose["paths"]["/parcels"]["post"]
    operation.pop("x-strict-query", None)
    operation["parameters"][0]["deprecated"] = True
    vendor = parcels(tmp_path, document=loose)
    entry = posted(vendor, b'{"weight": 1, "colour": "red"}', "dryRun=true&colour=red&colour=red")
    assert entry.response is not None
    assert entry.response.status == 204
    assert told(entry) == [
        "query.dryRun: is deprecated",
        "query.colour: is not known, and let pass",
        "body.colour: is not known, and let pass",
    ]


@pytest.mark.parametrize("more", [{"additionalProperties": True}, {"allOf": [{"type": "object"}]}])
def test_a_key_that_the_document_leaves_room_for_is_not_called_unknown(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    roomy = document()
    roomy["components"]["schemas"]["Parcel"] |= more
    assert told(posted(parcels(tmp_path, document=roomy), b'{"weight": 1, "colour": "red"}')) == []


def test_a_limit_that_refuses_is_named(tmp_path: Path) -> None:
    spoken = document()
    spoken["paths"]["/parcels/{id}"]["get"]["responses"]["429"] = REFUSAL
    once = Limit(1, timedelta(minutes=1), by=lambda path, request: "all", applies=_gets)
    vendor, asked = parcels(tmp_path, document=spoken, limits=[once]), session(vendor_limits=True)
    for _ in range(2):
        asked.answer(vendor, Request("GET", "/parcels/7", "", TOKEN))
    *_, entry = asked.journal
    assert entry.trace == [
        "is getParcel: GET /parcels/{id}",
        "refused by the rate limits with 429: Too many requests; try again in 60 s",
    ]


def _gets(operation: Operation) -> bool:
    return operation.method == "GET"


def test_what_faults_did_to_the_answer_is_noted() -> None:
    notes = Notes()
    notes.disturbed(Transmission())
    assert (notes.fault, notes.trace) == (None, [])
    notes.disturbed(Transmission(20, 2, 10, Breakage.TRUNCATED_BODY, faults=("slow", "cut")))
    assert (notes.fault, notes.delay) == ("slow, cut", timedelta(milliseconds=30))
    assert notes.trace == [
        "disturbed by fault slow",
        "disturbed by fault cut",
        "sent as TRUNCATED_BODY",
    ]


def test_a_defect_of_ours_is_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(call: Any, world: Any) -> Any:
        raise KeyError("weight")

    vendor = parcels(tmp_path, {"getParcel": broken})
    entry = kept(vendor, Request("GET", "/parcels/7", "", TOKEN))
    assert entry.trace[-1] == "metersim defect: KeyError('weight')"
    assert len(caplog.records) == 1


def test_the_answer_is_kept_as_it_goes_over_the_wire(vendor: Vendor) -> None:
    asked = session()
    call_id, _ = asked.answer(vendor, Request("GET", "/parcels/7", "", TOKEN))
    (entry,) = asked.journal
    assert entry.response is not None
    assert entry.response.body.text == '{"weight":1.50,"id":"7"}'
    assert entry.response.headers == {
        "x-metersim-request-id": call_id,
        "content-type": "application/json",
    }
    assert (entry.id, entry.at, entry.session) == (call_id, OPENING.now, "any")


def test_a_reset_forgets_what_was_asked(vendor: Vendor) -> None:
    asked = session()
    asked.answer(vendor, Request("GET", "/parcels/7", "", TOKEN))
    asked.reset()
    assert len(asked.journal) == 0
