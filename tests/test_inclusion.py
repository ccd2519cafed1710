"""A scenario on top of another: what it changes, adds and leaves, and where each value stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from metersim.bundled import bundled
from metersim.cli import main
from metersim.errors import ScenarioError
from metersim.reading import Steps, read_file, read_text
from metersim.scenario import load_scenario
from metersim.scenario.inclusion import laid_over
from metersim.validation import Validator

BASE = """\
about: The one below.
clock: 2026-03-18T09:30:00Z
meters:
  calls: {}
plans:
  team: {price: 29.00}
customers:
  acme: {plan: team}
events:
  - {at: 2026-03-01, customer: acme, event: calls, quantity: 2}
"""


def written(folder: Path, **files: str) -> Path:
    """Writes files by their stems; the path of the last."""
    path = folder
    for stem, text in files.items():
        path = folder / f"{stem}.yaml"
        path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> list[str]:
    """What is said of the file, with the files' names instead of their paths."""
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    return str(refused.value).replace(f"{path.parent}/", "").splitlines()


def test_three_lines_on_top_of_a_bundled_scenario_open(tmp_path: Path) -> None:
    text = "include: default\ncustomers: {northwind: {plan: starter}}\nmeters: {faults: {}}"
    opening = load_scenario(written(tmp_path, mine=text)).open()
    below = load_scenario("default").open()
    assert opening.scenario == "mine"
    assert opening.customers["northwind"].plan == "starter"
    assert opening.customers["northwind"].aliases == below.customers["northwind"].aliases
    assert opening.meters.keys() == below.meters.keys() | {"faults"}


def test_with_nothing_on_top_everything_but_the_about_is_the_same(tmp_path: Path) -> None:
    below = load_scenario("default")
    above = load_scenario(written(tmp_path, mine="include: default"))
    assert above.about == ""
    assert above.source.data | {"about": below.about} == below.source.data


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        # Entities are added to a section, attributes to an entity, entries to an attribute.
        ("a: {b: 1}", "a: {c: 2}", {"a": {"b": 1, "c": 2}}),
        ("a: {b: {c: 1, d: 2}}", "a: {b: {c: 3}}", {"a": {"b": {"c": 3, "d": 2}}}),
        ("a: {b: {c: {d: 1}}}", "a: {b: {c: {e: 2}}}", {"a": {"b": {"c": {"d": 1, "e": 2}}}}),
        # An entry and a clock are each one value: no half of a price remains.
        (
            "rate_cards: {list: {prices: {calls: {tiers: []}}}}",
            "rate_cards: {list: {prices: {calls: {flat: 1}}}}",
            {"rate_cards": {"list": {"prices": {"calls": {"flat": 1}}}}},
        ),
        ("clock: {now: a, rate: 1}", "clock: {now: b}", {"clock": {"now": "b"}}),
        # Items of a section are appended; any other list is replaced.
        ("usage: [1, 2]", "usage: [3]", {"usage": [1, 2, 3]}),
        ("a: {b: {c: [1, 2]}}", "a: {b: {c: [3]}}", {"a": {"b": {"c": [3]}}}),
        # What is of another kind is replaced, so that the schema sees it.
        ("usage: [1]", "usage: {a: 1}", {"usage": {"a": 1}}),
        ("a: {b: 1}", "a:", {"a": None}),
    ],
)
def test_names_are_added_and_values_replaced(below: str, above: str, expected: Any) -> None:
    assert laid_over(read_text(below, "below"), read_text(above, "above")).data == expected


def test_what_was_replaced_leaves_no_line_behind() -> None:
    below = read_text("a: {b: {c: {d: {\n  e: 1, f: 2}}}}", "below")
    above = read_text("# \na: {b: {c: {d: {f: 3}}}}", "above")
    assert laid_over(below, above).where(("a", "b", "c", "d", "e")) == "above:2"


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    deeper = tmp_path / "deeper"
    deeper.mkdir()
    written(tmp_path, base=BASE)
    written(deeper, middle="include: ../base.yaml\nplans: {team: {price: 39}}")
    top = written(tmp_path, top="include: deeper/middle.yaml\nplans: {team: {name: Top}}")
    plan = load_scenario(top).open().plans["team"]
    assert (str(plan.price), plan.name) == ("39", "Top")


def test_a_file_may_include_the_bundled_scenario_of_its_own_name(tmp_path: Path) -> None:
    path = written(tmp_path, default="include: default\nseed: 5")
    assert load_scenario(path).open().seed == 5


@pytest.mark.parametrize("again", ["a.yaml", "./b.yaml", "c.yaml"])
def test_a_circle_is_refused_with_all_who_take_part(tmp_path: Path, again: str) -> None:
    files = {"c": f"\ninclude: {again}", "b": "include: c.yaml", "a": "include: b.yaml"}
    (said,) = refusal(written(tmp_path, **files))
    circle = f"a.yaml → b.yaml → c.yaml → {again.removeprefix('./')}"
    assert said == f"c.yaml:2: include: goes in a circle: {circle}"


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("defualt", "no scenario or file 'defualt'; did you mean 'default'?"),
        ("x" * 5_000, "no scenario or file 'xxx"),
        (".", "expected a scenario's file, found a folder"),
        ("[default]", "expected the name or the file of one scenario"),
    ],
)
def test_what_is_neither_a_scenario_nor_a_file_is_refused_where_it_is_named(
    tmp_path: Path, named: str, message: str
) -> None:
    files = {"middle": f"seed: 1\ninclude: {named}", "top": "include: middle.yaml"}
    (said,) = refusal(written(tmp_path, **files))
    assert said.startswith("middle.yaml:2: include: ")
    assert message in said


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("clock: &\n", "base.yaml:1: not YAML"),
        ("", "base.yaml:1: the file: expected object, found null"),
        ("# \n- clock", 'base.yaml:2: the file: expected object, found ["clock"]'),
    ],
)
def test_what_is_included_has_to_be_a_scenario(tmp_path: Path, base: str, message: str) -> None:
    (said,) = refusal(written(tmp_path, base=base, top="include: base.yaml"))
    assert said.startswith(message)


