"""Validators compiled from JSON Schemas, and the violations they find."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from typing import Any, cast

import jsonschema_rs

from metersim.billing.instants import (
    parse_date,
    parse_date_or_instant,
    parse_duration,
    parse_instant,
)
from metersim.errors import cut, nearest
from metersim.reading import Json


@dataclass(frozen=True, slots=True)
class Violation:
    """A departure from a contract: the path to it (``body``, ``startDate``), and what is wrong.

    ``basis`` is on whose word the part stands that is departed from; empty where nobody says.
    """

    path: tuple[str | int, ...]
    message: str
    basis: str = field(default="", compare=False)

    @property
    def where(self) -> str:
        """The path in one word: ``body.startDate``."""
        return ".".join(cut(str(step)) for step in self.path)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


# A leap second or the year 0 would pass as RFC 3339 and then be no instant: what passes, parses.
_FORMATS = {
    "date": _parses(parse_date),
    "date-time": _parses(parse_instant),
    "instant": _parses(parse_date_or_instant),
    "duration": _parses(parse_duration),
}


# Of a body with many faults, this many are told.
MOST_TOLD = 20
# All faults are found before the first is told. In more values than these that would take seconds.
_MOST_SEARCHED = 10_000

# Any other name would be let pass unchecked.
FORMATS = {*_FORMATS, "email", "hostname", "ipv4", "ipv6", "uri", "uuid"}


class SchemaError(ValueError):
    """A schema that is none; ``path`` leads to what is wrong in it."""

    def __init__(self, message: str, path: Sequence[str | int]) -> None:
        super().__init__(message)
        self.path = tuple(path)


class Validator:
    """A compiled schema; ``components`` is what its references ``#/components/…`` point into."""

    def __init__(self, schema: Json, components: Json = None) -> None:
        self._schema = schema if components is None else {**schema, "components": components}
        try:
            self._compiled = jsonschema_rs.Draft202012Validator(
                self._schema, validate_formats=True, formats=_FORMATS, offline=True
            )
        except jsonschema_rs.ValidationError as error:
            raise SchemaError(cut(error.message), error.instance_path) from None

    def violations(self, value: Json, *path: str | int) -> list[Violation]:
        """What is wrong with the value that stands at the path, the first 20 faults of it.

        Of a value that holds very many others, the first fault alone.
        """
        try:
            if self._compiled.is_valid(value):
                return []
            errors = self._errors(value)
            return [replace(self._violation(e, path), basis=self._basis(e)) for e in errors]
        except UnicodeEncodeError:
            return [Violation(path, "contains half of a surrogate pair, which is no character")]

    def _errors(self, value: Json) -> Iterable[jsonschema_rs.ValidationError]:
        if sum(1 for _ in islice(_within(value), _MOST_SEARCHED)) < _MOST_SEARCHED:
            return islice(self._compiled.iter_errors(value), MOST_TOLD)
        try:
            self._compiled.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [error]
        return []

    def _basis(self, error: jsonschema_rs.ValidationError) -> str:
        """The innermost ``x-basis`` on the way to what is departed from.

        A keyword that ``x-assumed`` names is our own choice, on whosever word the rest stands. So
        it is that null is no way to leave out what may be left out.
        """
        steps = [*error.schema_path]
        if _kind(error).name == "required":
            # It is the missing property that somebody promises, or nobody does.
            steps += ["properties", _kind(error).property]
        found, owner = "", {}
        for node, step in self._on_the_way(steps):
            if isinstance(node, dict):
                found = node.get("x-basis", found)
                if step in node.get("x-assumed", ()):
                    return "assumed"
            if step == "properties":
                owner = node
        is_left_out = error.instance is None and _may_lack(owner, error.instance_path[-1:])
        return "assumed" if is_left_out else str(found)

    def _on_the_way(self, steps: Sequence[str | int]) -> Iterator[tuple[Json, str | int | None]]:
        """The parts of the schema that the steps lead through, each with the step from there."""
        node: Json = self._schema
        for step in steps:
            yield node, step
            if step == "required" and isinstance(node.get(step), list):
                # It names what is missing, and leads nowhere.
                continue
            if step == "$ref":
                node = _at(self._schema, node["$ref"].removeprefix("#/").split("/"))
            elif isinstance(node, dict) and step not in node:
                return
            else:
                node = _at(node, [step])
        yield node, None

    def _violation(
        self, error: jsonschema_rs.ValidationError, path: Sequence[str | int]
    ) -> Violation:
        at, kind = (*path, *error.instance_path), _kind(error)
        match kind.name:
            case "required":
                return Violation((*at, kind.property), "is required")
            case "additionalProperties":
                unknown = kind.unexpected[0]
                allowed = _at(self._schema, error.schema_path[:-1]).get("properties", {})
                return Violation((*at, unknown), f"is not known; {nearest(unknown, allowed)}")
            case "propertyNames":
                return Violation((*at, kind.error.instance), _explained(kind.error))
            case "anyOf" | "oneOf":
                return Violation(at, self._alternatives(error))
            case _:
                return Violation(at, _explained(error))

    def _alternatives(self, error: jsonschema_rs.ValidationError) -> str:
        """None of the alternatives holds, or more than one: what each of them misses first."""
        branches = _kind(error).context
        first = [branch[0] for branch in branches if branch]
        kinds = [_kind(each) for each in first]
        if len(first) < len(branches):
            return "matches more than one form"
        if all(kind.name == "required" for kind in kinds):
            return f"one of {', '.join(kind.property for kind in kinds)} is required"
        if all(kind.name == "format" for kind in kinds):
            forms = " or ".join(_form(kind.format) for kind in kinds)
            return f"found {_shown(error.instance)}, which is no {forms}"
        texts = (str(self._violation(each, ())).lstrip(": ") for each in first)
        return " or ".join(dict.fromkeys(texts))


