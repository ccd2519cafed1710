"""Measurements as tables, and the page that shows them."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, TypeVar

import click

PAGE = Path(__file__).parent / "README.md"
_BLOCK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)

# A run that has a core to itself waits for hardly anything.
UNDISTURBED = 0.95

# By what name the page knows it, and its text.
Table: TypeAlias = tuple[str, str]

_Size = TypeVar("_Size")

_SECONDS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
_BYTES = (("MB", 1e6), ("kB", 1e3))


def time(seconds: float) -> str:
    """Two digits: more would be noise."""
    return _shown(seconds, _SECONDS)


def memory(size: int) -> str:
    """Two digits, too."""
    return _shown(size, _BYTES)


def _shown(amount: float, units: Sequence[tuple[str, float]]) -> str:
    rounded = float(f"{amount:.1e}")
    unit, one = next((each for each in units if rounded >= each[1]), units[-1])
    return f"{Decimal(f'{rounded / one:.1e}'):f} {unit}"


def against(what: str, columns: Iterable[_Size], rows: Mapping[str, Callable[[_Size], str]]) -> str:
    """A row for each thing that is measured, a column for each size that it is measured at."""
    sizes = list(columns)
    head = [what, *(f"{size:,}" if isinstance(size, int) else str(size) for size in sizes)]
    table = [head, *([label, *map(cell, sizes)] for label, cell in rows.items())]
    lines = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([lines[0], f"|---|{'--:|' * len(sizes)}", *lines[1:]])


def machine(share: float) -> str:
    """What the figures depend on most, in words; the run had a core for this share of its time."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()}, {platform.machine()}"
    measured = f"Measured with {python} on a machine of {os.cpu_count()} cores ({system})"
    had = f"{measured}, one of which the run had for {share:.0%} of its time."
    return had if share >= UNDISTURBED else f"{had}\n**Other work was in the way: measure again.**"


def printed(tables: Iterable[Table]) -> dict[str, str]:
    """All tables by name, once each was printed as soon as it was measured."""
    found: dict[str, str] = {}
    for name, text in tables:
        click.echo(f"{text}\n")
        found[name] = text
    return found


def write(tables: Mapping[str, str]) -> None:
    """Put the tables into the page, each between its markers."""
    text = PAGE.read_text(encoding="utf-8")
    text = _BLOCK.sub(lambda found: f"{found[1]}{tables[found[2]]}\n{found[3]}", text)
    PAGE.write_text(text, encoding="utf-8")
