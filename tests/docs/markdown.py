"""Tables as Markdown writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A bar within a cell would end it, in code too, and is escaped."""
    cells = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    lines = (f"| {' | '.join(row)} |" for row in cells)
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines])


def plain(text: str) -> str:
    """Text in which no character is markup; a brace at a cell's end would name its attributes."""
    return re.sub(r"([\\`*_{}\[\]<>])", r"\\\1", text)
