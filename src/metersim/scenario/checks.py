"""What a scenario's schema cannot say: that references lead somewhere, and that data make sense.

Every fault is found in one go, so that a file is mended in one go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from metersim.billing.instants import parse_date_or_instant
from metersim.billing.meters import Aggregation
from metersim.errors import nearest
from metersim.reading import Json

Path: TypeAlias = tuple[str | int, ...]
Fault: TypeAlias = tuple[Path, str]

_EACH, _KEY = object(), object()

# Where a name stands that must be one of a section's: the value there, or the keys.
_REFERENCES: tuple[tuple[tuple[object, ...], str], ...] = (
    (("list_prices",), "rate_cards"),
    (("rate_cards", _EACH, "prices", _KEY), "meters"),
    (("payment_methods", _EACH, "rate_card"), "rate_cards"),
    (("plans", _EACH, "includes", _KEY), "meters"),
    (("customers", _EACH, "plan"), "plans"),
    (("projects", _EACH, "customer"), "customers"),
    (("projects", _EACH, "payment_method"), "payment_methods"),
    (("credentials", _EACH, "customer"), "customers"),
    (("credentials", _EACH, "project"), "projects"),
    (("usage", _EACH, "customer"), "customers"),
    (("usage", _EACH, "project"), "projects"),
    (("events", _EACH, "customer"), "customers"),
    (("events", _EACH, "project"), "projects"),
)


def faults(data: Json, given_tokens: Collection[str]) -> Iterator[Fault]:
    """All that is wrong with data that satisfy the schema; ``given_tokens`` every scenario has."""
    for pattern, section in _REFERENCES:
        known = data.get(section, {})
        for path, name in _names(data, pattern, ()):
            if name not in known:
                yield path, f"{name!r} is not among {section}; {nearest(name, known)}"
    yield from _priced_levels(data)
    yield from _shared_names(data)
    yield from _usage(data)
    for token in data.get("credentials", {}):
        if token in given_tokens:
            yield ("credentials", token), "every scenario has this token, and its meaning is fixed"


def _names(node: Json, pattern: tuple[object, ...], path: Path) -> Iterator[tuple[Path, str]]:
    if not pattern:
        yield path, node
        return
    step, rest = pattern[0], pattern[1:]
    if step is _KEY:
        yield from (((*path, key), key) for key in node)
    elif step is _EACH:
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _names(child, rest, (*path, key))
    elif isinstance(step, str) and step in node:
        yield from _names(node[step], rest, (*path, step))


def _priced_levels(data: Json) -> Iterator[Fault]:
    # A price for a peak or a level would make a month cost other than its days.
    for card, row in data.get("rate_cards", {}).items():
        for meter in row["prices"]:
            aggregation = data["meters"].get(meter, {}).get("aggregation", "SUM")
            if not Aggregation(aggregation).additive:
                path = ("rate_cards", card, "prices", meter)
                yield path, f"only a SUM or COUNT meter can have a price, and this is {aggregation}"


def _shared_names(data: Json) -> Iterator[Fault]:
    """One name for two things: usage could not be told apart."""
    for section in ("meters", "projects"):
        rows = data.get(section, {}).items()
        yield from _shared([((section, key, "id"), row["id"]) for key, row in rows if "id" in row])
    names: list[tuple[Path, str]] = []
    for key, row in data.get("customers", {}).items():
        at: Path = ("customers", key)
        names.append((at, key))
        names += [((*at, name), row[name]) for name in ("id", "external_id") if name in row]
        for name in ("emails", "aliases"):
            names += [((*at, name, i), each) for i, each in enumerate(row.get(name, ()))]
    yield from _shared(names)


def _shared(names: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for path, name in names:
        if name.lower() in seen and seen[name.lower()][:2] != path[:2]:
            owner = seen[name.lower()][1]
            yield path, f"{name!r} means {owner!r} already"
        seen.setdefault(name.lower(), path)


def _usage(data: Json) -> Iterator[Fault]:
    counted = {
        event for key, meter in data["meters"].items() for event in meter.get("events", [key])
    }
    for section in ("usage", "events"):
        for index, row in enumerate(data.get(section, ())):
            path = (section, index)
            if row["event"] not in counted:
                message = f"no meter counts {row['event']!r}; {nearest(row['event'], counted)}"
                yield (*path, "event"), message
            owner = data.get("projects", {}).get(row.get("project"), row)["customer"]
            if owner != row["customer"]:
                message = f"project {row['project']!r} belongs to customer {owner!r}"
                yield (*path, "project"), message
            if "quantity" in row and "quantity" in row.get("properties", {}):
                yield (*path, "quantity"), "is given among the properties too"
            yield from _dates(row, path)


def _dates(row: Json, path: Path) -> Iterator[Fault]:
    if "until" in row and parse_date_or_instant(row["until"]) <= parse_date_or_instant(row["from"]):
        yield (*path, "until"), f"ends before it begins, at {row['from']}"
    if "charged_at" in row and parse_date_or_instant(row["charged_at"]) < parse_date_or_instant(
        row["at"]
    ):
        yield (*path, "charged_at"), f"charged before it occurred, at {row['at']}"
