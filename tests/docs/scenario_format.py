"""The scenario format as its JSON Schema has it: a table of keys for each of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from metersim.bundled import bundled
from metersim.reading import Json, read_file
from tests.docs.markdown import table

SCHEMA = read_file(bundled("scenarios") / "scenario.schema.json").data
PARTS = {name: part for name, part in SCHEMA["$defs"].items() if "properties" in part}

Row: TypeAlias = tuple[str, str, str, str, str]

_HEAD = ("key", "what to write", "default", "required", "what it means")

# How each kind of value reads, and the limits that it may have.
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "`true` or `false`",
    "null": "`null`",
}
_NUMERIC = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "in steps of {}",
}
_LIMITS = {
    "number": _NUMERIC,
    "integer": _NUMERIC,
    "string": {"maxLength": "of at most {} characters", "pattern": "matching `{}`"},
    "array": {"maxItems": "(at most {})"},
    "object": {"maxProperties": "(at most {})"},
}
_AT_LEAST_ONE = {
    "string": ("minLength", "non-empty "),
    "array": ("minItems", "non-empty "),
    "object": ("minProperties", "at least one "),
}
# What is listed here is told; anything else stops the page, so that no limit goes unsaid.
_TOLD = {
    *("$schema", "$defs", "$ref", "title", "description", "default", "type", "enum", "const"),
    *("if", "then"),
    *("format", "items", "properties", "required", "propertyNames", "additionalProperties"),
    *(keyword for keyword, _ in _AT_LEAST_ONE.values()),
    *(keyword for limits in _LIMITS.values() for keyword in limits),
}
_encode = msgspec.json.Encoder(decimal_format="number").encode


def scenario_format() -> str:
    """A section for the top level, and one for each named part that has keys of its own."""
    sections = [_section(name, part) for name, part in PARTS.items()]
    return "\n\n".join(["### Top level", table(_HEAD, rows(SCHEMA)), *sections])


def rows(part: Json, within: str = "") -> Iterator[Row]:
    """A row per key, and those of an object without a name below the key that holds it."""
    part = _resolved(part)
    for key, member in part.get("properties", {}).items():
        meant = _resolved(member)
        default = f"`{_spelt(meant['default'])}`" if "default" in meant else ""
        yield f"`{within}{key}`", described(member), default, _needed(key, part), _meaning(member)
        yield from _inner(member, within + key)


def _needed(key: str, part: Json) -> str:
    if key in part.get("then", {}).get("required", ()):
        (other,) = part["if"]["not"]["required"]
        return f"unless `{other}`"
    return "yes" if key in part.get("required", ()) else ""


def _inner(schema: Json, path: str) -> Iterator[Row]:
    if _part(schema):
        return
    yield from rows(schema, f"{path}.")
    for step, each in _each(schema):
        yield from _inner(each, path + step)


def _each(schema: Json) -> Iterator[tuple[str, Json]]:
    """What the items of a list and the values of a map are, and how a path writes them."""
    for keyword, step in (("items", "[]"), ("additionalProperties", ".…")):
        if isinstance(each := _resolved(schema).get(keyword), dict):
            yield step, each


def _meaning(schema: Json) -> str:
    """Its own words, and those of what it holds where no section has them."""
    held = [each for _, each in _each(schema) if _name(each) not in PARTS]
    texts = (_resolved(each).get("description") for each in (schema, *held))
    return " ".join(text for text in texts if text)


def described(schema: Json) -> str:
    """What may be written, in words: of several kinds of value, each with its own limits."""
    meant = _resolved(schema)
    if "enum" in meant or "const" in meant:
        return " ".join(f"`{_spelt(word)}`" for word in meant.get("enum", [meant.get("const")]))
    part = _part(schema)
    link = f"[{_title(part)}](#{_title(part).replace(' ', '-')})"
    kinds = _kinds(meant)
    return " or ".join(link if part and k == "object" else _kind(meant, k) for k in kinds)


def _kinds(schema: Json) -> list[str]:
    # What names no kind is only ever a part of something that does, or has keys.
    kinds = schema.get("type", "object")
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _kind(schema: Json, kind: str) -> str:
    words = _KINDS.get(kind, kind)
    if kind == "string":
        words = schema.get("format", words)
    elif kind == "array":
        words = f"list of {_grouped(schema['items'])}"
    elif kind == "object":
        words = _object(schema)
    least, one = _AT_LEAST_ONE.get(kind, ("", ""))
    assert schema.get(least) in (None, 0, 1), f"no words yet for {least} {schema[least]}"
    phrases = _LIMITS.get(kind, {}).items()
    limits = [phrase.format(schema[keyword]) for keyword, phrase in phrases if keyword in schema]
    return f"{one if schema.get(least) else ''}{words} {', '.join(limits)}".strip()


def _object(schema: Json) -> str:
    texts = [f"`{{{', '.join(schema['properties'])}}}`"] if "properties" in schema else []
    if others := schema.get("additionalProperties"):
        named = schema.get("propertyNames")
        key = described({"type": "string", **named}) if named else "key"
        texts.append(f"{_grouped(others)} by {key}")
    return " and ".join(texts)


def _grouped(schema: Json) -> str:
    words = described(schema)
    return f"({words})" if " or " in words else words


def _section(name: str, part: Json) -> str:
    texts = [f"### {_title(name).capitalize()}"]
    texts += [text for text in [part.get("description")] if text]
    if instead := [_kind(part, kind) for kind in _kinds(part) if kind != "object"]:
        texts.append(f"In place of these keys: {' or '.join(instead)}.")
    return "\n\n".join([*texts, table(_HEAD, rows(part))])


def _name(schema: Json) -> str:
    return str(schema.get("$ref", "")).removeprefix("#/$defs/")


def _part(schema: Json) -> str:
    """The named part whose keys it has; empty where it has none, or its own."""
    while (name := _name(schema)) and name not in PARTS:
        schema = SCHEMA["$defs"][name]
    return name


def _resolved(schema: Json) -> Json:
    """What is said beside a reference goes before what is said where it leads."""
    while name := _name(schema):
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**SCHEMA["$defs"][name], **beside}
    unknown = schema.keys() - _TOLD
    assert not unknown, f"no words yet for {sorted(unknown)}"
    return schema


def _title(name: str) -> str:
    return name.replace("_", " ")


def _spelt(value: Json) -> str:
    return value if isinstance(value, str) else _encode(value).decode()
