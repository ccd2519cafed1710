"""Validators compiled from JSON Schemas, and the violations they find."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import jsonschema_rs

from metersim.billing.instants import (
    parse_date,
    parse_date_or_instant,
    parse_duration,
    parse_instant,
)
from metersim.errors import nearest
from metersim.reading import Json


@dataclass(frozen=True, slots=True)
class Violation:
    """A departure from a contract: the path to it (``body``, ``startDate``), and what is wrong."""

    path: tuple[str | int, ...]
    message: str

    @property
    def where(self) -> str:
        """The path in one word: ``body.startDate``."""
        return ".".join(map(str, self.path))

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


class Validator:
    """A compiled schema; ``components`` is what its references ``#/components/…`` point into."""

    def __init__(self, schema: Json, components: Json = None) -> None:
        self._schema = schema if components is None else {**schema, "components": components}
        self._compiled = jsonschema_rs.Draft202012Validator(
            self._schema, validate_formats=True, formats=_FORMATS, offline=True
        )

    def violations(self, value: Json, *path: str | int) -> list[Violation]:
        """Everything wrong with the value that stands at the path; nothing when it conforms."""
        try:
            if self._compiled.is_valid(value):
                return []
            return [self._violation(error, path) for error in self._compiled.iter_errors(value)]
        except UnicodeEncodeError:
            return [Violation(path, "contains half of a surrogate pair, which is no character")]

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
            case "anyOf" | "oneOf":
                first = [branch[0] for branch in kind.context if branch]
                texts = [str(self._violation(each, ())).lstrip(": ") for each in first]
                return Violation(
                    at, " or ".join(dict.fromkeys(texts)) or "matches more than one form"
                )
            case _:
                return Violation(at, _explained(error))


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
            return f"found {found}; {nearest(str(error.instance), map(str, kind.options))}"
        case "const":
            return f"expected {_shown(kind.expected_value)}, found {found}"
        case "format":
            return f"found {found}, which is no {kind.format}"
        case "pattern":
            return f"expected text matching {kind.pattern}, found {found}"
        case "multipleOf":
            return f"expected a multiple of {kind.multiple_of}, found {found}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"expected {_BOUNDS[kind.name]} {kind.limit}, found {found}"
        case "minLength" | "maxLength" | "minItems" | "maxItems":
            unit = "characters" if kind.name.endswith("Length") else "items"
            size = len(cast("list[Json] | str", error.instance))
            return f"expected {_BOUNDS[kind.name]} {kind.limit} {unit}, found {size}"
        case "not" if "required" in kind.schema:
            return f"{' and '.join(kind.schema['required'])} exclude each other"
        case _:
            return error.message


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "minLength": "at least",
    "maxLength": "at most",
    "minItems": "at least",
    "maxItems": "at most",
}


def _shown(value: Json) -> str:
    """The value as JSON, cut where it is long; numbers as they were written."""
    if isinstance(value, Decimal):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"
