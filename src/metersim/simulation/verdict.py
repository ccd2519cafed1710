"""Whether a law holds: what was held against what, and where it was found otherwise."""

from __future__ import annotations

from decimal import Decimal

from metersim.billing.facts import text_of
from metersim.contract.rule import Rule
from metersim.reading import Json

MOST_BREACHES = 20
_LONGEST = 500


class Verdict:
    """What comes of holding one world to one law; ``beyond`` is what of it cannot be seen there."""

    def __init__(self, rule: Rule, beyond: str) -> None:
        self._rule = rule
        self._beyond = beyond
        self.checked = 0
        self.breaches = 0
        self._told: list[dict[str, str]] = []

    def expect(self, where: str, found: object, expected: object) -> None:
        """Both have to be equal."""
        self.checked += 1
        if found != expected:
            self.breach(where, found, expected)

    def breach(self, where: str, found: object, expected: object) -> None:
        """It is broken; told of the first ones, and counted beyond."""
        self.breaches += 1
        if len(self._told) < MOST_BREACHES:
            told = {"where": where, "found": _text(found), "expected": _text(expected)}
            self._told.append(told)

    @property
    def holds(self) -> bool:
        """Whether nothing was found otherwise."""
        return not self.breaches

    @property
    def data(self) -> Json:
        """As it is answered."""
        return {
            "id": self._rule.id,
            "statement": self._rule.statement,
            "holds": self.holds,
            "checked": self.checked,
            "breached": self.breaches,
            "breaches": self._told,
            "beyond": self._beyond,
        }


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return text_of(value)
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
