"""What cannot be in the prices and the usage of a scenario, though the schema lets it pass."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

from metersim.billing.instants import parse_date_or_instant, parse_duration
from metersim.billing.meters import Aggregation
from metersim.billing.quantity import ONE, exact, total
from metersim.billing.usage import amount_of
from metersim.errors import nearest
from metersim.reading import Json
from metersim.scenario.population import EACH, generated, named
from metersim.scenario.prices import begins, periods, tiers
from metersim.scenario.usage import STEPS, shares

Path: TypeAlias = tuple[str | int, ...]
Fault: TypeAlias = tuple[Path, str]

_FORMS = ("price", "graduated", "volume")


def price_faults(data: Json) -> Iterator[Fault]:
    """Of prices that cannot be, or that would make a month cost other than its days."""
    for card, row in data.get("rate_cards", {}).items():
        for meter, price in row["prices"].items():
            path: Path = ("rate_cards", card, "prices", meter)
            aggregation = _aggregation(data, meter)
            if not aggregation.additive:
                yield path, f"only a SUM or COUNT meter can have a price, and this is {aggregation}"
            yield from _periods(price, path)
    for key, method in data.get("payment_methods", {}).items():
        if data.get("rate_cards", {}).get(method["rate_card"], {}).get("minimum"):
            message = "the card has a minimum, and MK.IO charges nothing but quantity times price"
            yield ("payment_methods", key, "rate_card"), message


def _aggregation(data: Json, meter: str) -> Aggregation:
    return Aggregation(data["meters"].get(meter, {}).get("aggregation", "SUM"))


def _periods(price: Json, path: Path) -> Iterator[Fault]:
    rows = periods(price)
    places = [(*path, i) if isinstance(price, list) else path for i in range(len(rows))]
    for place, terms in zip(places, rows, strict=True):
        yield from _terms(terms, place)
    for (_, first), (place, later) in pairwise(zip(places, rows, strict=True)):
        start, earlier = begins(later), begins(first)
        if start is None:
            message = "each but the first says from when on it holds, such as from: 2026-04-01"
            yield place, f"overlaps the price before it: {message}"
        elif earlier and parse_date_or_instant(start) <= parse_date_or_instant(earlier):
            message = f"expected later than {earlier}, found {start}"
            yield (*place, "from"), f"overlaps the price before it: {message}"


def _terms(terms: Json, path: Path) -> Iterator[Fault]:
    if not isinstance(terms, dict):
        return
    forms = [form for form in _FORMS if form in terms]
    if len(forms) != 1:
        found = " and ".join(forms) or "none of them"
        yield path, f"expected one of {', '.join(_FORMS)}, found {found}"
    extras = [word for word in ("per", "included") if word in terms]
    if extras and forms and "price" not in forms:
        yield (*path, extras[0]), f"goes with a price, and not with {forms[0]} tiers"
    if len(extras) == 2:
        message = "a price is for a package, or for what goes beyond the included amount"
        yield (*path, "per"), f"per and included exclude each other: {message}"
    model, rows = tiers(terms)
    yield from _bounds(rows, (*path, model.value))


def _bounds(rows: list[Json], at: Path) -> Iterator[Fault]:
    """Of tiers that leave a quantity without a price, or give it two."""
    for i, row in enumerate(rows):
        is_last = i == len(rows) - 1
        if "up_to" not in row and not is_last:
            yield (*at, i, "up_to"), "is required: only the last tier goes on without end"
        if "up_to" in row and is_last:
            hole = f"no tier prices what goes beyond {row['up_to']}"
            yield (*at, i, "up_to"), f"a hole: {hole}; expected a last tier without up_to"
    bounds = [(i, row["up_to"]) for i, row in enumerate(rows) if "up_to" in row]
    for (_, before), (i, bound) in pairwise(bounds):
        if bound <= before:
            message = f"expected more than {before}, found {bound}"
            yield (*at, i, "up_to"), f"overlaps the tier before it: {message}"


def usage_faults(data: Json) -> Iterator[Fault]:
    """Of usage that nothing counts, that belongs to nobody, or that cannot have happened."""
    counted = {event for key in data["meters"] for event in _events(data, key)}
    owners = {key: row["customer"] for key, row in named(data, "projects").items()}
    owners |= {key: key for key in generated(data, "projects")} | {EACH: EACH}
    for section in ("usage", "events"):
        for index, row in enumerate(data.get(section, ())):
            path: Path = (section, index)
            if row["event"] not in counted:
                message = f"no meter counts {row['event']!r}; {nearest(row['event'], counted)}"
                yield (*path, "event"), message
            else:
                yield from _unreadable(data, row, path)
            owner = owners.get(row.get("project"), row["customer"])
            if owner != row["customer"]:
                own = [key for key, each in owners.items() if each == row["customer"]]
                message = f"project {row['project']!r} belongs to customer {owner!r}"
                yield (*path, "project"), f"{message}; {nearest(row['project'], own)}"
            yield from _dates(row, path)
            yield from _levels(data, row, path)
            if section == "usage":
                yield from _pattern(row, path)
                yield from _shares(data, row, path)


def _unreadable(data: Json, row: Json, path: Path) -> Iterator[Fault]:
    """Of an event or a series that has nothing in it which a meter that counts it could read."""
    meters = [key for key in data["meters"] if row["event"] in _events(data, key)]
    carried = {**row.get("properties", {}), "quantity": row.get("quantity")}
    if "amount" in row:
        carried = {**row.get("properties", {}), row.get("property", "quantity"): row["amount"]}
    expected = {_wanted(data, key, carried) for key in meters}
    if "" not in expected:
        message = f"no meter that counts {row['event']!r} can read it"
        yield (*path, "event"), f"{message}; expected {' or '.join(sorted(expected))}"


def _wanted(data: Json, meter: str, carried: Json) -> str:
    """What a meter lacks in what an event or a series carries, in words; empty for nothing."""
    aggregation, name = _aggregation(data, meter), data["meters"][meter].get("property", "quantity")
    value = carried.get(name)
    if aggregation is Aggregation.COUNT:
        return ""
    if aggregation is Aggregation.UNIQUE:
        return "" if value is not None else f"the property {name}"
    number = None if value is None else amount_of(value)
    return "" if number is not None else f"a number in the property {name}"


def _events(data: Json, meter: str) -> list[str]:
    events: list[str] = data["meters"][meter].get("events", [meter])
    return events


def _dates(row: Json, path: Path) -> Iterator[Fault]:
    if "until" in row and parse_date_or_instant(row["until"]) <= parse_date_or_instant(row["from"]):
        message = f"expected later than {row['from']}, found {row['until']}"
        yield (*path, "until"), f"ends before it begins: {message}"
    if "charged_at" in row and parse_date_or_instant(row["charged_at"]) < parse_date_or_instant(
        row["at"]
    ):
        message = f"expected {row['at']} or later, found {row['charged_at']}"
        yield (*path, "charged_at"), f"charged before it occurred: {message}"


def _levels(data: Json, row: Json, path: Path) -> Iterator[Fault]:
    """Of an amount that is given twice, or that is less than nothing where a level stands at it."""
    properties = row.get("properties", {})
    given = {name: ((*path, "properties", name), properties[name]) for name in properties}
    if "quantity" in row:
        if "quantity" in properties:
            yield (*path, "quantity"), "is given among the properties too"
        given["quantity"] = (*path, "quantity"), row["quantity"]
    below = {name for name, (_, value) in given.items() if (amount_of(value) or 0) < 0}
    for meter, each in data["meters"].items() if below else ():
        level = _aggregation(data, meter) in (Aggregation.MAX, Aggregation.LATEST)
        name = each.get("property", "quantity")
        if name in below and level and row["event"] in _events(data, meter):
            at, value = given[name]
            yield at, f"expected at least 0, found {value}: {meter!r} is a level"


def _pattern(row: Json, path: Path) -> Iterator[Fault]:
    if (name := row.get("property", "quantity")) in row.get("properties", {}):
        yield (*path, "properties", name), "is the property that holds the amounts already"
    if "spread" in row and row["customer"] != EACH:
        message = "is how far generated customers lie apart, and this is one customer"
        yield (*path, "spread"), f"{message}; expected customer: {EACH}"
    if "holds" in row and row.get("rhythm", "flat") != "flat":
        message = f"expected flat, found {row['rhythm']!r}"
        yield (*path, "rhythm"), f"a level has none, as it stands while it holds: {message}"
    every = row.get("every", "hour")
    uneven = list(_uneven(row, every, path))
    yield from uneven
    for word in () if uneven else ("bursts", "gaps"):
        if word in row:
            yield from _episodes(row[word], every, (*path, word))


def _uneven(row: Json, every: str, path: Path) -> Iterator[Fault]:
    """Of lengths that end between two facts."""
    lengths: dict[Path, str] = {("holds",): row["holds"]} if "holds" in row else {}
    for word in ("bursts", "gaps"):
        episodes = row.get(word, {})
        lengths |= {(word, key): episodes[key] for key in episodes if key != "times"}
    for at, found in lengths.items():
        length, least = parse_duration(found), 0 if at[-1] == "at" else 1
        steps = max(least, -(-length // STEPS[every]))
        if steps * STEPS[every] != length:
            expected = f"expected a whole number of {every}s, such as {_duration(steps, every)}"
            yield (*path, *at), f"{expected}, found {found}"


def _episodes(episodes: Json, every: str, path: Path) -> Iterator[Fault]:
    period, lasting, at = (
        parse_duration(episodes.get(word, "PT0S")) // STEPS[every]
        for word in ("every", "lasting", "at")
    )
    if lasting >= period:
        message = f"expected less than the period, {episodes['every']}"
        yield (*path, "lasting"), f"{message}, found {episodes['lasting']}"
    elif at + lasting > period:
        latest = _duration(period - lasting, every)
        message = f"expected at most {latest}, found {episodes['at']}"
        yield (*path, "at"), f"goes on beyond the period, {episodes['every']}: {message}"


def _duration(steps: int, every: str) -> str:
    days, hours = (steps, 0) if every == "day" else divmod(steps, 24)
    return f"P{days}D" if days and not hours else f"PT{steps}H"


def _shares(data: Json, row: Json, path: Path) -> Iterator[Fault]:
    if not isinstance(row.get("charged_after"), dict):
        return
    at = (*path, "charged_after")
    whole = total(exact(share) for share in shares(row).values())
    if whole != ONE:
        yield at, f"expected shares that add up to 1, found {whole}"
    for meter in data["meters"]:
        aggregation = _aggregation(data, meter)
        if aggregation is not Aggregation.SUM and row["event"] in _events(data, meter):
            reason = f"only a SUM can be charged in shares, and {meter!r} is {aggregation}"
            yield at, f"expected one duration: {reason}"
