"""What a scenario's schema cannot say: that references lead somewhere, and that data make sense.

Every fault is found in one go, so that a file is mended in one go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from itertools import chain

from metersim.errors import nearest
from metersim.reading import Json
from metersim.scenario.faults import Fault, Path, price_faults, usage_faults
from metersim.scenario.population import EACH, generated, locales, named

_EACH, _KEY = object(), object()

# What the vendors' documents ask of a token, and what stands for many of them.
_SCOPES = ("*", "*:read", "*:write") + tuple(
    f"{what}:{how}"
    for what in ("usage", "projects", "payment-methods")
    for how in ("read", "write")
)

# Where a name stands that must be one of a section's: the value there, or the keys.
_REFERENCES: tuple[tuple[tuple[object, ...], str], ...] = (
    (("list_prices",), "rate_cards"),
    (("rate_cards", _EACH, "prices", _KEY), "meters"),
    (("payment_methods", _EACH, "rate_card"), "rate_cards"),
    (("plans", _EACH, "includes", _KEY), "meters"),
    (("customers", _EACH, "plan"), "plans"),
    (("customers", _EACH, "rate_card"), "rate_cards"),
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
    yield from _references(data)
    yield from _population(data)
    yield from price_faults(data)
    yield from _shared_names(data)
    yield from usage_faults(data)
    yield from _credentials(data.get("credentials", {}), given_tokens)


def _credentials(rows: Json, given_tokens: Collection[str]) -> Iterator[Fault]:
    for token, row in rows.items():
        at: Path = ("credentials", token)
        if token in given_tokens:
            yield at, "every scenario has this token, and its meaning is fixed"
        for index, scope in enumerate(row["scopes"]):
            # What is nearly a known one is misspelt; any other may be of a vendor of one's own.
            if scope not in _SCOPES and get_close_matches(scope, _SCOPES, cutoff=0.8):
                yield (*at, "scopes", index), f"no scope {scope!r}; {nearest(scope, _SCOPES)}"


def _references(data: Json) -> Iterator[Fault]:
    for pattern, section in _REFERENCES:
        known: list[Collection[str]] = [named(data, section), generated(data, section)]
        if pattern[0] == "usage" and known[1]:
            known.append((EACH,))  # here alone it stands for all that are generated
        for path, name in _names(data, pattern, ()):
            if not any(name in keys for keys in known):
                yield path, f"{name!r} is not among {section}; {nearest(name, {*chain(*known)})}"


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
    elif isinstance(node, dict) and isinstance(step, str) and step in node:
        yield from _names(node[step], rest, (*path, step))


def _population(data: Json) -> Iterator[Fault]:
    customers = data.get("customers", {})
    if "count" not in customers:
        for section, word in (("customers", EACH), ("customers", "locale"), ("projects", EACH)):
            if word in data.get(section, {}):
                yield (section, word), "customers.count says how many are generated, and is missing"
    if "locale" in customers and customers["locale"] not in locales():
        found = customers["locale"]
        yield ("customers", "locale"), f"no locale {found!r}; {nearest(found, locales())}"
    for key in named(data, "projects"):
        if key in generated(data, "projects"):
            yield ("projects", key), f"{key!r} is a generated project already"


def _shared_names(data: Json) -> Iterator[Fault]:
    """One name for two things: usage could not be told apart."""
    for section in ("meters", "projects"):
        rows = named(data, section).items()
        yield from _shared([((section, key, "id"), row["id"]) for key, row in rows if "id" in row])
    names: list[tuple[Path, str]] = []
    for key, row in named(data, "customers").items():
        at: Path = ("customers", key)
        names.append((at, key))
        names += [((*at, name), row[name]) for name in ("id", "external_id") if name in row]
        for name in ("emails", "aliases"):
            names += [((*at, name, i), each) for i, each in enumerate(row.get(name, ()))]
    yield from _shared(names)
    for path, name in names:
        if name.lower() in generated(data, "customers"):
            yield path, f"{name!r} means a generated customer already"


def _shared(names: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for path, name in names:
        if name.lower() in seen and seen[name.lower()][:2] != path[:2]:
            owner = seen[name.lower()][1]
            yield path, f"{name!r} means {owner!r} already"
        seen.setdefault(name.lower(), path)
