"""An explanation as text for a person: what was used, what that is charged, the steps after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from metersim.announcement import table
from metersim.billing.facts import text_of
from metersim.reading import Json

_Row: TypeAlias = tuple[str, ...]

_AXES = {"occurred": "by when it occurred", "charged": "by when it was charged"}
_USAGE = ("usage", "of", "facts", "first", "last", "charged", "quantity", "")
_CHARGES = ("rate", "quantity", "price", "amount", "")


def explained_as_text(explanation: Mapping[str, Json]) -> str:
    """A block for each part, then the steps from there to the number, then the notes."""
    notes = [f"Note: {note}" for note in explanation["notes"]]
    parts = map(_part, explanation["parts"])
    return "\n\n".join([explanation["title"], *parts, _aligned(_steps(explanation), 2), *notes])


def _part(part: Json) -> str:
    window, quantity = part["window"], _spelt(part["quantity"])
    head = f"{part['meter']} from {window['start']} to {window['end']}, {_AXES[part['axis']]}"
    if part["quantity"] is None:
        return f"{head}\nno usage"
    whole = (part["aggregation"], "", "", "", "", "", quantity, part["unit"])
    usage = _aligned([_USAGE, *_sources(part), whole], 2, 6)
    return "\n".join([head, usage, *_cost(part["cost"])])


def _steps(explanation: Mapping[str, Json]) -> Iterator[_Row]:
    """The number is one of them, or else it comes last; beside it stands the unit."""
    number, unit = explanation["number"], explanation["unit"]
    for step in explanation["steps"]:
        name = step["name"]
        yield name, step["how"], _spelt(step["value"]), unit if name == number else ""
    if number not in [step["name"] for step in explanation["steps"]]:
        yield number, "", _spelt(explanation["amount"]), unit


def _sources(part: Json) -> Iterator[_Row]:
    for series in part["series"]:
        charged = (
            "at once" if series["charged_after"] == "P0D" else f"{series['charged_after']} later"
        )
        span = (series["first"], series["last"], charged)
        yield *_named(series), str(series["facts"]), *span, _spelt(series["value"]), ""
    for event in part["events"]:
        charged = "at once" if event["charged"] == event["occurred"] else event["charged"]
        span = (event["occurred"], event["occurred"], charged)
        yield *_named(event), "1", *span, _spelt(event["value"]), ""


def _named(source: Json) -> tuple[str, str]:
    properties = (f"{name}={_spelt(value)}" for name, value in source["properties"].items())
    whose = " ".join(filter(None, (source["customer"], source["project"])))
    return " ".join([source["event"], *properties]), whose


def _cost(cost: Json) -> Iterator[str]:
    if cost is None:
        return
    yield f"rate card {cost['rate_card']}"
    if cost["counts"]:
        yield f"counted from each month's start, in order of occurrence: {cost['scope']}"
    for count in cost["counts"]:
        total, other = (_spelt(count[key]) if count[key] else "none" for key in ("total", "other"))
        yield f"{count['period']['start'][:7]}: {total}, {other} of it other usage than this"
    rows = [
        (
            _rate(each),
            *(_spelt(each[key]) for key in ("quantity", "price", "amount")),
            "← the row asked about" if each["asked"] else "",
        )
        for each in cost["charges"]
    ]
    whole = ("cost", "", "", _spelt(cost["amount"]), cost["currency"])
    yield _aligned([_CHARGES, *rows, whole], 1, 2, 3)


def _rate(charge: Json) -> str:
    words = [charge["model"]]
    if charge["per"] is not None:
        words.append(f"each {_spelt(charge['per'])} begun")
    bounds = (("above", charge["above"]), ("up to", charge["up_to"]))
    words += [f"{word} {_spelt(bound)}" for word, bound in bounds if bound is not None]
    if charge["since"] is not None:
        words.append(f"from {charge['since']}")
    return " ".join(words)


def _spelt(value: str | int | Decimal | None) -> str:
    """A number in all its digits; text as it is."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else text_of(Decimal(value))


def _aligned(rows: Iterable[_Row], *numbers: int) -> str:
    """A table in which some columns have their decimal points below each other."""
    columns = [
        _pointed(column) if number in numbers else column
        for number, column in enumerate(zip(*rows, strict=True))
    ]
    return table(zip(*columns, strict=True))


def _pointed(column: Sequence[str]) -> list[str]:
    width = max(len(cell.partition(".")[0]) for cell in column)
    return [" " * (width - len(cell.partition(".")[0])) + cell for cell in column]
