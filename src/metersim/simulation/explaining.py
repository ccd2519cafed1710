"""Explains a row that somebody copied from a reply."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

import msgspec

from metersim.billing.instants import Span, parse_date_or_instant
from metersim.errors import ControlError, cut, nearest
from metersim.exact_json import decode
from metersim.reading import Json
from metersim.simulation.problems import Problem
from metersim.simulation.vendor import Vendor
from metersim.validation import Validator, Violation
from metersim.world.world import World

_Known = TypeVar("_Known")


def explain(vendors: Mapping[str, Vendor], name: str, row: Json, world: World) -> Json:
    """How the number in a row of a vendor's reply came about, as JSON data, every number exact."""
    explainers = {key: each.explain for key, each in vendors.items() if each.explain is not None}
    if name not in explainers:
        found = (
            f"{name}: its replies hold no number" if name in vendors else f"no vendor {cut(name)!r}"
        )
        raise ControlError(f"{found}; {nearest(name, explainers)}")
    try:
        explanation = explainers[name](row, world)
    except Problem as problem:
        # What the vendor itself would have refused.
        raise ControlError(f"row: {problem.detail}") from None
    return {"vendor": name, **msgspec.to_builtins(explanation, builtin_types=(Decimal,))}


def read_row(text: str) -> Json:
    """A row in JSON, every number exact."""
    try:
        return decode(text)
    except ValueError as error:
        raise ControlError(f"row: expected JSON, found {text[:40]!r}: {error}") from None


def check_row(row: Json, form: Validator) -> Mapping[str, Json]:
    """The row, without what is null where the form has no null: an SDK prints what is absent so.

    What is no row of the form is refused, and told in which way.
    """
    checked: dict[str, Json] = row
    while violations := form.violations(checked, "row"):
        if not isinstance(row, dict):
            raise ControlError("; ".join(map(str, violations)))
        at_fault = {str(key) for each in violations for key in each.path}
        if not any(checked.get(key, "") is None for key in at_fault):
            raise ControlError(_refusal(checked, violations))
        checked = {k: v for k, v in checked.items() if v is not None or k not in at_fault}
    return checked


def _refusal(row: Mapping[str, Json], violations: Iterable[Violation]) -> str:
    for key in ("value", "data"):
        if isinstance(row.get(key), list):
            return f"row: this is a whole reply; give one item of its {key}"
    given = f"; given: {', '.join(row)}" if row else ""
    return "; ".join(map(str, violations)) + given


def known(key: str, word: str, entities: Mapping[str, _Known]) -> _Known:
    """What a row's key names, or a refusal with the nearest name."""
    if word not in entities:
        raise ControlError(f"row.{key}: {word!r} is not known; {nearest(word, entities)}")
    return entities[word]


def window_of(row: Mapping[str, Json], start: str, end: str) -> Span:
    """The span between two of a row's keys."""
    window = Span(parse_date_or_instant(row[start]), parse_date_or_instant(row[end]))
    if not window:
        raise ControlError(f"row.{end}: must be after {start}, found {row[start]} to {row[end]}")
    return window


def departures(
    row: Mapping[str, Json], answered: Mapping[str, Collection[Decimal | None]]
) -> list[str]:
    """Where a number that the row gives is none of those that are answered here and now."""
    return [
        f"{key}: the row says {_spelt(row[key])}, and here and now it is "
        f"{' or '.join(map(_spelt, numbers)) or 'not answered'}"
        for key, numbers in answered.items()
        if key in row and row[key] not in numbers
    ]


def _spelt(number: Json) -> str:
    if isinstance(number, Decimal):
        return format(number, "f")
    return "null" if number is None else str(number)
