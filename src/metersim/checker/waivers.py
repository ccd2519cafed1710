"""Known differences that a team has decided to live with for a while: each with reason and end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from metersim.checker.settings import read_toml
from metersim.contract.operation import Operation
from metersim.errors import ControlError, nearest
from metersim.reading import Json

_KEYS = {"rule", "check", "operation", "reason", "until"}


@dataclass(frozen=True, slots=True)
class Waiver:
    """Lets a rule be broken, or a check of the schema half fail, up to and on a day.

    ``rule`` or ``check`` is a pattern such as ``SAAS-1?``; ``operation`` is another, that narrows
    it, by an operation's id or by its method and path.
    """

    reason: str
    until: date
    rule: str = ""
    check: str = ""
    operation: str = "*"

    def names_rule(self, rule: str) -> bool:
        """Whether it is about this rule, at some operation."""
        return bool(self.rule) and fnmatchcase(rule, self.rule.upper())

    def names_check(self, check: str) -> bool:
        """Whether it is about this check, at some operation."""
        return bool(self.check) and fnmatchcase(check, self.check)

    def names(self, operation: Operation) -> bool:
        """Whether it is about this operation, by either of its names."""
        return any(fnmatchcase(each, self.operation) for each in operation.names)

    @property
    def about(self) -> str:
        """What it is about, for a person."""
        what = self.rule or self.check
        return what if self.operation == "*" else f"{what} of {self.operation}"


def read_waivers(path: Path) -> list[Waiver]:
    """The ``[[waiver]]`` tables of a TOML file; ControlError says which one is wrong, and how."""
    data = read_toml(path, "waiver", "--waivers ")
    rows = data.get("waiver", [])
    if not isinstance(rows, list):
        raise ControlError(f"{path}: expected [[waiver]] tables, found {rows!r}")
    return [_waiver(f"{path}: waiver {number}", row) for number, row in enumerate(rows, 1)]


def _waiver(where: str, row: Json) -> Waiver:
    if not isinstance(row, dict):
        raise ControlError(f"{where}: expected a table, found {row!r}")
    for key in sorted(row.keys() - _KEYS):
        raise ControlError(f"{where}: {key!r} is not known; {nearest(key, _KEYS)}")
    for key in ("reason", "until"):
        if key not in row:
            raise ControlError(f"{where}: {key!r} is required")
    if ("rule" in row) == ("check" in row):
        raise ControlError(f"{where}: expected one of 'rule' and 'check'")
    until = row["until"]
    if type(until) is not date:
        raise ControlError(f"{where}: until: expected a date such as 2026-12-31, found {until!r}")
    for key in row.keys() - {"until"}:
        if not isinstance(row[key], str) or not row[key].strip():
            raise ControlError(f"{where}: {key}: expected text, found {row[key]!r}")
    return Waiver(**row)
