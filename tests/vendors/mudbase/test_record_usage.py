"""Recording usage without credentials: what is taken, what is refused, and what is kept of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import exact, total
from metersim.simulation.call import Request
from tests.wire import Answer, Simulated, simulate

BODY = {"email": "melanie_mckenzie@northwind.dev", "metric": "program reboot", "quantity": 515.63}
NO_TEXT_AND_NO_NUMBER: tuple[object, ...] = (None, True, [], {})
PROJECT = "proj_nCBo0AB7UWpj"
BEYOND = b"1" + 401 * b"0"

decimals = st.decimals(min_value=0, max_value=10**12, allow_nan=False, places=9)


def record(sim: Simulated, body: object, project: str = PROJECT) -> Answer:
    caller = sim.caller("mudbase", token=None)
    return caller.post(f"/api/billing/public/projects/{project}/usage", body)


def quantities(sim: Simulated) -> list[Decimal]:
    return [exact(str(event["properties"]["quantity"])) for event in sim.state["events"]]


def assert_refused(sim: Simulated, answer: Answer, *fields: str) -> None:
    assert answer.status == 400
    assert (answer.data["error"], answer.data["code"]) == ("Validation failed", "VALIDATION_ERROR")
    assert set(answer.data["details"]) == set(fields)
    assert all(answer.data["details"].values())
    assert sim.state["events"] == []


def test_mudbase_01_usage_is_recorded_without_credentials() -> None:
    answer = record(simulate("docs-mudbase"), BODY)
    assert (answer.status, answer.text) == (200, '{"message":"Usage recorded successfully"}')


def test_mudbase_01_the_printed_body_is_recorded_as_it_came() -> None:
    sim = simulate("docs-mudbase")
    printed = (
        b'{"email":"amari_koss69@northwind.dev","metric":"program quantify","quantity":195.84}'
    )
    assert record(sim, printed, "65a3f0c29b7e4d1f8c06a2b5").status == 200
    (event,) = sim.state["events"]
    assert event["customer"] == "amari_koss69@northwind.dev"
    assert (event["name"], event["project"]) == ("program quantify", "second-project")
    assert event["occurred"] == event["charged"] == "2026-03-18T09:30:00.000Z"
    assert event["properties"] == {"quantity": Decimal("195.84")}


@pytest.mark.parametrize("field", ["email", "metric", "quantity"])
def test_mudbase_02_a_missing_field_is_refused_by_name(field: str) -> None:
    sim = simulate("docs-mudbase")
    body = {name: value for name, value in BODY.items() if name != field}
    assert_refused(sim, record(sim, body), field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((field, value) for field in BODY for value in NO_TEXT_AND_NO_NUMBER),
        ("email", 7),
        ("email", "melanie"),
        ("metric", 7),
        ("metric", ""),
        ("quantity", "many"),
    ],
)
def test_mudbase_02_an_ill_typed_field_is_refused_by_name(field: str, value: object) -> None:
    sim = simulate("docs-mudbase")
    assert_refused(sim, record(sim, {**BODY, field: value}), field)


def test_mudbase_02_every_field_at_fault_is_named() -> None:
    sim = simulate("docs-mudbase")
    assert_refused(sim, record(sim, {"email": "melanie", "quantity": "1"}), *BODY)


@pytest.mark.parametrize("body", [None, b"", b"{", b"null", b"[]", b'"x"', b"\xff", 500 * b"["])
def test_mudbase_02_what_is_no_json_object_is_refused(body: bytes | None) -> None:
    sim = simulate("docs-mudbase")
    assert_refused(sim, record(sim, body), "body")


def test_mudbase_02_a_refusal_is_told_from_the_next() -> None:
    sim = simulate("docs-mudbase")
    ids = [record(sim, {}).data["requestId"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_another_content_type_is_refused() -> None:
    sim = simulate("docs-mudbase")
    path = f"/api/billing/public/projects/{PROJECT}/usage"
    answer = sim.caller("mudbase", None).send(
        "POST", path, b"email=a", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status, answer.data["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_over_the_limit_is_refused() -> None:
    sim = simulate("docs-mudbase")
    path = f"/mudbase/api/billing/public/projects/{PROJECT}/usage"
    answer = sim.send(Request("POST", path, body=None))
    assert (answer.status, answer.data["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_another_method_is_refused() -> None:
    path = f"/api/billing/public/projects/{PROJECT}/usage"
    answer = simulate("docs-mudbase").caller("mudbase", None).get(path)
    assert (answer.status, answer.data["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


# Half of a surrogate pair is no text that can be sent.
@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_mudbase_03_the_metric_is_free_text(metric: str) -> None:
    sim = simulate("docs-mudbase")
    assert record(sim, {**BODY, "metric": metric}).status == 200
    assert [event["name"] for event in sim.state["events"]] == [metric]


@settings(max_examples=50)
@given(st.lists(decimals, max_size=5))
def test_mudbase_04_fractions_are_kept_exactly_and_each_call_adds(sent: list[Decimal]) -> None:
    sim = simulate("docs-mudbase")
    for quantity in sent:
        assert record(sim, {**BODY, "quantity": quantity}).status == 200
    assert quantities(sim) == sent
    assert total(quantities(sim)) == total(sent)


def test_mudbase_04_a_tenth_ten_times_is_one() -> None:
    sim = simulate("docs-mudbase")
    for _ in range(10):
        record(sim, b'{"email":"a@b.example","metric":"m","quantity":0.1}')
    assert total(quantities(sim)) == 1


@pytest.mark.parametrize("quantity", [b"0", b"1e400", b"1e-400", b"1.7976931348623157e308"])
def test_mudbase_04_any_amount_that_a_client_can_hold_is_recorded(quantity: bytes) -> None:
    sim = simulate("docs-mudbase")
    assert (
        record(sim, b'{"email":"a@b.example","metric":"m","quantity":%b}' % quantity).status == 200
    )
    assert quantities(sim) == [exact(quantity.decode())]


@pytest.mark.parametrize("quantity", [b"-1", b"-0.001", b'"5"', b'"NaN"'])
def test_mudbase_05_a_negative_amount_or_a_number_in_a_string_is_refused(quantity: bytes) -> None:
    sim = simulate("docs-mudbase")
    body = b'{"email":"a@b.example","metric":"m","quantity":%b}' % quantity
    assert_refused(sim, record(sim, body), "quantity")


@pytest.mark.parametrize("quantity", [b"NaN", b"Infinity", b"1e401", b"1e-401", b"05", BEYOND])
def test_mudbase_05_what_is_no_number_or_beyond_all_bounds_is_refused(quantity: bytes) -> None:
    sim = simulate("docs-mudbase")
    body = b'{"email":"a@b.example","metric":"m","quantity":%b}' % quantity
    assert_refused(sim, record(sim, body), "body")


def test_mudbase_05_numbers_are_bounded_wherever_they_stand() -> None:
    sim = simulate("docs-mudbase")
    body = b'{"email":"a@b.example","metric":"m","quantity":1,"extra":[{"deep":%b}]}' % BEYOND
    assert_refused(sim, record(sim, body), "body")


@pytest.mark.parametrize("project", [PROJECT, "65a3f0c29b7e4d1f8c06a2b5"])
def test_mudbase_06_both_forms_of_project_id_are_taken(project: str) -> None:
    assert record(simulate("docs-mudbase"), BODY, project).status == 200


def test_mudbase_06_the_digits_of_an_object_id_have_no_case() -> None:
    sim = simulate("docs-mudbase")
    assert record(sim, BODY, "65A3F0C29B7E4D1F8C06A2B5").status == 200
    assert sim.state["events"][0]["project"] == "second-project"


@settings(max_examples=25)
@given(st.from_regex(r"[0-9a-fA-F]{24}|proj_[A-Za-z0-9]{1,64}", fullmatch=True))
def test_mudbase_06_a_well_formed_id_that_no_project_has_is_not_found(project: str) -> None:
    sim = simulate("docs-mudbase")
    answer = record(sim, BODY, project)
    assert (answer.status, answer.data["code"]) == (404, "NOT_FOUND")
    assert project in answer.data["details"]
    assert sim.state["events"] == []


@pytest.mark.parametrize(
    "project",
    [
        "65a3f0c29b7e4d1f8c06a2b",
        "65a3f0c29b7e4d1f8c06a2b5a",
        "65a3f0c29b7e4d1f8c06a2bg",
        "proj_",
        "proj_a-b",
        f"proj_{65 * 'a'}",
        f"{PROJECT}%0A",
        f"{PROJECT}%2F",
        "PROJ_nCBo0AB7UWpj",
        "my-project",
    ],
)
def test_mudbase_06_a_malformed_id_is_refused(project: str) -> None:
    sim = simulate("docs-mudbase")
    assert_refused(sim, record(sim, BODY, project), "projectId")


def test_mudbase_06_a_well_formed_id_in_another_case_is_another_project() -> None:
    assert record(simulate("docs-mudbase"), BODY, PROJECT.lower()).status == 404
