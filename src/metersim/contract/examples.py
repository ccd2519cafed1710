"""What a document prints as a reply, by the names that it gives its examples."""

from __future__ import annotations

from metersim.contract.operation import Example
from metersim.contract.tree import Pointer, Tree


def examples(tree: Tree, response: Pointer) -> dict[str, Example]:
    """A response's examples by name, in the document's order; a nameless one is ``example``."""
    found: dict[str, Example] = {}
    for media in tree.members(tree.resolved(response), "content"):
        for at in tree.members(media, "examples"):
            node = tree.fields(tree.resolved(at), {"summary", "description", "value"}, ("value",))
            found.setdefault(str(at[-1]), Example(str(media[-1]), node["value"]))
        if "example" in tree.object(media):
            found.setdefault("example", Example(str(media[-1]), tree.node((*media, "example"))))
    return found
