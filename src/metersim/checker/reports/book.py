"""The rule book on the page: every rule, how it stands, and on whose word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from metersim.checker.reports.markup import element, text
from metersim.checker.reports.standings import STANDINGS, standing, unseen
from metersim.checker.wording import counted
from metersim.reading import Json

# Of more operations than these, a row tells the number first.
_FEW = 3


def rest(told: Json) -> Iterator[str]:
    """What would show the rules that were not seen, and which they are."""
    for reason, ids in unseen(told):
        links = [element("a", text(each), href=f"#rule-{each}") for each in ids]
        rules = element("span", counted(len(ids), "rule"), class_="tag")
        named = element("p", " ".join(links), class_="ids")
        yield element("li", rules, text(reason), named)


def book(told: Json) -> str:
    """All rules, by how they stand."""
    columns = "".join(
        element("th", name, scope="col")
        for name in ("Rule and law", "Basis and source", "Operations", "Calls")
    )
    groups = [_group(name, standing(told, name)) for name in STANDINGS]
    table = element("table", element("thead", element("tr", columns)), *groups)
    return element("div", table, class_="book", role="region", aria_label="All rules")


def _group(name: str, rules: Sequence[Json]) -> str:
    if not rules:
        return ""
    heading, tone = STANDINGS[name]
    title = element("th", f"{heading} · {len(rules)}", colspan=4, scope="rowgroup")
    rows = "".join(map(_row, rules))
    return element("tbody", element("tr", title), rows, id=f"rules-{name}", class_=f"tone-{tone}")


def _row(verdict: Json) -> str:
    reason = verdict["reason"]
    if verdict.get("waived") is not None:
        reason = f"waived: {verdict['waived']}"
    name = element("span", text(verdict["id"]), class_="id")
    if "basis" in verdict and verdict["waived"] is None:
        name = element("a", name, href=f"#{verdict['id']}")
    law = [name, text(verdict["statement"])]
    if reason:
        law.append(element("div", text(reason), class_="soft"))
    source = element("span", text(verdict["source"]), class_="soft")
    return element(
        "tr",
        element("th", *law, scope="row"),
        element("td", text(" / ".join(verdict["bases"])), source),
        element("td", _operations(verdict["operations"]), class_="soft"),
        element("td", str(verdict["calls"]), class_="soft calls"),
        id=f"rule-{verdict['id']}",
    )


def _operations(names: Sequence[str]) -> str:
    listed = text(", ".join(names))
    if len(names) <= _FEW:
        return listed
    return element("details", element("summary", counted(len(names), "operation")), listed)
