"""Every kind of violation says what was found and what was expected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from metersim.validation import SchemaError, Validator, Violation

COMPONENTS = {
    "schemas": {
        "Parcel": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "weight": {"type": "number"},
                "inside": {"$ref": "#/components/schemas/Parcel"},
            },
        }
    }
}
PARCEL = {"$ref": "#/components/schemas/Parcel"}


def said(schema: Any, value: Any) -> list[str]:
    return list(map(str, Validator(schema, COMPONENTS).violations(value, "body")))


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "integer"}, "x", 'body: expected integer, found "x"'),
        ({"type": "integer"}, Decimal("1.5"), "body: expected integer, found 1.5"),
        ({"type": "number"}, True, "body: expected number, found true"),
        ({"type": ["string", "null"]}, [1], "body: expected null or string, found [1]"),
        ({"enum": ["day", "hour", None, 3]}, "dya", "body: found \"dya\"; did you mean 'day'? all"),
        ({"enum": ["day", None, 3]}, 4, "body: found 4; allowed: 3, day, null"),
        ({"const": "usd"}, "eur", 'body: expected "usd", found "eur"'),
        ({"format": "date"}, "2026-02-30", 'body: found "2026-02-30", which is no date'),
        ({"format": "date-time"}, "2026-02-01", 'body: found "2026-02-01", which is no date-time'),
        ({"format": "instant"}, "noon", 'body: found "noon", which is no instant'),
        ({"format": "duration"}, "P1M", 'body: found "P1M", which is no duration'),
        ({"format": "uuid"}, "7", 'body: found "7", which is no uuid'),
        ({"format": "email"}, "me", 'body: found "me", which is no email'),
        ({"pattern": "^a+$"}, "b", 'body: expected text matching ^a+$, found "b"'),
        (
            {"multipleOf": Decimal("0.01")},
            Decimal("0.005"),
            "body: expected a multiple of 0.01, found 0.005",
        ),
        ({"minimum": 0}, Decimal("-0.1"), "body: expected at least 0, found -0.1"),
        ({"exclusiveMinimum": 0}, 0, "body: expected more than 0, found 0"),
        ({"maximum": 5}, 6, "body: expected at most 5, found 6"),
        ({"exclusiveMaximum": 5}, 5, "body: expected less than 5, found 5"),
        ({"minLength": 2}, "é", "body: expected at least 2 characters, found 1"),
        ({"maxLength": 2}, "abc", "body: expected at most 2 characters, found 3"),
        ({"minItems": 1}, [], "body: expected at least 1 items, found 0"),
        ({"maxItems": 1}, [1, 2], "body: expected at most 1 items, found 2"),
        ({"required": ["a"]}, {}, "body.a: is required"),
        (PARCEL, {"wieght": 1}, "body.wieght: is not known; did you mean 'weight'? allowed: ins"),
        (PARCEL, {"inside": {"x": 1}}, "body.inside.x: is not known; allowed: inside, weight"),
        ({"items": PARCEL}, [{}, {"weight": "1"}], 'body.1.weight: expected number, found "1"'),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            None,
            "body: expected string, found null or expected integer, found null",
        ),
        (
            {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {},
            "body: one of a, b is required",
        ),
        (
            {"anyOf": [{"format": "date"}, {"format": "date-time"}]},
            "noon",
            'body: found "noon", which is no date such as 2026-03-18 or date-time such as 2026-03',
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "string"}]},
            1,
            "body: expected string, found 1",
        ),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 3, "body: matches more than one fo"),
        ({"not": {"required": ["a", "b"]}}, {"a": 1, "b": 2}, "body: a and b exclude each other"),
        ({"not": {"type": "string"}}, "x", 'body: {"type":"string"} is not allowed for "x"'),
        (
            {"propertyNames": {"format": "duration"}},
            {"soon": 1},
            'body.soon: found "soon", which is no duration such as P3D or PT36H',
        ),
        ({"uniqueItems": True}, [1, 1], "body: [1,1] has non-unique elements"),
        ({"minProperties": 1}, {}, "body: expected at least 1 keys, found 0"),
        ({"maxProperties": 0}, {"a": 1}, "body: expected at most 0 keys, found 1"),
        ({"type": "string"}, "\ud800", "body: contains half of a surrogate pair, which is no char"),
    ],
)
def test_a_violation_says_where_what_was_found_and_what_was_expected(
    schema: Any, value: Any, message: str
) -> None:
    (found,) = said(schema, value)
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("form", "text", "hint"),
    [
        ("instant", "2026-03-18T09:30:00", "; say Z or an offset"),
        ("date-time", "2026-03-18T09:30:00", "; say Z or an offset"),
        ("duration", "P1M", "; years and months have no fixed length"),
        ("duration", "P1YT5M", "; years and months have no fixed length"),
        ("instant", "2026-03-18T09:30", " or 2026-03-18"),
        ("duration", "T5M", " such as P3D or PT36H"),
    ],
)
def test_a_text_that_nearly_has_its_form_is_told_what_it_lacks(
    form: str, text: str, hint: str
) -> None:
    (found,) = said({"format": form}, text)
    assert found.endswith(hint)


def test_what_conforms_has_no_violation() -> None:
    assert said(PARCEL, {"weight": Decimal("0.10"), "inside": {"weight": 3}}) == []


def test_every_violation_is_reported() -> None:
    schema = {"required": ["a", "b"], "properties": {"c": {"type": "integer"}}}
    assert set(said(schema, {"c": "x"})) == {
        "body.a: is required",
        "body.b: is required",
        'body.c: expected integer, found "x"',
    }


def test_a_long_value_is_cut() -> None:
    for schema in ({"type": "integer"}, {"enum": ["a"]}, {"pattern": "^a$"}):
        (found,) = said(schema, "b" * 100_000)
        assert len(found) < 200
    (found,) = said({"uniqueItems": True}, [1] * 100_000)
    assert len(found) < 200
    assert found.endswith("…")


def test_of_a_value_that_holds_very_many_the_first_fault_alone_is_told() -> None:
    schema = {"items": {"items": {"type": "string"}}}
    assert len(said(schema, [[1] * 9_000])) == 20
    assert said(schema, [["a"] + [1] * 20_000]) == ["body.0.1: expected string, found 1"]
    assert said(schema, {"rows": [1] * 20_000}) == []


@pytest.mark.parametrize(
    ("schema", "value", "conforms"),
    [
        ({"maximum": Decimal("0.3")}, Decimal("0.3"), True),
        ({"maximum": Decimal("0.3")}, Decimal("0.30000000000000000000000001"), False),
        ({"minimum": Decimal("0.1")}, Decimal("0.09999999999999999999999999"), False),
        ({"multipleOf": Decimal("0.01")}, Decimal("0.29"), True),
        ({"multipleOf": Decimal("0.001")}, Decimal("1.005"), True),
        ({"type": "integer"}, Decimal("5.0"), True),
        ({"type": "integer"}, 10**400, True),
        ({"const": Decimal("0.1")}, Decimal("0.10"), True),
        ({"maxLength": 1}, "\U0001f600", True),
        ({"format": "date-time"}, "2016-12-31T23:59:60Z", False),  # no instant of ours
        ({"format": "date-time"}, "0000-01-01T00:00:00Z", False),
        ({"format": "date-time"}, 5, True),  # formats are about text only
        ({"format": "date"}, "2024-02-29", True),
        ({"format": "date"}, "2026-W01-1", False),
        ({"format": "instant"}, "2024-02-29", True),
        ({"format": "instant"}, "2024-02-29T12:00:00+02:00", True),
        ({"format": "duration"}, "P2DT12H", True),
    ],
)
def test_numbers_are_compared_exactly_and_formats_are_ours(
    schema: Any, value: Any, conforms: bool
) -> None:
    assert (said(schema, value) == []) is conforms


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "strng"}, ("type",)),
        ({"properties": {"a": {"pattern": "("}}}, ("properties", "a", "pattern")),
        ({"minLength": -1}, ("minLength",)),
        ({"properties": 3}, ("properties",)),
        ({"$ref": "#/components/schemas/Nothing"}, ()),
        ({"$ref": "https://example.com/schema.json"}, ()),
    ],
)
def test_what_is_no_schema_is_refused_with_the_place(schema: Any, path: tuple[str, ...]) -> None:
    with pytest.raises(SchemaError) as refused:
        Validator(schema, COMPONENTS)
    assert refused.value.path == path
    assert str(refused.value)


def test_a_violation_reads_as_its_place_and_message() -> None:
    violation = Violation(("body", "rows", 3, "id"), "is required")
    assert violation.where == "body.rows.3.id"
    assert str(violation) == "body.rows.3.id: is required"


INVOICE = {
    "x-basis": "documented",
    "required": ["total", "payer"],
    "x-assumed": ["required"],
    "properties": {
        "total": {"type": "string", "minLength": 1, "x-basis": "confirmed"},
        "payer": {"type": "string", "minLength": 1, "maxLength": 3, "x-assumed": ["minLength"]},
        "lines": {"type": "array", "items": {"type": "string"}},
        "bill": {"$ref": "#/components/schemas/Bill"},
    },
}
BILL = {
    "x-basis": "confirmed",
    "required": ["due", "required"],
    "properties": {
        "due": {"type": "string"},
        "paid": {"type": "string"},
        "required": {"type": "string", "x-basis": "documented"},
    },
}
WHOLE = {"total": "1", "payer": "Ada"}


@pytest.mark.parametrize(
    ("value", "basis"),
    [
        ({**WHOLE, "total": ""}, "confirmed"),
        ({**WHOLE, "payer": 7}, "documented"),
        ({**WHOLE, "payer": "Adam"}, "documented"),
        # What a source leaves open, and only we demand.
        ({**WHOLE, "payer": ""}, "assumed"),
        ({"total": "1"}, "assumed"),
        ({**WHOLE, "payer": None}, "assumed"),
        # Null in the place of what may be left out, of what may not, and within a list.
        ({**WHOLE, "lines": None}, "assumed"),
        ({**WHOLE, "bill": {"due": "1", "required": "", "paid": None}}, "assumed"),
        ({**WHOLE, "bill": {"due": None, "required": ""}}, "confirmed"),
        ({**WHOLE, "bill": {"required": ""}}, "confirmed"),
        ({**WHOLE, "bill": {"due": ""}}, "documented"),
        ({**WHOLE, "lines": [None]}, "documented"),
    ],
)
def test_a_violation_stands_on_the_word_of_what_is_violated(value: Any, basis: str) -> None:
    found = Validator(INVOICE, {"schemas": {"Bill": BILL}}).violations(value, "body")
    assert [each.basis for each in found] == [basis]


@pytest.mark.parametrize("name", ["other", "required"])
def test_what_is_demanded_and_not_described_is_demanded_on_the_words_of_the_whole(
    name: str,
) -> None:
    schema = {"x-basis": "confirmed", "required": [name], "properties": {"total": {}}}
    assert [each.basis for each in Validator(schema).violations({})] == ["confirmed"]
