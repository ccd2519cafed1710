"""A report as text for a person: all rules in a table, then what is wrong and how to see it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from metersim.checker.verdict import Standing
from metersim.contract.exchange import cut
from metersim.reading import Json

_COLOURS = {
    Standing.HOLDS: "green",
    Standing.BROKEN: "red",
    Standing.NOT_APPLICABLE: "yellow",
    Standing.NOT_RUN: "bright_black",
}
_MARKS = {
    Standing.HOLDS: "✓",
    Standing.BROKEN: "✗",
    Standing.NOT_APPLICABLE: "·",
    Standing.NOT_RUN: "-",
}


def line(told: Json, width: int) -> str:
    """One rule in one line; why, where it was neither proven nor refuted."""
    standing = Standing(told["verdict"])
    notice = standing is Standing.BROKEN and not told["counts"]
    word = ("waived" if told["waived"] else "notice") if notice else str(standing)
    mark = click.style(_MARKS[standing], fg="yellow" if notice else _COLOURS[standing])
    law = told["reason"] or told["statement"]
    return f"{mark} {told['id']:<13} {word:<15} {cut(law, max(width - 33, 20))}"


def ending(told: Json) -> str:
    """What follows the table: notices, failures with their curl lines, the two figures."""
    return "\n".join(_ending(told))


def _ending(told: Json) -> Iterator[str]:
    broken = [each for each in told["rules"] if each["verdict"] == Standing.BROKEN]
    for verdict in sorted(broken, key=lambda each: each["counts"]):
        yield from _broken(verdict)
    for departure in sorted(told["schema"], key=lambda each: each["counts"]):
        if departure["waived"] is None:
            yield from _departed(departure)
    waived = sum(departure["waived"] is not None for departure in told["schema"])
    yield ""
    if told["stopped"]:
        yield click.style(f"Stopped: {told['stopped']}", fg="red")
    yield from (click.style(each, fg="red") for each in told["expired"])
    counted = {standing: _count(told, standing) for standing in Standing}
    yield "rules   " + ", ".join(f"{n} {standing}" for standing, n in counted.items() if n)
    wrong = sum(departure["counts"] for departure in told["schema"])
    counts = {"departures": wrong, "notices": len(told["schema"]) - wrong - waived}
    parts = [f"{n} {kind}" for kind, n in (counts | {"waived": waived}).items() if n]
    yield f"schema  {', '.join(parts) or 'no departure'}"
    yield f"index   {told['index']} % of the rules could be proven or refuted here"
    yield f"score   {told['score']} % were proven, in {told['calls']} calls"


def _broken(verdict: Json) -> Iterator[str]:
    colour = "red" if verdict["counts"] else "yellow"
    yield ""
    yield click.style(f"{verdict['id']}  {verdict['statement']}", fg=colour)
    notice = "" if verdict["counts"] or verdict["waived"] else ": a notice, unless --strict"
    yield f"  basis     {verdict['basis']}{notice}"
    if verdict["waived"]:
        yield f"  waived    {verdict['waived']}"
    yield f"  expected  {verdict['expected']}"
    yield f"  found     {verdict['found']}"
    for exchange in verdict["exchanges"]:
        yield f"  call      {exchange['curl']}"
        reply = " ".join(exchange["reply"].split())
        yield f"  answered  {exchange['status']} {cut(reply)}".rstrip()
    yield f"  again     {verdict['repeat']}"


def _departed(departure: Json) -> Iterator[str]:
    colour, notice = "red", ""
    if not departure["counts"]:
        colour, notice = "yellow", "  (on an assumed basis: a notice, unless --strict)"
    yield ""
    yield click.style(f"schema: {departure['operation']}: {departure['check']}", fg=colour) + notice
    yield f"  {departure['message']}"
    yield f"  {departure['exchange']['curl']}"


def _count(told: Json, standing: Standing) -> int:
    return sum(each["verdict"] == standing for each in told["rules"])
