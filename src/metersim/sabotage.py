"""What a test breaks on purpose: the faults of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import quote

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = list[Row]  # the handle has a `list` of its own
Control: TypeAlias = Callable[[str, str, object], Row]


class FaultsHandle:
    """The faults of one session, in the keywords of the control plane."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, **rule: object) -> Row:
        """Add one: ``add(vendor="metronome", times=1, problem={"status": 429})``.

        ``for`` is a word of Python's, and here ``for_``.
        """
        return self._control("POST", "faults", {key.rstrip("_"): rule[key] for key in rule})

    def list(self) -> Rows:
        """The faults in the order in which they were added, with what they matched and hit."""
        rows: Rows = self._control("GET", "faults", None)["faults"]
        return rows

    def remove(self, id: str) -> None:
        """Take one away."""
        self._control("DELETE", f"faults/{quote(id, safe='')}", None)

    def clear(self) -> None:
        """Take all of them away."""
        self._control("DELETE", "faults", None)
