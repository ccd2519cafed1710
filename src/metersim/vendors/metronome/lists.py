"""Metronome's lists: things in order of their ids, page by page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import islice

from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.paging import CursorError, read_cursor, write_cursor
from metersim.simulation.problems import invalid
from metersim.world.world import World


def page(
    call: Call, ids: Sequence[str], shown: Callable[[str], Json | None], world: World
) -> Reply:
    """One page of the ids, which are in order, as they are shown; those shown as None are not."""
    most, after = call.query["limit"], _after(call, world)
    start = 0 if after is None else bisect_right(ids, after)
    found = ((ids[number], shown(ids[number])) for number in range(start, len(ids)))
    rows = list(islice(((each, row) for each, row in found if row is not None), most + 1))
    cursor = None
    if len(rows) > most:
        cursor = write_cursor(rows[most - 1][0], _query(call), world.identifiers)
    return Reply({"data": [row for _, row in rows[:most]], "next_page": cursor})


def _query(call: Call) -> Json:
    """What a cursor is bound to; pages may be of any size."""
    unbound = ("next_page", "limit")
    asked = {name: value for name, value in call.query.items() if name not in unbound}
    return [call.operation.id, asked]


def _after(call: Call, world: World) -> str | None:
    """The id that the page before ended with; None for the first page."""
    cursor = call.query.get("next_page")
    if cursor is None:
        return None
    try:
        return read_cursor(cursor, _query(call), world.identifiers, str)
    except CursorError as error:
        told = f"{error}; repeat it with the parameters it came from"
        raise invalid("next_page", told) from None
