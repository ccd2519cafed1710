"""A report as text for a person: all rules in a table, then what is wrong and how to see it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from metersim.checker.verdict import Standing
from metersim.checker.wording import counted
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
# What a broken rule is that does not count.
_SOFT = ("waived", "notice")


def line(told: Json, width: int) -> str:
    """One rule in one line; why, where it was neither proven nor refuted."""
    standing, word = Standing(told["verdict"]), _word(told)
    mark = click.style(_MARKS[standing], fg="yellow" if word in _SOFT else _COLOURS[standing])
    law = told["reason"] or told["statement"]
    return f"{mark} {told['id']:<13} {word:<15} {cut(law, max(width - 33, 20))}"


def _word(told: Json) -> str:
    """A verdict's standing; of a broken rule that does not count, why it does not."""
    if told["verdict"] != Standing.BROKEN or told["counts"]:
        return str(told["verdict"])
    return "waived" if told["waived"] else "notice"


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
    yield from (click.style(each, fg="yellow") for each in told["idle"])
    words = [_word(each) for each in told["rules"]]
    standings = {word: words.count(word) for word in (*map(str, Standing), *_SOFT)}
    yield "rules   " + ", ".join(f"{n} {word}" for word, n in standings.items() if n)
    wrong = sum(departure["counts"] for departure in told["schema"])
    counts = {"departure": wrong, "notice": len(told["schema"]) - wrong - waived}
    parts = [counted(n, kind) for kind, n in counts.items() if n]
    parts += [f"{waived} waived"] * bool(waived)
    yield f"schema  {', '.join(parts) or 'no departure'}"
    yield f"index   {told['index']} % of the rules could be proven or refuted here"
    yield f"score   {told['score']} % were proven, in {counted(told['calls'], 'call')}"


def _broken(verdict: Json) -> Iterator[str]:
    colour = "red" if verdict["counts"] else "yellow"
    yield ""
    yield click.style(f"{verdict['id']}  {verdict['statement']}", fg=colour)
    notice = "" if verdict["counts"] or verdict["waived"] else ": a notice, unless --strict"
    yield f"  basis     {verdict['basis']}{notice}"
    yield f"  source    {verdict['source']}"
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
