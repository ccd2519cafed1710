"""The pages show what the program says: tables and examples are compared, never written twice.

After a change, ``python -m tests.test_docs`` puts the program's own words into them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from metersim.reading import read_text
from metersim.scenario import load_scenario
from metersim.simulation.vendor import installed_vendors
from metersim.validation import Validator
from tests.docs import program
from tests.docs.control_plane import control_plane
from tests.docs.examples import EXAMPLES, examples
from tests.docs.options import options_of_serve
from tests.docs.rounding import rounding
from tests.docs.scenario_format import PARTS, SCHEMA, rows, scenario_format
from tests.docs.vendors import vendors

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(<!-- (table|example): (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)

TABLES: dict[str, Callable[[], str]] = {
    "vendors": vendors,
    "operations": program.operations,
    "control": program.control,
    "control-plane": control_plane,
    "options": options_of_serve,
    "limits": program.limits,
    "scenarios": program.scenarios,
    "commands": program.commands,
    "detection": program.detection,
    "explanation": program.explanation,
    "examples": examples,
    "proofs": program.proofs,
    **{f"rule-book-{name}": partial(program.rule_book, name) for name in installed_vendors()},
    "rule-book-world": program.world_rules,
    "values": program.values,
    "scenario-format": scenario_format,
    "rounding": rounding,
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def current(found: re.Match[str]) -> str:
    """The block as the program would have it."""
    head, kind, name, _, tail = found.groups()
    if kind == "example":
        code = text_of(ROOT / name)
        language = "yaml" if name.endswith(".yaml") else "python"
        # A module's docstring says what the page says around it.
        code = code.partition('"""\n\n')[2] if code.startswith('"""') else code
        return f"{head}```{language}\n{code}```\n{tail}"
    return f"{head}{TABLES[name]()}\n{tail}"


def scenarios_shown() -> list[Any]:
    """The pages' blocks of YAML that are a scenario or a part of one."""
    shown = []
    for page in PAGES:
        for found in YAML.finditer(text := text_of(page)):
            if read_text(found[1], page.name).data.keys() <= SCHEMA["properties"].keys():
                line = text.count("\n", 0, found.start()) + 1
                shown.append(pytest.param(found[1], id=f"{page.name}:{line}"))
    return shown


@every_page
def test_a_page_says_what_the_program_says(page: Path) -> None:
    text = text_of(page)
    assert BLOCK.sub(current, text) == text, "run `python -m tests.test_docs` and look at the diff"


@every_page
def test_code_that_a_page_shows_is_a_file_that_is_run(page: Path) -> None:
    unmarked = BLOCK.sub("", text_of(page))
    # With a name it is a file of the tutorial, whose reader makes and runs it.
    assert re.findall(r"^```python$", unmarked, re.MULTILINE) == []


def test_every_table_is_on_a_page() -> None:
    shown = {found[3] for page in PAGES for found in BLOCK.finditer(text_of(page))}
    assert shown >= TABLES.keys()


def anchors(page: Path) -> set[str]:
    """Where links to a page's headings lead, at the repository and in the site alike."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@every_page
def test_a_link_leads_to_a_file_or_a_heading(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text_of(page)):
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target
        assert page.parent == ROOT or ".." not in path, f"{target} is no page of the site"


@pytest.mark.parametrize("text", scenarios_shown())
def test_a_scenario_shown_is_sound(text: str, tmp_path: Path) -> None:
    part = read_text(text, "shown").data
    if {"clock", "include"} & part.keys():
        file = tmp_path / "shown.yaml"
        file.write_text(text, encoding="utf-8")
        assert load_scenario(file).open().scenario == "shown"
    else:
        assert Validator({**SCHEMA, "then": {}}).violations(part) == []


def test_every_key_of_the_scenario_format_says_what_it_means() -> None:
    for part in (SCHEMA, *PARTS.values()):
        for key, *_, meaning in rows(part):
            assert meaning.endswith((".", ")")), key


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_it_shows_in_under_forty_lines(path: Path) -> None:
    lines = text_of(path).splitlines()
    assert len(lines) < 40
    assert lines[0].startswith('"""')
    assert lines[0].endswith('."""')


def test_contributing_fits_on_a_page() -> None:
    assert len(text_of(ROOT / "CONTRIBUTING.md").splitlines()) <= 70


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(BLOCK.sub(current, text_of(each)), encoding="utf-8")
