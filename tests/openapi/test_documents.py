"""The OpenAPI documents keep the promises that no validator of the field checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from metersim.bundled import bundled
from metersim.contract.document import METHODS, load
from metersim.contract.tree import Tree
from metersim.reading import read_file
from metersim.simulation.vendor import installed_vendors
from metersim.validation import Validator
from tests.openapi.replies import numbers

VENDORS = [vendor.document for vendor in installed_vendors().values()]
CONTROL = bundled("openapi") / "control.yaml"
BASES = {"documented", "confirmed", "assumed"}
# What the rule begins with; what follows says of which part, or when.
ROUNDING = re.compile(r"exact\b|half up to (whole units|\d+ decimals)\b|nearest double\b")

every_document = pytest.mark.parametrize("path", [*VENDORS, CONTROL], ids=lambda path: path.stem)
every_vendors = pytest.mark.parametrize("path", VENDORS, ids=lambda path: path.stem)


def nodes(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every object of a document with its path; what stands in examples is data, not document."""
    if isinstance(value, dict):
        yield at, value
        for key, child in value.items():
            if key not in ("example", "examples", "default", "enum", "const"):
                yield from nodes(child, (*at, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from nodes(child, (*at, str(index)))


def operations(document: Any) -> Iterator[Any]:
    for item in document["paths"].values():
        yield from (operation for method, operation in item.items() if method in METHODS)


def media_types(document: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for at, node in nodes(document):
        if len(at) > 1 and at[-2] == "content":
            yield at, node


def as_plain_json(value: Any) -> Any:
    """For a validator that knows no Decimal."""
    if isinstance(value, dict):
        return {key: as_plain_json(child) for key, child in value.items()}
    if isinstance(value, list):
        return [as_plain_json(child) for child in value]
    return value if isinstance(value, (str, int, bool, type(None))) else float(value)


@every_document
def test_the_document_is_valid_openapi_3_1(path: Any) -> None:
    OpenAPIV31SpecValidator(as_plain_json(read_file(path).data)).validate()


@every_document
def test_the_engine_compiles_it(path: Any) -> None:
    assert load(path, own=path == CONTROL).operations


@every_document
def test_every_example_satisfies_its_schema(path: Any) -> None:
    document = read_file(path).data
    components = {"schemas": document["components"]["schemas"]}
    seen = 0
    for at, media in media_types(document):
        validator = Validator(media["schema"], components)
        for name, example in media.get("examples", {}).items():
            assert validator.violations(example["value"]) == [], (at, name)
            seen += 1
    for at, node in nodes(document):
        if "in" in node and "schema" in node:
            validator = Validator(node["schema"], components)
            named = [example["value"] for example in node.get("examples", {}).values()]
            for value in named + ([node["example"]] if "example" in node else []):
                assert validator.violations(value) == [], at
                seen += 1
        elif isinstance(node.get("examples"), list):
            for value in node["examples"]:
                assert Validator(node, components).violations(value) == [], at
                seen += 1
    assert seen > 5


@every_document
def test_every_body_and_reply_has_a_complete_example(path: Any) -> None:
    for at, media in media_types(read_file(path).data):
        assert media.get("examples"), at


@every_vendors
def test_every_element_says_on_whose_word_it_stands(path: Any) -> None:
    document = read_file(path).data
    for at, node in nodes(document):
        parent = at[-2] if len(at) > 1 else ""
        is_element = (
            parent in ("properties", "responses", "headers", "links", "securitySchemes", "schemas")
            or at[-1:] == ("schema",)
            or at[-1:] == ("requestBody",)
            and "content" in node
            or {"name", "in"} <= node.keys()
            or {"operationId", "responses"} <= node.keys()
        )
        if is_element and "$ref" not in node:
            assert node.get("x-basis") in BASES, at


@every_vendors
def test_what_is_not_plain_names_its_source(path: Any) -> None:
    for at, node in nodes(read_file(path).data):
        if node.get("x-basis") in ("confirmed", "assumed"):
            assert node.get("x-source"), at


@every_vendors
def test_what_is_assumed_not_to_be_empty_says_so_by_its_keyword(path: Any) -> None:
    for at, node in nodes(read_file(path).data):
        source = node.get("x-source", "")
        if "not empty: assumed" in source or "one at least is named: assumed" in source:
            schema = node.get("schema", node)
            assert {"minLength", "minItems"} & {*schema.get("x-assumed", ())}, at


@every_vendors
def test_every_number_of_a_reply_and_nothing_else_says_how_it_is_rounded(path: Any) -> None:
    source = read_file(path)
    said = {at: node["x-rounding"] for at, node in nodes(source.data) if "x-rounding" in node}
    assert said.keys() == {tuple(map(str, number.at)) for number in numbers(Tree(source))}
    for at, rule in said.items():
        assert ROUNDING.match(rule), at


@every_document
def test_every_link_leads_to_an_operation(path: Any) -> None:
    document = read_file(path).data
    known = {operation["operationId"] for operation in operations(document)}
    for at, node in nodes(document):
        if len(at) > 1 and at[-2] == "links" and "$ref" not in node:
            assert node["operationId"] in known, at


@every_document
def test_nothing_says_nullable(path: Any) -> None:
    # A 3.0 word: Schemathesis would honour it, a 3.1 validator passes over it.
    assert not [at for at, node in nodes(read_file(path).data) if "nullable" in node]
