"""Cursors: opaque to the caller, bound to the query they belong to, and proof against forgery."""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest

import msgspec

from metersim.reading import Json
from metersim.world.identifiers import Identifiers

_SIGNATURE = 12


class CursorError(ValueError):
    """The cursor is not one of ours, or belongs to another query."""


def write_cursor(position: Json, query: Json, identifiers: Identifiers) -> str:
    """A cursor that stands for a position in the answer to a query; safe in a URL as it is."""
    payload = msgspec.json.encode(position)
    return base64.urlsafe_b64encode(_signature(payload, query, identifiers) + payload).decode()


def read_cursor(cursor: str, query: Json, identifiers: Identifiers) -> Json:
    """The position that a cursor stands for; CursorError unless we wrote it for this very query."""
    try:
        content = base64.b64decode(cursor, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorError("the cursor is malformed") from None
    signature, payload = content[:_SIGNATURE], content[_SIGNATURE:]
    if not compare_digest(signature, _signature(payload, query, identifiers)):
        raise CursorError("the cursor does not belong to this query")
    return msgspec.json.decode(payload)


def _signature(payload: bytes, query: Json, identifiers: Identifiers) -> bytes:
    asked = msgspec.json.encode(query, order="sorted").decode()
    return identifiers.digest("cursor", asked, payload.decode(errors="replace"), size=_SIGNATURE)
