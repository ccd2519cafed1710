"""The JSON Schemas of a document: which keywords are handled, and their compilation."""

from __future__ import annotations

from metersim.contract.tree import Pointer, Tree
from metersim.errors import nearest
from metersim.validation import FORMATS, SchemaError, Validator

_COMPONENTS = "#/components/schemas/"
_KEYWORDS = {
    *("$ref", "type", "enum", "const", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("items", "minItems", "maxItems", "uniqueItems"),
    *("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    *("oneOf", "anyOf", "allOf", "not"),
    *("title", "description", "examples", "default", "deprecated"),
    *("x-basis", "x-source", "x-assumed", "x-rounding"),
}


def compiled(tree: Tree, path: Pointer) -> Validator:
    """The schema at the path as a validator; ContractError when a part of it is not handled."""
    _check(tree, path)
    try:
        return Validator(tree.node(path), {"schemas": tree.components("schemas")})
    except SchemaError as error:
        raise tree.error((*path, *error.path), f"is no JSON Schema: {error}") from None


def _check(tree: Tree, path: Pointer) -> None:
    node = tree.object(path)
    for key in node:
        if key not in _KEYWORDS:
            raise tree.error((*path, key), f"is not handled; {nearest(key, _KEYWORDS)}")
    if node.get("format", "date") not in FORMATS:
        found = str(node["format"])
        raise tree.error((*path, "format"), f"{found!r} is not handled; {nearest(found, FORMATS)}")
    for at in tree.items(path, "x-assumed"):
        if (keyword := tree.node(at)) not in node:
            raise tree.error(at, f"{keyword!r} is not there; {nearest(str(keyword), node)}")
    if "$ref" in node:
        tree.resolved(path)
        if not str(node["$ref"]).startswith(_COMPONENTS):
            raise tree.error((*path, "$ref"), f"expected a schema under {_COMPONENTS}")
    for member in tree.members(path, "properties"):
        _check(tree, member)
        tree.check_basis(member)
    for keyword in ("items", "not", "additionalProperties"):
        if keyword in node and not isinstance(node[keyword], bool):
            _check(tree, (*path, keyword))
    for keyword in ("oneOf", "anyOf", "allOf"):
        for branch in tree.items(path, keyword):
            _check(tree, branch)
