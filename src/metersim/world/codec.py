"""Changes as JSON data, and back: no instant loses a microsecond and no number its spelling.

What comes from outside is doubted: which change, which key, what was expected, what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias, get_args

from metersim.billing.instants import parse_instant, to_exact
from metersim.billing.quantity import exact
from metersim.billing.usage import Value
from metersim.errors import ControlError, cut, nearest
from metersim.world.changes import Change
from metersim.world.clock import FASTEST

Data: TypeAlias = Any

_KINDS: Mapping[str, type[Change]] = {kind.__name__: kind for kind in get_args(Change)}


def encoded(change: Change) -> dict[str, Data]:
    """A change as JSON data, with its kind; decimals stay, and are numbers on the wire."""
    data = {each.name: getattr(change, each.name) for each in fields(change)}
    return {"change": type(change).__name__} | {
        key: to_exact(value) if isinstance(value, datetime) else value
        for key, value in data.items()
    }


def decoded(rows: Sequence[Data]) -> list[Change]:
    """The changes that ``encoded`` told of; ControlError names the first thing that is wrong."""
    return [_change(row, f"changes.{number}") for number, row in enumerate(rows)]


def _change(row: Data, where: str) -> Change:
    if not isinstance(row, dict):
        raise _unexpected(where, "an object", row)
    kind = _KINDS.get(str(row.get("change")))
    if kind is None:
        found = str(row.get("change"))
        raise ControlError(f"{where}.change: no change {cut(found)!r}; {nearest(found, _KINDS)}")
    known = {each.name: each for each in fields(kind)}
    for key in sorted(row.keys() - known.keys() - {"change"}):
        raise ControlError(f"{where}.{cut(key)}: is not known; {nearest(key, known)}")
    read: dict[str, Data] = {}
    for name, each in known.items():
        if name in row:
            # Types are text here, as in every module that puts off reading its annotations.
            read[name] = _READERS[str(each.type)](row[name], f"{where}.{name}")
        elif each.default is MISSING:
            raise ControlError(f"{where}.{name}: is required")
    return kind(**read)


def _text(value: Data, where: str) -> str:
    if not isinstance(value, str):
        raise _unexpected(where, "text", value)
    return value


def _texts(value: Data, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _unexpected(where, "a list", value)
    return tuple(_text(each, f"{where}.{number}") for number, each in enumerate(value))


def _flag(value: Data, where: str) -> bool:
    if not isinstance(value, bool):
        raise _unexpected(where, "true or false", value)
    return value


def _instant(value: Data, where: str) -> datetime:
    try:
        return parse_instant(_text(value, where))
    except ValueError as error:
        raise ControlError(f"{where}: {error}") from None


def _number(value: Data, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _unexpected(where, "a number", value)
    try:
        return exact(value)
    except ValueError as error:
        raise ControlError(f"{where}: {error}") from None


def _rate(value: Data, where: str) -> Decimal:
    rate = _number(value, where)
    if not 0 <= rate <= FASTEST:
        raise _unexpected(where, f"a number from 0 to {FASTEST}", value)
    return rate


def _properties(value: Data, where: str) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise _unexpected(where, "an object", value)
    return {
        key: each if isinstance(each, str) else _number(each, f"{where}.{key}")
        for key, each in value.items()
    }


def _or_none(read: Callable[[Data, str], Data]) -> Callable[[Data, str], Data]:
    return lambda value, where: None if value is None else read(value, where)


# One for each type that a change has; a new one is missed by the first test of its change.
_READERS: Mapping[str, Callable[[Data, str], Data]] = {
    "str": _text,
    "str | None": _or_none(_text),
    "tuple[str, ...]": _texts,
    "bool": _flag,
    "datetime": _instant,
    "Decimal | None": _or_none(_rate),
    "Mapping[str, Value]": _properties,
}


def _unexpected(where: str, expected: str, found: Data) -> ControlError:
    return ControlError(f"{where}: expected {expected}, found {str(found)[:40]!r}")
