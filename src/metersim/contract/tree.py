"""An OpenAPI document as a tree: each node says where it stands, and what of it is not handled."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeAlias

from metersim.errors import ContractError, nearest
from metersim.reading import Json, Source

Pointer: TypeAlias = tuple[str | int, ...]

_BASES = ("documented", "confirmed", "assumed")


class Tree:
    """A document's nodes by their path; every failure is a ContractError with file and line.

    ``has_basis`` says whether each part of it must name the word on which it stands.
    """

    def __init__(self, source: Source, *, has_basis: bool = True) -> None:
        self._source = source
        self._has_basis = has_basis

    def node(self, path: Pointer) -> Json:
        """Whatever stands at the path."""
        node = self._source.data
        for step in path:
            node = node[step]
        return node

    def object(self, path: Pointer) -> dict[str, Json]:
        """The object at the path."""
        node = self.node(path)
        if not isinstance(node, dict):
            raise self.error(path, f"expected an object, found {str(node)[:40]!r}")
        return node

    def fields(
        self, path: Pointer, allowed: Collection[str], required: Iterable[str] = ()
    ) -> dict[str, Json]:
        """The object at the path, which holds nothing but allowed keys, and the required ones."""
        node = self.object(path)
        for key in node:
            if key not in allowed:
                raise self.error((*path, key), f"is not handled; {nearest(key, allowed)}")
        for key in required:
            if key not in node:
                raise self.error((*path, key), "is required")
        if "x-basis" in allowed:
            self.check_basis(path)
        return node

    def members(self, path: Pointer, key: str) -> list[Pointer]:
        """Paths of the members of an object within the one at the path; none where it lacks it."""
        names = self.object((*path, key)) if key in self.object(path) else {}
        return [(*path, key, name) for name in names]

    def items(self, path: Pointer, key: str) -> list[Pointer]:
        """Paths of the items of a list within the object at the path; none where it lacks it."""
        rows = self.object(path).get(key, [])
        if not isinstance(rows, list):
            raise self.error((*path, key), f"expected a list, found {str(rows)[:40]!r}")
        return [(*path, key, index) for index in range(len(rows))]

    def components(self, section: str) -> dict[str, Json]:
        """The document's components of one kind, by name."""
        has_any = "components" in self.object(()) and section in self.object(("components",))
        return self.object(("components", section)) if has_any else {}

    def resolved(self, path: Pointer) -> Pointer:
        """The path that one means after following its reference, and that one's, to the end."""
        followed: set[Pointer] = set()
        while "$ref" in (node := self.object(path)):
            if path in followed:
                raise self.error(path, f"reference in a circle: {node['$ref']}")
            followed.add(path)
            path = self._target(path, str(node["$ref"]))
        return path

    def _target(self, path: Pointer, reference: str) -> Pointer:
        target: Pointer = ()
        for step in reference.removeprefix("#/").split("/"):
            known = self.node(target)
            if not reference.startswith("#/") or not isinstance(known, dict) or step not in known:
                candidates = known if isinstance(known, dict) else ()
                raise self.error(
                    path, f"reference to nowhere: {reference!r}; {nearest(step, candidates)}"
                )
            target = (*target, step)
        return target

    def check_basis(self, path: Pointer) -> None:
        """The object at the path says on whose word it stands, unless it is a reference."""
        node = self.object(path)
        if self._has_basis and "$ref" not in node and node.get("x-basis") not in _BASES:
            found = node.get("x-basis")
            raise self.error((*path, "x-basis"), f"found {found!r}; {nearest(str(found), _BASES)}")

    def error(self, path: Pointer, message: str) -> ContractError:
        """What to raise for something wrong at the path."""
        where = ".".join(map(str, path)) or "document"
        return ContractError(f"{self._source.where(path)}: {where}: {message}")
