"""The rule book is whole, and every law the simulator claims to keep has a test of its name."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner

from metersim.cli import main
from metersim.contract.rule import Basis, Rule
from metersim.simulation.rules import WORLD_RULES
from metersim.simulation.vendor import installed_vendors

BOOK: list[Rule] = [
    *(rule for vendor in installed_vendors().values() for rule in vendor.rules),
    *WORLD_RULES,
]
# The page that each vendor's documented rules are known from.
PAGES = {
    "METRONOME": "Metronome API reference, usage",
    "MKIO": "MediaKind documentation, usage and billing page",
    "MONK": "Monk API reference, get usage cost",
    "MUDBASE": "Mudbase documentation, record usage page",
    "SAAS": "Get Usage documentation page",
}
# And what the confirmed ones are known from besides.
ELSEWHERE = (
    *("docs.monk.com ", "MediaKind documentation, ", "Metronome documentation, "),
    *("Metronome OpenAPI document", "Mudbase OpenAPI document", "PostHog source connector"),
    "metronome-sdk ",
)
NAMED = re.compile(r"^(?:async )?def test_([a-z]+)_(\d\d)_", re.MULTILINE)

every_rule = pytest.mark.parametrize("rule", BOOK, ids=lambda rule: rule.id)


def named_in_tests() -> set[str]:
    """Ids of the rules that a test is named after."""
    files = Path(__file__).parent.rglob("test_*.py")
    texts = (path.read_text(encoding="utf-8") for path in files)
    return {f"{book.upper()}-{number}" for text in texts for book, number in NAMED.findall(text)}


def test_the_book_has_every_number_once_and_in_order() -> None:
    for book, rules in groupby(BOOK, key=lambda rule: rule.id.partition("-")[0]):
        ids = [rule.id for rule in rules]
        assert ids == [f"{book}-{number:02}" for number in range(1, len(ids) + 1)]


@every_rule
def test_a_rule_that_is_kept_has_a_test_of_its_name(rule: Rule) -> None:
    assert rule.statement
    assert rule.bases
    assert not rule.modelled or rule.id in named_in_tests()


def books_page(rule: Rule) -> str:
    return PAGES.get(rule.id.partition("-")[0], "no vendor's page")


@every_rule
def test_a_rule_names_the_vendors_page_if_and_only_if_it_is_documented(rule: Rule) -> None:
    assert (books_page(rule) in rule.source) is (Basis.DOCUMENTED in rule.bases), rule.source


@every_rule
def test_a_confirmed_rule_names_a_public_source_besides_the_page(rule: Rule) -> None:
    others = rule.source.replace(books_page(rule), "")
    assert any(name in others for name in ELSEWHERE) or Basis.CONFIRMED not in rule.bases


@every_rule
def test_an_assumed_rule_says_so_and_gives_its_ground(rule: Rule) -> None:
    if rule in WORLD_RULES:
        assert re.fullmatch("the simulator's own promise: .+", rule.source)
    elif rule.bases == (Basis.ASSUMED,):
        assert re.fullmatch("not published.*; assumed[,:] .+", rule.source)
    else:
        assert "assumed" in rule.source or Basis.ASSUMED not in rule.bases


def test_rules_as_json_say_their_source() -> None:
    found = json.loads(CliRunner().invoke(main, ["rules", "--json"]).output)
    assert {each["id"]: each["source"] for each in found} == {each.id: each.source for each in BOOK}
