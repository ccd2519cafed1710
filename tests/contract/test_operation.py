"""How a request is read and judged by one operation, and how a reply is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.quantity import exact
from metersim.bundled import bundled
from metersim.contract.document import load
from metersim.contract.operation import Inputs, Operation
from tests.contract.documents import ASSUMED, SOUND, changed, loaded

POST = "paths /parcels post"
ANY: dict[str, Any] = {}


def taking(folder: Path, schema: Any, **more: object) -> Operation:
    """An operation with one query parameter ``p``."""
    parameter = {"name": "p", "in": "query", "schema": schema, **more, **ASSUMED}
    document = changed(f"{POST} parameters", [parameter])
    del document["paths"]["/parcels"]["post"]["requestBody"]
    return loaded(folder, document).operations["createParcel"]


def read(operation: Operation, *texts: str) -> tuple[Any, list[str]]:
    """The value of ``p``, and what is wrong with it."""
    inputs, violations = operation.read({}, [("p", text) for text in texts], None)
    return inputs.query.get("p"), list(map(str, violations))


def said(operation: Operation, query: list[tuple[str, str]], body: Any = None) -> list[str]:
    return list(map(str, operation.read({}, query, body)[1]))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "12", 12),
        ("integer", "-3", -3),
        ("integer", "0", 0),
        ("integer", "2.0", 2),
        ("integer", "1e3", 1000),
        ("number", "12", Decimal(12)),
        ("number", "0.10", Decimal("0.10")),
        ("number", "-1.5e-3", Decimal("-0.0015")),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("string", "12", "12"),
        ("string", "true", "true"),
        ("string", "", ""),
    ],
)
def test_a_value_is_read_as_its_type(tmp_path: Path, kind: str, text: str, value: object) -> None:
    found, wrong = read(taking(tmp_path, {"type": kind}), text)
    assert (found, type(found), wrong) == (value, type(value), [])


@pytest.mark.parametrize("kind", ["integer", "number"])
@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x", "1_000", "+5", " 5", "5 ", "٣", "５", "05", ".5", "5.", "0x10", "1,000"),
        *("NaN", "Infinity", "-Infinity", "1e401", "9" * 5_000, "--5", "true", "null", "1e", "5\n"),
    ],
)
def test_text_that_spells_no_json_number_stays_text_and_is_refused(
    tmp_path: Path, kind: str, text: str
) -> None:
    found, wrong = read(taking(tmp_path, {"type": kind}), text)
    assert found == text
    assert wrong[0].startswith(f"query.p: expected {kind}, found ")


@given(number=st.integers(-(10**40), 10**40))
def test_every_integer_is_read_as_itself(
    tmp_path_factory: pytest.TempPathFactory, number: int
) -> None:
    operation = taking(tmp_path_factory.getbasetemp(), {"type": "integer"})
    assert read(operation, str(number)) == (number, [])


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_every_number_is_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, number: Decimal
) -> None:
    operation = taking(tmp_path_factory.getbasetemp(), {"type": "number"})
    assert read(operation, f"{number:f}") == (exact(f"{number:f}"), [])


@pytest.mark.parametrize("text", ["True", "FALSE", "1", "0", "yes", "on", "", "t"])
def test_a_boolean_is_true_or_false(tmp_path: Path, text: str) -> None:
    assert read(taking(tmp_path, {"type": "boolean"}), text)[1] == [
        f'query.p: expected boolean, found "{text}"'
    ]


def test_an_integer_with_a_fraction_is_refused(tmp_path: Path) -> None:
    assert read(taking(tmp_path, {"type": "integer"}), "2.5")[1] == [
        "query.p: expected integer, found 2.5"
    ]


@pytest.mark.parametrize("schema", [ANY, {"type": ["string", "null"]}, {"enum": ["a", "12"]}])
def test_a_parameter_of_no_single_type_is_text(tmp_path: Path, schema: Any) -> None:
    assert read(taking(tmp_path, schema), "12") == ("12", [])


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["a"], ["a"]),
        (["a,b"], ["a", "b"]),
        (["a,b", "c"], ["a", "b", "c"]),
        ([""], [""]),
        (["a,,b"], ["a", "", "b"]),
    ],
)
def test_a_list_is_parted_at_commas(tmp_path: Path, texts: list[str], value: list[str]) -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    assert read(taking(tmp_path, schema, explode=False), *texts) == (value, [])


def test_each_item_of_a_list_is_judged(tmp_path: Path) -> None:
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Colour"}}
    colour = {"type": "string", "enum": ["red", "blue"], **ASSUMED}
    document = changed("components schemas Colour", colour)
    parameter = {"name": "p", "in": "query", "schema": schema, "explode": False, **ASSUMED}
    document["paths"]["/parcels"]["post"]["parameters"] = [parameter]
    operation = loaded(tmp_path, document).operations["createParcel"]
    assert said(operation, [("p", "red,blu")], {"weight": 1}) == [
        "query.p.1: found \"blu\"; did you mean 'blue'? allowed: blue, red"
    ]


def test_a_parameter_given_twice_is_refused(tmp_path: Path) -> None:
    assert read(taking(tmp_path, {"type": "string"}), "a", "b")[1] == [
        "query.p: expected once, found 2 times"
    ]


def test_a_parameter_that_is_absent_is_refused_only_where_it_is_required(tmp_path: Path) -> None:
    assert read(taking(tmp_path, ANY)) == (None, [])
    assert read(taking(tmp_path, ANY, required=True))[1] == ["query.p: is required"]


def test_an_operations_own_parameter_replaces_the_paths(tmp_path: Path) -> None:
    shared, own = (
        {"name": "p", "in": "query", "required": True, **ASSUMED, "schema": {"type": kind}}
        for kind in ("boolean", "integer")
    )
    document = changed("paths /parcels parameters", [shared])
    document["paths"]["/parcels"]["post"]["parameters"] = [own]
    operation = loaded(tmp_path, document).operations["createParcel"]
    inputs, violations = operation.read({}, [("p", "3")], {"weight": 1})
    assert (inputs.query, violations) == ({"p": 3}, [])


def test_a_query_parameter_that_is_not_known_is_refused_where_the_document_is_strict(
    tmp_path: Path,
) -> None:
    strict = loaded(tmp_path, SOUND).operations["createParcel"]
    assert said(strict, [("dry_run", "true")], {"weight": 1}) == [
        "query.dry_run: unknown parameter; did you mean 'dryRun'? allowed: dryRun"
    ]
    lenient = loaded(tmp_path, changed(f"{POST} x-strict-query", False)).operations["createParcel"]
    inputs, violations = lenient.read({}, [("dry_run", "x")], {"weight": 1})
    assert (inputs.query, violations) == ({}, [])


def test_what_is_in_the_path_is_read_and_judged_like_the_rest(tmp_path: Path) -> None:
    document = changed("components parameters Id schema", {"type": "integer", "minimum": 10})
    operation = loaded(tmp_path, document).operations["getParcel"]
    assert operation.read({"id": "12"}, [], None) == (Inputs(path={"id": 12}), [])
    assert [str(v) for v in operation.read({"id": "9"}, [], None)[1]] == [
        "path.id: expected at least 10, found 9"
    ]


def test_every_violation_of_a_request_is_found_at_once(tmp_path: Path) -> None:
    operation = loaded(tmp_path, SOUND).operations["createParcel"]
    assert said(operation, [("dryRun", "x"), ("y", "")], {"weight": "x"}) == [
        'query.dryRun: expected boolean, found "x"',
        "query.y: unknown parameter; allowed: dryRun",
        'body.weight: expected number, found "x"',
    ]


def test_a_body_is_judged_and_one_that_is_required_must_be_there(tmp_path: Path) -> None:
    operation = loaded(tmp_path, SOUND).operations["createParcel"]
    assert said(operation, [], {"weight": Decimal("1.5")}) == []
    assert said(operation, [], None) == ["body: expected object, found null"]


def test_a_body_that_is_not_required_may_be_absent_and_is_judged_when_it_is_there(
    tmp_path: Path,
) -> None:
    document = changed(f"{POST} requestBody required", False)
    operation = loaded(tmp_path, document).operations["createParcel"]
    assert said(operation, [], None) == []
    assert said(operation, [], {}) == ["body.weight: is required"]


def test_an_operation_without_a_body_passes_over_one(tmp_path: Path) -> None:
    operation = loaded(tmp_path, SOUND).operations["getParcel"]
    assert operation.body is None
    assert operation.read({"id": "x"}, [], {"anything": 1})[1] == []


@pytest.mark.parametrize(
    ("status", "media_type", "body", "wrong"),
    [
        (200, "application/json", {"weight": 1}, []),
        (200, "application/json; charset=utf-8", {"weight": Decimal("0.1")}, []),
        (200, "Application/JSON", {"weight": 1}, []),
        (200, "application/json", {}, ["body.weight: is required"]),
        (200, "application/json", None, ["body: expected object, found null"]),
        (200, "text/plain", "heavy", ["content-type: expected application/json, found text/plain"]),
        (404, "application/json", {}, ["status: 404 is not documented (documented: 200)"]),
    ],
)
def test_a_reply_is_judged(
    tmp_path: Path, status: int, media_type: str, body: object, wrong: list[str]
) -> None:
    operation = loaded(tmp_path, SOUND).operations["getParcel"]
    assert list(map(str, operation.judge_reply(status, media_type, body))) == wrong


def test_a_header_of_a_reply_is_judged_where_the_document_has_it(tmp_path: Path) -> None:
    page = {"schema": {"type": "integer", "minimum": 1}, **ASSUMED}
    document = changed("components responses Parcel headers", {"X-Page": page})
    operation = loaded(tmp_path, document).operations["getParcel"]

    def judged(**headers: str) -> list[str]:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        found = operation.judge_reply(200, "application/json", {"weight": 1}, named)
        return list(map(str, found))

    assert judged(X_Page="1", X_Other="0") == judged() == []
    assert judged(x_page="0") == ["header.x-page: expected at least 1, found 0"]
    assert judged(X_Page="one") == ['header.X-Page: expected integer, found "one"']


def test_a_reply_without_a_body_has_none(tmp_path: Path) -> None:
    operation = loaded(tmp_path, SOUND).operations["createParcel"]
    assert operation.judge_reply(204, "application/json", None) == []
    (violation,) = operation.judge_reply(204, "application/json", {})
    assert str(violation) == "content-type: expected no body, found application/json"


def test_what_an_operation_needs(tmp_path: Path) -> None:
    document = changed("paths /parcels post security", [{"bearer": ["parcels:write"]}, {}])
    operations = loaded(tmp_path, document).operations
    get, post = operations["getParcel"], operations["createParcel"]
    assert (get.public, post.public) == (False, True)
    assert [(need.type, need.header, list(need.scopes)) for need in get.security] == [
        ("bearer", "authorization", ["parcels:read"])
    ]


def test_an_operation_may_ask_for_a_key_in_a_header(tmp_path: Path) -> None:
    key = {"type": "apiKey", "in": "header", "name": "X-Key", **ASSUMED}
    document = changed("components securitySchemes bearer", key)
    (need,) = loaded(tmp_path, document).operations["getParcel"].security
    assert (need.type, need.header) == ("apiKey", "x-key")


def test_an_operation_that_asks_for_nobody_is_public(tmp_path: Path) -> None:
    operation = loaded(tmp_path, SOUND).operations["createParcel"]
    assert (operation.public, list(operation.security)) == (True, [])


def test_what_is_not_given_means_what_the_document_says() -> None:
    operations = load(bundled("openapi") / "mkio.yaml").operations
    dates = {"startDate": "2026-01-01", "endDate": "2026-02-01"}
    inputs, violations = operations["createUsageReport"].read({}, [], {**dates, "format": "csv"})
    assert violations == []
    meant = {"granularity": "day", "download": False, "filterOnReportedDate": False}
    assert inputs.body == {**dates, **meant, "format": "csv"}
    inputs, _ = operations["listPaymentMethods"].read({}, [("$top", "5")], None)
    assert inputs.query == {"$top": 5, "$skiptoken": 0}
