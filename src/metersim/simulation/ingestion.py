"""What vendors that take usage events in have in common: how they read an event's properties."""

from __future__ import annotations

from collections.abc import Mapping

from metersim.billing.quantity import exact
from metersim.billing.usage import Value
from metersim.exact_json import encode
from metersim.reading import Json


def read_properties(given: Mapping[str, Json]) -> dict[str, Value]:
    """Texts and numbers as they are, what is neither as JSON spells it; without those of null."""
    return {key: _value(value) for key, value in given.items() if value is not None}


def _value(value: Json) -> Value:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        return encode(value).decode()
    return exact(value)