def _within(value: Json) -> Iterator[Json]:
    """The value and all that it holds."""
    left = [iter((value,))]
    while left:
        for each in left[-1]:
            yield each
            if isinstance(each, dict | list):
                left.append(iter(each.values() if isinstance(each, dict) else each))
                break
        else:
            left.pop()


def _may_lack(schema: Json, path: Sequence[str | int]) -> bool:
    """Whether the path is a property that the schema names, and does not demand on any word."""
    named = path and path[0] in schema.get("properties", ())
    demanded = () if "required" in schema.get("x-assumed", ()) else schema.get("required", ())
    return bool(named) and path[0] not in demanded


def _at(schema: Json, path: Sequence[str | int]) -> Json:
    for step in path:
        schema = schema[step]
    return schema


def _kind(error: jsonschema_rs.ValidationError) -> Any:
    # The library's stub knows only the base class, and not what each kind of error carries.
    return error.kind


def _explained(error: jsonschema_rs.ValidationError) -> str:
    kind, found = _kind(error), _shown(error.instance)
    match kind.name:
        case "type":
            return f"expected {' or '.join(kind.types)}, found {found}"
        case "enum":
            options = [each if isinstance(each, str) else _shown(each) for each in kind.options]
            return f"found {found}; {nearest(str(error.instance), options)}"
        case "const":
            return f"expected {_shown(kind.expected_value)}, found {found}"
        case "format":
            hint = _hint(kind.format, str(error.instance))
            return f"found {found}, which is no {_form(kind.format)}{hint}"
        case "pattern":
            return f"expected text matching {kind.pattern}, found {found}"
        case "multipleOf":
            return f"expected a multiple of {kind.multiple_of}, found {found}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"expected {_BOUNDS[kind.name]} {kind.limit}, found {found}"
        case _ if kind.name[3:] in _SIZES:
            size = len(cast("list[Json] | dict[str, Json] | str", error.instance))
            bound = f"{_BOUNDS[kind.name[:3]]} {kind.limit} {_SIZES[kind.name[3:]]}"
            return f"expected {bound}, found {size}"
        case "not" if "required" in kind.schema:
            return f"{' and '.join(kind.schema['required'])} exclude each other"
        case _:
            return cut(error.message)


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "min": "at least",
    "max": "at most",
}

_SIZES = {"Length": "characters", "Items": "items", "Properties": "keys"}


_SUCH_AS = {
    "date": "2026-03-18",
    "date-time": "2026-03-18T09:30:00Z",
    "instant": "2026-03-18T09:30:00Z or 2026-03-18",
    "duration": "P3D or PT36H",
    "email": "name@example.com",
    "uuid": "550e8400-e29b-41d4-a716-446655440000",
}


_IN_MONTHS = re.compile(r"P[^T]*[YM]")


def _form(name: str) -> str:
    return f"{name} such as {_SUCH_AS[name]}" if name in _SUCH_AS else name


def _hint(name: str, text: str) -> str:
    """What is missing, or cannot be, in a text that nearly has the form."""
    if name in ("instant", "date-time") and _FORMATS[name](f"{text}Z"):
        return "; say Z or an offset"
    if name == "duration" and _IN_MONTHS.match(text):
        return "; years and months have no fixed length"
    return ""


def _shown(value: Json) -> str:
    """The value as JSON, cut where it is long; numbers exact."""
    if isinstance(value, Decimal):
        return str(value)
    return cut(json.dumps(value, ensure_ascii=False, default=str))
