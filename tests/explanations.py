"""Holds an explanation to itself: its parts add up, and its steps are what they say they are."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from metersim.billing.quantity import ZERO, multiply, total

Explanation = Any

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# All words but those that reckon; and a bare word says that there is nothing to reckon.
_WORDS = re.compile(r"\b(?!max\b|F\b)[A-Za-z][\w']*")
_ROUNDED = re.compile(r", half up to (\d+) decimals")


def assert_adds_up(explanation: Explanation) -> None:
    """Sources to quantities, charges to costs, and every formula to its value."""
    for part in explanation["parts"]:
        shares = [each["value"] for each in (*part["series"], *part["events"])]
        if part["aggregation"] in ("SUM", "COUNT"):
            assert total(shares) == (part["quantity"] or ZERO)
        assert (part["quantity"] is None) == (shares == [])
        if part["cost"] is not None:
            assert_charged(part)
    for step in explanation["steps"]:
        assert_reckoned(step)


def assert_charged(part: Any) -> None:
    charges = part["cost"]["charges"]
    for charge in charges:
        assert charge["amount"] == multiply(charge["quantity"], charge["price"])
    assert total(charge["amount"] for charge in charges) == part["cost"]["amount"]
    if all(charge["per"] is None for charge in charges):
        assert total(charge["quantity"] for charge in charges) == (part["quantity"] or ZERO)


def assert_reckoned(step: Any) -> None:
    """Its formula, where it has one, comes to its value, give or take what it says is rounded."""
    formula, *rounded = _ROUNDED.split(step["how"].partition(", exact")[0])
    if not set(formula) & set("×÷−"):
        return
    numbers = _NUMBER.sub(lambda found: f"F('{found[0]}')", formula)
    plain = _WORDS.sub("", numbers).translate(str.maketrans("×÷−", "*/-"))
    off = abs(eval(plain, {"F": Fraction, "max": max}) - Fraction(step["value"]))
    digits = abs(Fraction(step["value"])) / 10**27  # as many as a quotient has that does not end
    assert off <= (Fraction(1, 2 * 10 ** int(rounded[0])) if rounded else digits), step
