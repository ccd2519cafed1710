"""One reply as its caller wants it, and only what the document has."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from metersim.simulation.call import Reply, Request
from metersim.simulation.pipeline import answer
from tests.contract.documents import ASSUMED
from tests.simulation.parcels import document, get, parcels, post, world
from tests.simulation.trouble import CALLS, TOKEN, VENDORS, usage
from tests.wire import simulate

pytestmark = pytest.mark.inside

STEERED = [
    (vendor.name, operation.id, status)
    for vendor in VENDORS.values()
    for operation in vendor.contract.operations.values()
    for status in operation.responses
]


def steered(vendor: str = "metronome", query: str = "", **headers: str) -> Reply:
    method, path = CALLS[vendor]
    return answer(VENDORS[vendor], Request(method, path, query, headers), world(), "call-1")


@pytest.mark.parametrize(("vendor", "operation", "status"), STEERED)
def test_every_documented_status_can_be_had(vendor: str, operation: str, status: int) -> None:
    asked = VENDORS[vendor].contract.operations[operation]
    path = asked.path.replace("{", "").replace("}", "")
    for request in (
        Request(asked.method, path, headers={"prefer": f"code={status}"}),
        Request(asked.method, path, query=f"__code={status}"),
    ):
        reply = answer(VENDORS[vendor], request, world(), "call-1")
        assert reply.status == status, reply.body
        assert asked.judge_reply(reply.status, reply.media_type, reply.body) == []


@pytest.mark.parametrize(
    "prefer",
    [
        "code=200, example=filtered",
        "example=filtered",
        'respond-async, code="200"; wait=10, Example="filtered"',
        "code=200 example=filtered",
        "dynamic=false, example = filtered",
    ],
)
def test_an_example_is_answered_as_it_is_printed(prefer: str) -> None:
    reply = steered(prefer=prefer)
    assert (reply.status, [row["value"] for row in reply.body["data"]]) == (200, [2468])


def test_an_example_of_another_status_or_media_type_brings_both_along() -> None:
    reply = steered("mudbase", "__example=restrictedOrganization")
    assert (reply.status, reply.body["code"]) == (503, "SERVICE_UNAVAILABLE")
    report = Request("POST", "/api/v1/organization/reports/usage", "__example=printedCsv")
    reply = answer(VENDORS["mkio"], report, world(), "call-1")
    assert (reply.status, reply.media_type.partition(";")[0]) == (200, "text/csv")


def test_a_code_is_worded_as_the_vendor_words_it() -> None:
    assert steered(prefer="code=500").body == {"message": "Internal Server Error"}
    assert steered(prefer="code=429").headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("__code=503", "code: listUsage never answers '503'; did you mean '500'?"),
        ("__code=abc", "code: listUsage never answers 'abc'; allowed: 200"),
        ("__code=", "code: listUsage never answers ''; allowed"),
        ("__example=printd", "listUsage prints no 'printd' there; did you mean 'printed'?"),
        ("__code=500&__example=printed", "listUsage prints no 'printed' there; allowed: failure"),
        ("__cod=500", "'__cod' is not known here; did you mean '__code'?"),
        ("__dynamic=true", "'__dynamic' is not known here; allowed: __code, __example"),
    ],
)
def test_what_the_document_has_nothing_for_is_refused_with_the_nearest(
    query: str, message: str
) -> None:
    reply = steered(query=query)
    assert (reply.status, reply.media_type) == (400, "application/problem+json")
    assert message in reply.body["detail"]
    assert {"type", "title", "status"} <= reply.body.keys()


def test_whoever_prefers_nothing_of_ours_is_answered_as_ever() -> None:
    sim = simulate("docs-metronome")
    plain = usage(sim)
    for prefer in ("", "wait=5", "return=minimal", "barcode=500", "my-code=500", "dynamic=true"):
        assert usage(sim, headers={"prefer": prefer}).text == plain.text


def test_a_steered_call_does_nothing() -> None:
    sim = simulate("docs-mudbase")
    body = {"email": "amari_koss69@northwind.dev", "metric": "storage_mb", "quantity": 1}
    mudbase = sim.caller("mudbase")
    assert mudbase.post(CALLS["mudbase"][1], body, {"__code": "200"}).status == 200
    assert sim.state["events"] == []


def test_a_problem_document_goes_out_as_json() -> None:
    reply = usage(simulate("docs-metronome"), query={"__code": "1"})
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.data["status"] == 400


def with_parameter(name: str) -> Any:
    found = document()
    rows = found["paths"]["/parcels"]["post"]["parameters"]
    rows.append({"name": name, "in": "query", **ASSUMED, "schema": {"type": "string"}})
    return found


def test_a_parameter_of_the_vendors_own_is_the_vendors(tmp_path: Any) -> None:
    vendor = parcels(tmp_path, document=with_parameter("__code"))
    assert post(vendor, b'{"weight": 1}', query="__code=400").status == 204
    assert post(vendor, b'{"weight": 1}', query=f"dryRun={quote('__code')}").status == 400


def test_a_status_without_body_is_had_and_one_without_an_example_is_not(tmp_path: Any) -> None:
    vendor = parcels(tmp_path)
    assert post(vendor, b"", query="__code=204").status == 204
    reply = get(vendor, query="__code=200", **TOKEN)
    assert (reply.status, reply.body["detail"]) == (400, "code: getParcel prints no example of 200")


def test_a_nameless_example_is_had_too(tmp_path: Any) -> None:
    shown = document()
    media = shown["components"]["responses"]["Parcel"]["content"]["application/json"]
    media["example"] = {"weight": 7}
    vendor = parcels(tmp_path, document=shown)
    assert get(vendor, query="__code=200").body == {"weight": 7}
    assert get(vendor, query="__example=example").body == {"weight": 7}
