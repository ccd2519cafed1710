"""What a comparison found, as data without secrets, and as text for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from metersim.checker.comparing import Compared, Difference
from metersim.checker.secrets import Secrets
from metersim.checker.wording import counted
from metersim.contract.exchange import cut
from metersim.reading import Json


def told(found: Mapping[str, Compared], secrets: Secrets, here: str, there: str) -> Json:
    """All of it; the two implementations are called ``a`` and ``b``, as they were given."""
    return {
        "a": here,
        "b": there,
        "alike": not any(each.differences for each in found.values()),
        "operations": [
            {
                "operation": name,
                "calls": each.calls,
                "alike": each.alike,
                "unsteady": each.unsteady,
                "set_aside": sorted(each.set_aside),
                "differences": [
                    _difference(each, secrets, here, there) for each in each.differences.values()
                ],
            }
            for name, each in sorted(found.items())
        ],
    }


def _difference(difference: Difference, secrets: Secrets, here: str, there: str) -> Json:
    first, unlike = difference.first, difference.unlike
    return {
        "pointer": unlike.pointer,
        "calls": difference.calls,
        # Hidden first: a cut might go through a secret.
        "a": cut(secrets.hide(unlike.here)),
        "b": cut(secrets.hide(unlike.there)),
        "curl_a": secrets.curl(here, first.here.asked),
        "curl_b": secrets.curl(there, first.asked_there),
    }


def text(told: Json) -> str:
    """What differs in each operation, then how much is alike."""
    return "\n".join(_lines(told))


def _lines(told: Json) -> Iterator[str]:
    for operation in told["operations"]:
        for difference in operation["differences"]:
            name = f"{operation['operation']}  {difference['pointer']}"
            yield click.style(name, fg="red") + f"  in {counted(difference['calls'], 'call')}"
            for which in ("a", "b"):
                yield f"  {which.upper()}  {' '.join(difference[which].split())}"
            for which in ("a", "b"):
                yield f"  {which.upper()}  {difference[f'curl_{which}']}"
            yield ""
    for operation in told["operations"]:
        yield _summed(operation)
        for place in operation["set_aside"]:
            yield f"    set aside: {place}"


def _summed(operation: Json) -> str:
    colour = "red" if operation["differences"] else "green"
    mark = click.style("✗" if operation["differences"] else "✓", fg=colour)
    line = f"{mark} {operation['operation']}: {operation['alike']} of "
    line += counted(operation["calls"], "call")
    line += " answered alike"
    if operation["unsteady"]:
        line += f", {operation['unsteady']} not compared: A answers now so, now otherwise"
    return line
