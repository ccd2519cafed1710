"""What the pages tell their readers to type is typed, and answers as they say."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path

import pytest

from metersim.cli import main
from tests.docs.consoles import SHOWN, Command, File, shown, typed
from tests.test_cli import first_line, serving

ROOT = Path(__file__).parent.parent.parent
TUTORIAL = ROOT / "docs" / "tutorial.md"
# Its consoles are made by the program itself, and compared as a whole.
MADE = "control.md"
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != MADE),
]
# They end by themselves, and need nothing that a reader would have to have.
RUN = re.compile(r"curl |metersim (explain|openapi|scenarios|vendors|rules|validate)\b")
SETTING_UP = re.compile(r"python3 -m venv |\. \.venv/bin/activate|pip install ")
INSTALLED = re.compile(r"pip install '(?:\.|\.\./metersim|metersim)\[(\w+)\]'")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands(page: Path) -> list[Command]:
    return [each for each in shown(text_of(page)) if isinstance(each, Command)]


PAGES_TO_RUN = [
    page
    for page in PAGES
    if page != TUTORIAL and any(RUN.match(each.typed) for each in commands(page))
]
OURS = [
    pytest.param(each.typed, id=f"{page.name}: {each.typed}")
    for page in PAGES
    for each in commands(page)
    if each.typed.startswith("metersim ")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A reader's, after the tutorial's scenario was written into it."""
    for each in shown(text_of(TUTORIAL)):
        if isinstance(each, File) and each.name == "mine.yaml":
            (tmp_path / each.name).write_text(each.text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which metersim is installed, and nothing of this run is known."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(tmp_path), "ADMIN": "mine"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served("--admin-token", "mine") as url:
        yield url


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    with serving(*arguments, "--announce", "json") as process:
        yield json.loads(first_line(process))["url"]


def check(command: Command, folder: Path, shell: dict[str, str], url: str) -> None:
    done = typed(command, folder, url, shell)
    succeeds = "failed" not in command.printed
    assert (done.returncode == 0) is succeeds, f"{command}\n{done.stdout}"
    assert not command.printed or command.agrees(done.stdout), f"{command}\n{done.stdout}"


@pytest.mark.timeout(180)  # a reader's five minutes, with pytest begun anew three times
def test_the_tutorial_does_what_it_says(tmp_path: Path, shell: dict[str, str]) -> None:
    url = SHOWN
    with ExitStack() as stack:
        for each in shown(text_of(TUTORIAL)):
            if isinstance(each, File):
                (tmp_path / each.name).write_text(each.text, encoding="utf-8")
            elif each.typed.startswith("metersim serve "):
                arguments = shlex.split(each.typed)[2:]
                stack.enter_context(chdir(tmp_path))
                url = stack.enter_context(served(*arguments))
            elif not SETTING_UP.match(each.typed):
                check(each, tmp_path, shell, url)


@pytest.mark.parametrize("page", PAGES_TO_RUN, ids=lambda page: page.name)
def test_what_a_page_has_typed_is_answered(
    page: Path, folder: Path, shell: dict[str, str], server: str
) -> None:
    for each in commands(page):
        if RUN.match(each.typed):
            check(each, folder, shell, server)


@pytest.mark.parametrize("line", OURS)
def test_a_command_that_is_shown_can_be_given(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    name, *arguments = shlex.split(line.replace(" acme ", " saas "))[1:]
    main.commands[name].make_context(name, arguments)


def test_every_extra_and_target_that_is_named_exists() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    targets = re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE)
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        assert set(INSTALLED.findall(text_of(page))) <= project["optional-dependencies"].keys()
        assert set(re.findall(r"^\$ make ([a-z]+)", text_of(page), re.MULTILINE)) <= {*targets}


def test_what_the_tutorial_installs_is_what_its_tests_import() -> None:
    (line,) = [each.typed for each in commands(TUTORIAL) if each.typed.startswith("pip install ")]
    assert set(INSTALLED.findall(line)) == {"pytest"}
    files = [each.text for each in shown(text_of(TUTORIAL)) if isinstance(each, File)]
    imported = set(re.findall(r"^(?:from|import) (\w+)", "\n".join(files), re.MULTILINE))
    assert imported == {"pytest", "metronome"}
    assert line.endswith(" metronome-sdk")