@pytest.mark.parametrize(
    ("base", "top", "message"),
    [
        # In the file below, and in the one on top: by the schema, and by what it cannot say.
        ("price: 29.00 -> price: -1", "", "base.yaml:6: plans.team.price: expected at least 0"),
        ("plan: team -> plan: taem", "", "base.yaml:8: customers.acme.plan: 'taem' is not among"),
        ("", "plans: {team: {price: -1}}", "top.yaml:2: plans.team.price: expected at least 0"),
        ("", "customers: {b: {plan: x}}", "top.yaml:2: customers.b.plan: 'x' is not among plans"),
        # What was appended is counted on, and stands where it was written.
        ("quantity: 2 -> quantity: x", "events: []", "base.yaml:10: events.0.quantity: expected"),
        (
            "",
            "events:\n  - {at: 2026-03-01, customer: acme, event: x}",
            "top.yaml:3: events.0.event: no meter counts 'x'",
        ),
        (
            "events: -> usage: []\nevents:",
            "usage:\n  - {customer: acme, event: calls, from: noon, amount: 1}",
            'top.yaml:3: usage.0.from: found "noon", which is no instant',
        ),
        # What neither gives is missing from the one on top.
        ("clock: -> # clock:", "", "top.yaml:1: clock: is required"),
        ("price: 29.00 -> name: Team", "", "base.yaml:6: plans.team.price: is required"),
        ("", "plans: {pro: {name: Pro}}", "top.yaml:2: plans.pro.price: is required"),
    ],
)
def test_each_fault_is_told_where_its_value_stands(
    tmp_path: Path, base: str, top: str, message: str
) -> None:
    sound, _, broken = base.partition(" -> ")
    files = {"base": BASE.replace(sound, broken, 1) if base else BASE}
    (said,) = refusal(written(tmp_path, **files, top=f"include: base.yaml\n{top}\n"))
    assert said.startswith(message)


def test_an_editor_misses_what_is_required_only_where_nothing_is_included() -> None:
    schema = Validator(read_file(bundled("scenarios") / "scenario.schema.json").data)
    assert schema.violations({"include": "default", "seed": 5}) == []
    missing = {str(each) for each in schema.violations({"seed": 5})}
    assert missing == {"clock: is required", "meters: is required"}


def test_what_is_mended_on_top_is_no_fault(tmp_path: Path) -> None:
    base = BASE.replace("price: 29.00", "price: free")
    path = written(tmp_path, base=base, top="include: base.yaml\nplans: {team: {price: 0}}")
    assert load_scenario(path).open().plans["team"].price == 0


def test_the_faults_of_the_file_itself_are_told_first(tmp_path: Path) -> None:
    base = BASE.replace("customer: acme", "customer: acne")
    top = "include: base.yaml\ncustomers:\n  acme: {plan: taem}\n"
    first, second = refusal(written(tmp_path, base=base, top=top))
    assert first.startswith("top.yaml:3: customers.acme.plan: 'taem' is not among plans")
    assert second.startswith("base.yaml:10: events.0.customer: 'acne' is not among customers")


def test_the_command_line_shows_the_text_as_written_and_the_data_as_merged(tmp_path: Path) -> None:
    top = "about: Mine.\ninclude: base.yaml\nseed: 5"
    path = str(written(tmp_path, base=BASE, top=top))
    assert CliRunner().invoke(main, ["scenarios", path]).output == top + "\n"
    shown = json.loads(CliRunner().invoke(main, ["scenarios", path, "--json"]).output)
    assert shown.keys() == {"about", "clock", "meters", "plans", "customers", "events", "seed"}
    assert shown["about"] == "Mine."
    assert "sound; 1 customer, " in CliRunner().invoke(main, ["validate", path]).output


def scenarios(name: str) -> st.SearchStrategy[str]:
    """Mappings of any depth and of few keys, each value on a line of its own."""
    values = st.recursive(
        st.integers(0, 999).map(lambda number: f"{name} {number}"),
        lambda inner: st.lists(inner, max_size=3) | mappings(inner),
        max_leaves=12,
    )
    return mappings(values).map(lambda data: json.dumps(data, indent=1))


def mappings(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(["a", "b", "clock"]), values, max_size=3)


def words(node: Any, path: Steps) -> Iterator[tuple[Steps, str]]:
    if isinstance(node, str):
        yield path, node
        return
    for key, child in node.items() if isinstance(node, dict) else enumerate(node):
        yield from words(child, (*path, key))


@given(below=scenarios("below"), above=scenarios("above"))
def test_all_that_lies_on_top_is_there_and_each_word_stands_where_it_says(
    below: str, above: str
) -> None:
    lines = {"below": below.splitlines(), "above": above.splitlines()}
    on_top = read_text(above, "above")
    both = laid_over(read_text(below, "below"), on_top)
    found = list(words(both.data, ()))
    for path, word in found:
        file, line = both.place(path)
        assert f'"{word}"' in lines[file][line - 1]
    given_on_top = sorted(word for _, word in words(on_top.data, ()))
    assert sorted(word for _, word in found if word.startswith("above")) == given_on_top
