"""The steps that every call takes, and in which order."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metersim.simulation.call import Call, Reply, Request
from metersim.simulation.pipeline import answer
from metersim.simulation.problems import Problem, conflict, invalid
from metersim.simulation.vendor import Vendor
from metersim.world.world import World
from tests.simulation.parcels import JSON, TOKEN, document, get, parcels, post, world

NOSCOPE = {**JSON, "authorization": "Bearer metersim-noscope"}
NOBODY = {"content-type": "application/json"}
SOUND = b'{"weight": 1.5}'


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return parcels(tmp_path)


def seen(tmp_path: Path, body: bytes, query: str = "") -> Call:
    """The call that behaviour gets for a body."""
    calls: list[Call] = []

    def keep(call: Call, world: World) -> Reply:
        calls.append(call)
        return Reply(None, 204)

    reply = post(parcels(tmp_path, {"createParcel": keep}), body, query)
    assert reply.status == 204, reply.body
    return calls[0]


def test_a_call_that_passes_is_answered_by_its_behaviour(vendor: Vendor) -> None:
    reply = get(vendor)
    assert (reply.status, reply.body) == (200, {"weight": Decimal("1.50"), "id": "7"})
    assert post(vendor, SOUND) == Reply(None, 204)


def test_behaviour_is_given_decoded_values(tmp_path: Path) -> None:
    call = seen(tmp_path, b'{"weight": 0.10, "note": "\\u00e9"}', "dryRun=true")
    assert call.operation.id == "createParcel"
    assert call.body == {"weight": Decimal("0.10"), "note": "é"}
    assert str(call.body["weight"]) == "0.10"
    assert call.query == {"dryRun": True}
    assert (call.path, call.id) == ({}, "call-1")
    assert call.credential is not None
    assert call.credential.token == "metersim-token"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        # An unknown path, then an unknown method, whoever asks.
        ("BREW", "/nowhere", NOBODY, b"{", 404),
        ("BREW", "/parcels", NOBODY, b"{", 405),
        # Who it is and whether they may, before a word of what they say is read.
        ("POST", "/parcels", NOBODY, b"{", 401),
        ("POST", "/parcels", NOSCOPE, b"{", 403),
        ("POST", "/parcels", NOSCOPE, None, 403),
        # Then the size, the type, the form and the contents of the body.
        ("POST", "/parcels", {**TOKEN, "content-type": "text/plain"}, None, 413),
        ("POST", "/parcels", {**TOKEN, "content-type": "text/plain"}, b"{", 415),
        ("POST", "/parcels", JSON, b"{", 400),
        ("POST", "/parcels", JSON, b"{}", 400),
        ("POST", "/parcels", JSON, SOUND, 204),
    ],
)
def test_the_first_thing_that_is_wrong_is_what_is_answered(
    vendor: Vendor, method: str, path: str, headers: Any, body: bytes | None, status: int
) -> None:
    reply = answer(vendor, Request(method, path, "", headers, body), world(), "call-1")
    assert reply.status == status


def test_an_unknown_path_is_404_and_says_it(vendor: Vendor) -> None:
    assert get(vendor, "/parcels/7/lid").body["error"] == "Unknown path: /parcels/7/lid"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "post", ""])
def test_another_method_is_405_and_says_which_are_allowed(vendor: Vendor, method: str) -> None:
    reply = answer(vendor, Request(method, "/parcels"), world(), "call-1")
    assert (reply.status, reply.headers) == (405, {"Allow": "POST"})
    assert "allowed: POST" in reply.body["error"]


def test_a_refusal_is_put_in_the_vendors_words_with_fields_and_id(vendor: Vendor) -> None:
    assert post(vendor, b"{}").body == {
        "error": "weight: is required",
        "fields": {"weight": "is required"},
        "call": "call-1",
    }


def test_every_field_that_is_wrong_is_named(vendor: Vendor) -> None:
    body = post(vendor, b'{"weight": "x"}', "dryRun=maybe&colour=red").body
    assert set(body["fields"]) == {"weight", "dryRun", "colour"}
    assert all(f"{field}: " in body["error"] for field in body["fields"])


@pytest.mark.parametrize(
    "headers",
    [
        TOKEN,
        {**TOKEN, "content-type": ""},
        {**TOKEN, "content-type": "application/json; charset=utf-8"},
        {**TOKEN, "content-type": "Application/JSON"},
    ],
)
def test_json_by_its_content_type_or_without_one_is_taken(vendor: Vendor, headers: Any) -> None:
    assert post(vendor, SOUND, headers=headers).status == 204


@pytest.mark.parametrize(
    "given", ["text/plain", "application/x-www-form-urlencoded", "application/jsonl", "json"]
)
def test_another_content_type_is_415_and_says_what_is_expected(vendor: Vendor, given: str) -> None:
    reply = post(vendor, SOUND, headers={**TOKEN, "content-type": given})
    assert reply.status == 415
    assert reply.body["error"] == f"Expected content type application/json, found {given}"


def test_a_body_that_is_packed_is_415_and_the_packing_is_named(vendor: Vendor) -> None:
    reply = post(vendor, b"\x1f\x8b", headers={**JSON, "content-encoding": "gzip"})
    assert (reply.status, reply.headers) == (415, {"Accept-Encoding": "identity"})
    assert reply.body["error"] == "Expected a body without content encoding, found gzip"
    assert post(vendor, SOUND, headers={**JSON, "content-encoding": "identity"}).status == 204


def test_a_body_over_the_limit_is_413(vendor: Vendor) -> None:
    assert post(vendor, None).status == 413


def test_a_body_that_nothing_asks_for_is_passed_over(vendor: Vendor) -> None:
    for body in (b"{", b"\xff", None):
        request = Request("GET", "/parcels/7", "", {**TOKEN, "content-type": "x/y"}, body)
        assert answer(vendor, request, world(), "call-1").status == 200


@pytest.mark.parametrize(
    "query",
    ["dryRun=%FF", "dryRun=%ED%A0%80", "%FF=1", "dryRun=true&x=%C3", "&".join(["a=1"] * 1_001)],
)
def test_a_query_that_cannot_be_read_is_400(vendor: Vendor, query: str) -> None:
    reply = post(vendor, SOUND, query)
    assert reply.status == 400
    assert reply.body["error"].startswith("query: cannot be read")


@pytest.mark.parametrize("query", ["dryRun=", "dryRun", "dryRun=%zz", "dryRun=true;dryRun=false"])
def test_a_query_with_a_wrong_value_is_400(vendor: Vendor, query: str) -> None:
    assert post(vendor, SOUND, query).body["fields"].keys() == {"dryRun"}


def test_a_query_parameter_given_twice_is_400(vendor: Vendor) -> None:
    reply = post(vendor, SOUND, "dryRun=true&dryRun=true")
    assert reply.body["fields"] == {"dryRun": "expected once, found 2 times"}


def test_a_path_that_cannot_be_read_is_404(vendor: Vendor) -> None:
    assert get(vendor, "/parcels/%FF").status == 404
    assert get(vendor, "/parcels/").status == 404


def test_an_encoded_slash_stays_in_its_segment(vendor: Vendor) -> None:
    assert get(vendor, "/parcels/a%2Fb").body["id"] == "a/b"


def raising(error: Exception) -> Any:
    def behave(call: Call, world: World) -> Reply:
        raise error

    return behave


def test_a_problem_that_behaviour_raises_is_its_answer(tmp_path: Path) -> None:
    refusing = parcels(tmp_path, {"getParcel": raising(invalid("id", "is gone"))})
    reply = get(refusing)
    assert (reply.status, reply.body["error"]) == (400, "id: is gone")


DEFECTS: list[tuple[str, Any, str]] = [
    ("raises", raising(KeyError("weight")), "KeyError('weight')"),
    ("recurses", raising(RecursionError("too deep")), "RecursionError"),
    ("answers another form", lambda call, world: Reply({"weight": "1"}), "body.weight: expected"),
    ("answers a float", lambda call, world: Reply({"weight": 0.1}), "a float in the reply"),
    ("answers another status", lambda call, world: Reply({"weight": 1}, 201), "201 is not docu"),
    ("answers another type", lambda call, world: Reply("1", media_type="text/csv"), "content-type"),
    ("answers no JSON", lambda call, world: Reply(object()), "Unsupported type"),
    ("answers nothing", lambda call, world: None, "AttributeError"),
    ("refuses as nobody documented", raising(conflict("taken")), "409 is not documented"),
]


@pytest.mark.parametrize(("what", "behave", "said"), DEFECTS, ids=[row[0] for row in DEFECTS])
def test_a_defect_of_ours_is_500_in_plain_words_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str, behave: Any, said: str
) -> None:
    with caplog.at_level(logging.ERROR, "metersim"):
        reply = get(parcels(tmp_path, {"getParcel": behave}))
    assert reply.status == 500
    assert reply.body["error"].startswith("metersim defect: ")
    assert said in reply.body["error"]
    assert reply.body["call"] == "call-1"
    (record,) = caplog.records
    assert record.getMessage() == "defect in parcels: GET /parcels/7"
    assert record.exc_info is not None


def test_a_refusal_in_another_form_than_the_documents_is_a_defect(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mute = parcels(tmp_path, problem_body=lambda problem, call_id: {"message": problem.detail})
    reply = post(mute, b"{}")
    assert reply.status == 500
    assert "createParcel: body.error: is required" in reply.body["message"]
    assert len(caplog.records) == 1
    # Where there is no operation, no document says anything of the form.
    assert get(mute, "/nowhere").status == 404


def test_a_header_that_the_document_does_not_allow_is_a_defect(tmp_path: Path) -> None:
    page = {"schema": {"type": "integer", "minimum": 1}, "x-basis": "assumed"}
    spoken = document()
    spoken["components"]["responses"]["Parcel"]["headers"] = {"X-Page": page}

    def paged(call: Call, world: World) -> Reply:
        return Reply({"weight": 1}, headers={"X-Page": call.path["id"]})

    vendor = parcels(tmp_path, {"getParcel": paged}, document=spoken)
    assert get(vendor, "/parcels/1").status == 200
    reply = get(vendor, "/parcels/0")
    assert (reply.status, "header.X-Page: expected at least 1" in reply.body["error"]) == (
        500,
        True,
    )


def test_words_that_fail_do_not_hide_the_defect(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def speechless(problem: Problem, call_id: str) -> Any:
        raise LookupError(problem.detail)

    reply = get(parcels(tmp_path, problem_body=speechless), "/nowhere")
    assert reply.status == 500
    assert reply.body == {"error": "metersim defect: LookupError('Unknown path: /nowhere')"}
    assert len(caplog.records) == 1


def test_an_operation_that_is_not_simulated_is_501_with_the_reason(tmp_path: Path) -> None:
    declared = parcels(tmp_path)
    behaviours = {"getParcel": declared.behaviours["getParcel"]}
    vendor = replace(
        declared, behaviours=behaviours, not_simulated={"createParcel": "nobody sends parcels"}
    )
    reply = post(vendor, SOUND)
    assert reply.status == 501
    assert reply.body["error"] == "createParcel is not simulated: nobody sends parcels"
    # It is held to its contract all the same.
    assert post(vendor, b"{}").status == 400
    assert post(vendor, SOUND, headers=NOBODY).status == 401


def test_a_public_operation_takes_anyone(tmp_path: Path) -> None:
    public = document(security=[{"bearer": ["parcels:read"]}, {}])
    vendor = parcels(tmp_path, document=public)
    assert get(vendor, accept="*/*").status == 200
    assert get(vendor, authorization="Bearer nobodys-token").status == 401
