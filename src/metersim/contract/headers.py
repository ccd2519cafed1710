"""The headers that a document has for a reply, and what each of them may say."""

from __future__ import annotations

from metersim.contract.operation import Parameter
from metersim.contract.schemas import compiled
from metersim.contract.tree import Pointer, Tree

_HEADER = {
    *("required", "schema", "description", "example", "examples", "deprecated"),
    *("x-basis", "x-source"),
}


def read_headers(tree: Tree, path: Pointer) -> dict[str, Parameter]:
    """Those of the response at the path, by name in lower case."""
    return {
        str(at[-1]).lower(): _header(tree, tree.resolved(at), str(at[-1]))
        for at in tree.members(tree.resolved(path), "headers")
    }


def _header(tree: Tree, path: Pointer, name: str) -> Parameter:
    node = tree.fields(path, _HEADER, required=("schema",))
    if node.get("required"):
        raise tree.error((*path, "required"), "a required header is not handled")
    validator = compiled(tree, (*path, "schema"))
    kind = tree.object(tree.resolved((*path, "schema"))).get("type", "string")
    if kind not in ("string", "integer", "number", "boolean"):
        raise tree.error((*path, "schema"), "only a text, a number or a boolean is handled")
    return Parameter(name, "header", required=False, kind=kind, validator=validator)
