"""Cursors: opaque to the caller, bound to the query they belong to, and proof against forgery."""

from __future__ import annotations

import base64
from hmac import compare_digest
from typing import TypeVar

import msgspec

from metersim.reading import Json
from metersim.world.identifiers import Identifiers

_SIGNATURE = 12
_Position = TypeVar("_Position")


class CursorError(ValueError):
    """The cursor is not one of ours, or belongs to another query."""


def write_cursor(position: object, query: Json, identifiers: Identifiers) -> str:
    """A cursor that stands for a position in the answer to a query; safe in a URL as it is."""
    return _cursor(msgspec.json.encode(position), query, identifiers)


def read_cursor(
    cursor: str, query: Json, identifiers: Identifiers, kind: type[_Position]
) -> _Position:
    """The position that a cursor stands for; CursorError unless we wrote it for this very query.

    ``kind`` is the type of the position.
    """
    try:
        payload = base64.urlsafe_b64decode(cursor)[_SIGNATURE:]
        # Compared in writing: one position has many spellings in base64, and we wrote one.
        if compare_digest(cursor.encode(), _cursor(payload, query, identifiers).encode()):
            return msgspec.json.decode(payload, type=kind)
    except ValueError:
        raise CursorError("the cursor is malformed") from None
    raise CursorError("the cursor does not belong to this query")


def _cursor(payload: bytes, query: Json, identifiers: Identifiers) -> str:
    asked = msgspec.json.encode(query, order="sorted").decode()
    signature = identifiers.digest("cursor", asked, payload.hex(), size=_SIGNATURE)
    return base64.urlsafe_b64encode(signature + payload).decode()
