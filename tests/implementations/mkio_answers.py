"""What all of MK.IO's answers need: what is kept, what was sent, how it is told."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Response, request
from simplejson import dumps, loads

from tests.implementations.mkio_report import Refused


class Kept:
    """What is kept, and the defect that is on."""

    def __init__(self, db: sqlite3.Connection, defect: str | None) -> None:
        self.db, self.defect = db, defect

    def known(self, name: str) -> None:
        """Refused for a project that is not there."""
        if not self.db.execute("select 1 from project where name = ?", (name,)).fetchone():
            raise Refused(404, f"no project {name}")


def answer(body: object, status: int = 200) -> Response:
    """A reply in JSON."""
    return Response(dumps(body, use_decimal=True), status, mimetype="application/json")


def body() -> dict[str, Any]:
    """The call's JSON object."""
    try:
        found = loads(request.get_data(), use_decimal=True)
    except ValueError:
        raise Refused(400, "no JSON") from None
    if not isinstance(found, dict):
        raise Refused(400, "no JSON object")
    return found


def whole(text: str | None) -> int | None:
    """A number of rows, where one is given."""
    if text is None:
        return None
    if not (text.isdecimal() and len(text) < 10):
        raise Refused(400, "not a whole number")
    return int(text)


def bounds(start: str, end: str) -> dict[str, str]:
    """A span as it is told."""
    return {"startDate": start, "endDate": end}
