"""Words that all that is told of a run shares."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{number} {what}{'s' * (number != 1)}"
