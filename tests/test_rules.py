"""The rule book is whole, and every law the simulator claims to keep has a test of its name."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import pytest

from metersim.contract.rule import Rule
from metersim.simulation.rules import WORLD_RULES
from metersim.simulation.vendor import installed_vendors

BOOK: list[Rule] = [
    *(rule for vendor in installed_vendors().values() for rule in vendor.rules),
    *WORLD_RULES,
]
NAMED = re.compile(r"^(?:async )?def test_([a-z]+)_(\d\d)_", re.MULTILINE)


def named_in_tests() -> set[str]:
    """Ids of the rules that a test is named after."""
    files = Path(__file__).parent.rglob("test_*.py")
    texts = (path.read_text(encoding="utf-8") for path in files)
    return {f"{book.upper()}-{number}" for text in texts for book, number in NAMED.findall(text)}


def test_the_book_has_every_number_once_and_in_order() -> None:
    for book, rules in groupby(BOOK, key=lambda rule: rule.id.partition("-")[0]):
        ids = [rule.id for rule in rules]
        assert ids == [f"{book}-{number:02}" for number in range(1, len(ids) + 1)]


@pytest.mark.parametrize("rule", BOOK, ids=lambda rule: rule.id)
def test_a_rule_that_is_kept_has_a_test_of_its_name(rule: Rule) -> None:
    assert rule.statement
    assert rule.bases
    assert not rule.modelled or rule.id in named_in_tests()
