"""How the numbers in replies are rounded, as the OpenAPI documents have it."""

from __future__ import annotations

from metersim.contract.tree import Tree
from metersim.reading import read_file
from metersim.simulation.vendor import installed_vendors
from tests.docs.markdown import table
from tests.openapi.replies import numbers


def rounding() -> str:
    """A row for all fields of an operation that share a rule; refusals are a vendor's, and last."""
    fields: dict[tuple[str, str, str], list[str]] = {}
    for vendor in installed_vendors().values():
        tree = Tree(read_file(vendor.document))
        seen = set()
        for number in sorted(numbers(tree), key=lambda number: number.status >= 400):
            call = f"`{number.operation}`" if number.status < 400 else "any refusal"
            if (call, number.at) not in seen:
                seen.add((call, number.at))
                row = (vendor.title, call, tree.object(number.at)["x-rounding"])
                fields.setdefault(row, []).append(f"`{number.field}`")
    rows = ((title, call, " ".join(names), rule) for (title, call, rule), names in fields.items())
    return table(("vendor", "operation", "field", "rounding"), rows)
