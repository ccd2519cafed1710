"""How the implementation of Metronome reads what it is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request


class Refused(Exception):
    """What the caller is told instead of an answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def sent() -> dict[str, Any]:
    """The JSON object that came."""
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise Refused("send a JSON object")
    return found


def texts(given: Any, name: str) -> list[str]:
    """A list of texts."""
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise Refused(f"{name} is no list of texts")
    return given


def instant(text: Any) -> datetime:
    """An instant with its offset, in UTC."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Refused(f"no instant with its offset: {text}") from None
