"""Who is let in, and the one shape of every refusal."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest

from metersim.simulation.call import Request
from metersim.simulation.problems import Problem
from metersim.vendors.mkio import VENDOR
from metersim.vendors.mkio.problems import problem_body
from tests.vendors.mkio.calls import METHODS, REPORT, changes, project
from tests.wire import Answer, Caller, simulate

JANUARY = {"startDate": "2026-01-01", "endDate": "2026-02-01"}
OPERATIONS: dict[str, tuple[str, str, object]] = {
    "getProjectUsage": ("GET", project("my-project", "usage"), None),
    "createUsageReport": ("POST", REPORT, JANUARY),
    "listPaymentMethods": ("GET", METHODS, None),
    "getPaymentMethod": ("GET", f"{METHODS}/pm-aws", None),
    "getRateCard": ("GET", f"{METHODS}/pm-aws/rateCard", None),
    "acceptTermsAndConditions": ("POST", f"{METHODS}/pm-trial/acceptTermsAndConditions", None),
    "getProjectPaymentMethod": ("GET", project("my-project", "paymentMethod"), None),
    "replaceProjectPaymentMethod": (
        "POST",
        project("my-project", "paymentMethod"),
        {"paymentMethodId": "pm-aws"},
    ),
    "getMetricsEndpoint": ("GET", project("my-project", "metricsEndpoint"), None),
    "updateMetricsEndpoint": (
        "PATCH",
        project("my-project", "metricsEndpoint"),
        {"spec": {"enabled": True}},
    ),
}
WRITES = {"acceptTermsAndConditions", "replaceProjectPaymentMethod", "updateMetricsEndpoint"}
every_operation = pytest.mark.parametrize("operation", OPERATIONS)


def call(mkio: Caller, operation: str) -> Answer:
    method, path, body = OPERATIONS[operation]
    return mkio.send(method, path, body)


def assert_refused(answer: Answer, status: int, code: str) -> None:
    data = answer.data
    assert answer.status == data["status"] == status
    assert data.keys() == {"error", "status", "ref"}
    assert data["error"].keys() == {"code", "detail", "extraDetail"}
    assert data["error"]["code"] == code
    assert data["error"]["detail"]
    assert data["ref"] == answer.headers["x-metersim-request-id"]


def test_every_operation_but_the_scrape_is_called_here() -> None:
    assert {*OPERATIONS, "scrapeMetrics"} == VENDOR.contract.operations.keys()


@every_operation
def test_a_token_with_all_rights_may_do_everything(operation: str) -> None:
    assert call(simulate().caller("mkio"), operation).status == 200


@every_operation
def test_a_token_that_may_only_read_may_not_write(operation: str) -> None:
    simulator = simulate()
    answer = call(simulator.caller("mkio", "metersim-readonly"), operation)
    if operation in WRITES:
        assert_refused(answer, 403, "forbidden")
        assert changes(simulator) == []
    else:
        assert answer.status == 200


@every_operation
def test_a_token_without_rights_is_forbidden(operation: str) -> None:
    answer = call(simulate().caller("mkio", "metersim-noscope"), operation)
    assert_refused(answer, 403, "forbidden")


@every_operation
@pytest.mark.parametrize("token", [None, "metersim-expired", "unknown", "", " "])
def test_mkio_01_without_a_valid_token_nobody_is_let_in(operation: str, token: str | None) -> None:
    simulator = simulate()
    assert_refused(call(simulator.caller("mkio", token), operation), 401, "unauthorized")
    assert changes(simulator) == []


@every_operation
@pytest.mark.parametrize(
    "header", ["metersim-token", "Basic metersim-token", "Token metersim-token", "Bearer", ""]
)
def test_mkio_01_a_malformed_header_is_refused(operation: str, header: str) -> None:
    method, path, body = OPERATIONS[operation]
    mkio = simulate().caller("mkio")
    answer = mkio.send(method, path, body, headers={"authorization": header})
    assert_refused(answer, 401, "unauthorized")


def test_mkio_02_every_refusal_has_the_same_shape_and_a_ref_of_its_own() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    bearer = {"authorization": "Bearer metersim-token"}
    too_large = simulator.send(Request("POST", f"/mkio{REPORT}", "", bearer, None))
    xml = {"content-type": "application/xml"}
    path, trial = project("my-project", "paymentMethod"), {"paymentMethodId": "pm-trial"}
    refusals = [
        (mkio.post(REPORT, {}), 400, "bad_request"),
        (mkio.post(REPORT, b"{"), 400, "bad_request"),
        (mkio.with_token(None).get(METHODS), 401, "unauthorized"),
        (mkio.with_token("metersim-noscope").get(METHODS), 403, "forbidden"),
        (mkio.get("/api/v1/nowhere"), 404, "not_found"),
        (mkio.get(project("nobody", "usage")), 404, "not_found"),
        (mkio.send("DELETE", path), 405, "method_not_allowed"),
        (mkio.post(path, trial), 409, "conflict"),
        (too_large, 413, "payload_too_large"),
        (mkio.send("POST", path, b"<a/>", headers=xml), 415, "unsupported_media_type"),
    ]
    for answer, status, code in refusals:
        assert_refused(answer, status, code)
    refs = {answer.data["ref"] for answer, *_ in refusals}
    assert len(refs) == len(refusals)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"),
        (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "internal_error"),
    ],
)
def test_mkio_02_refusals_for_want_of_capacity_have_it_too(status: HTTPStatus, code: str) -> None:
    assert problem_body(Problem(status, "why"), "reference") == {
        "error": {"code": code, "detail": "why", "extraDetail": None},
        "status": status,
        "ref": "reference",
    }


def test_mkio_02_extra_detail_names_the_fields_to_blame() -> None:
    answer = simulate().caller("mkio").post(REPORT, {"startDate": "2026-01-01", "download": 1})
    assert answer.data["error"]["extraDetail"] == {
        "endDate": "is required",
        "download": "expected boolean, found 1",
    }


@every_operation
def test_a_token_of_one_project_is_confined_to_it(operation: str, tmp_path: Path) -> None:
    file = tmp_path / "confined.yaml"
    file.write_text("""
clock: 2026-03-01
meters: {clips: {}}
rate_cards: {list: {prices: {}}}
payment_methods: {pm-aws: {rate_card: list}, pm-trial: {rate_card: list, terms_accepted: false}}
customers: {acme: {}}
projects: {my-project: {customer: acme}, other: {customer: acme}}
credentials:
  mine: {scopes: ["*"], project: my-project}
  theirs: {scopes: ["*"], project: other}
""")
    simulator = simulate(file)
    whole = "/organization/" in OPERATIONS[operation][1]
    assert_refused(call(simulator.caller("mkio", "theirs"), operation), 403, "forbidden")
    assert changes(simulator) == []
    assert call(simulator.caller("mkio", "mine"), operation).status == (403 if whole else 200)
