"""Where a document's replies may hold numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metersim.contract.document import JSON, METHODS
from metersim.contract.tree import Pointer, Tree
from metersim.reading import Json


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a body, or a body of text that spells numbers.

    ``field`` is where a reader of the reply finds it, ``at`` where the document describes it.
    """

    operation: str
    status: int
    field: str
    at: Pointer


def numbers(tree: Tree) -> Iterator[Number]:
    """Every one, operation by operation."""
    for path in tree.members((), "paths"):
        for method in METHODS:
            if method in tree.object(path):
                yield from _of_operation(tree, (*path, method))


def _of_operation(tree: Tree, path: Pointer) -> Iterator[Number]:
    operation = f"{str(path[-1]).upper()} {path[-2]}"
    for response in tree.members(path, "responses"):
        for media in tree.members(tree.resolved(response), "content"):
            found = _within(tree, (*media, "schema"), "")
            if media[-1] != JSON:
                found = iter([(str(media[-1]), tree.resolved((*media, "schema")))])
            for field, at in found:
                yield Number(operation, int(response[-1]), field.lstrip("."), at)


def _within(tree: Tree, path: Pointer, field: str) -> Iterator[tuple[str, Pointer]]:
    """Those below a schema; of a map those of any key come before the ones it names."""
    at = tree.resolved(path)
    node = tree.object(at)
    if {"number", "integer"} & _kinds(node):
        yield field, at
    if "items" in node:
        yield from _within(tree, (*at, "items"), f"{field}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from _within(tree, (*at, "additionalProperties"), f"{field}.…")
    for member in tree.members(at, "properties"):
        yield from _within(tree, member, f"{field}.{member[-1]}")
    for branch in tree.items(at, "allOf"):
        yield from _within(tree, branch, field)
    for branch in (*tree.items(at, "oneOf"), *tree.items(at, "anyOf")):
        yield from _within(tree, branch, f"{field}.({tree.resolved(branch)[-1]})")


def _kinds(node: Json) -> set[str]:
    kinds = node.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)
