"""The types of replies are those of the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_origin, get_type_hints, is_typeddict

import pytest

from metersim.bundled import bundled
from metersim.client import exchanges, replies
from metersim.reading import read_file

DOCUMENT = read_file(bundled("openapi") / "control.yaml").data
SCHEMAS = DOCUMENT["components"]["schemas"]
JSON = "application/json"
TYPES = {
    name: each
    for module in (replies, exchanges)
    for name, each in vars(module).items()
    if is_typeddict(each)
}
PLAIN = {
    "string": str,
    "integer": int,
    "number": replies.Number,
    "boolean": bool,
    "null": None,
    "object": replies.Object,
}


def name_of(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"].rpartition("/")[2])


def answered() -> list[str]:
    """The names of the schemas that operations answer with."""
    contents = (
        operation["responses"]["200"]["content"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        if "responses" in operation
    )
    found = [name_of(each["application/json"]["schema"]) for each in contents if JSON in each]
    return sorted(set(found))


def agree(hint: Any, schema: Mapping[str, Any], where: str) -> None:
    """The hint is what the schema says, and so are all within it."""
    if "$ref" in schema:
        assert hint is TYPES[name_of(schema)], where
        agree_keys(hint, SCHEMAS[name_of(schema)], where)
    elif "properties" in schema:
        agree_keys(hint, schema, where)
    elif "enum" in schema or "const" in schema:
        words = schema.get("enum", [schema.get("const")])
        assert hint == Literal[tuple(words)], where
    elif schema["type"] == "array":
        assert get_origin(hint) is list, where
        agree(hint.__args__[0], schema["items"], f"{where}[]")
    elif "properties" in schema.get("additionalProperties", ()) or hint != replies.Object:
        agree_plainly(hint, schema, where)


def agree_plainly(hint: Any, schema: Mapping[str, Any], where: str) -> None:
    if "additionalProperties" in schema:
        assert get_origin(hint) is dict, where
        agree(hint.__args__[1], schema["additionalProperties"], f"{where}.*")
        return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    expected: Any = PLAIN[kinds[0]]
    for kind in kinds[1:]:
        expected |= PLAIN[kind]
    assert hint == expected, where


def agree_keys(hint: Any, schema: Mapping[str, Any], where: str) -> None:
    parts = [SCHEMAS[name_of(each)] if "$ref" in each else each for each in schema.get("allOf", ())]
    whole = [schema, *parts]
    properties = {key: value for each in whole for key, value in each.get("properties", {}).items()}
    assert is_typeddict(hint), where
    hints = get_type_hints(hint)
    assert hints.keys() == properties.keys(), where
    required = {key for each in whole for key in each.get("required", ())}
    assert hint.__required_keys__ == required, where
    for key, value in properties.items():
        agree(hints[key], value, f"{where}.{key}")


@pytest.mark.parametrize("name", answered())
def test_a_reply_has_the_type_that_the_document_gives_it(name: str) -> None:
    agree(TYPES[name], {"$ref": f"#/components/schemas/{name}"}, name)


def test_no_type_is_of_a_reply_that_nothing_answers() -> None:
    nested = {"OperationFidelity", "VendorFidelity", "MatchResult"}  # have no name in the document
    own = {name for name in TYPES if not name.startswith("_")}
    assert own - nested <= SCHEMAS.keys()


@pytest.mark.parametrize(
    ("schema", "hint"),
    [
        ({"type": "string"}, int),
        ({"type": ["string", "null"]}, str),
        ({"type": "array", "items": {"type": "integer"}}, list[str]),
        ({"enum": ["a", "b"]}, Literal["a"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, dict[str, int]),
        ({"$ref": "#/components/schemas/Snapshot"}, replies.Session),
        ({"type": "object", "properties": {"name": {}}}, replies.Version),
    ],
)
def test_a_type_that_is_another_is_found(schema: dict[str, Any], hint: Any) -> None:
    with pytest.raises(AssertionError, match="^here"):
        agree(hint, schema, "here")
