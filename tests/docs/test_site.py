"""The pages as a site: every warning is an error, and nothing is fetched to read it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FETCHED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("a", "ping")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    told = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return folder


class Fetched(HTMLParser):
    """What a browser fetches for a page by itself."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [text for name, text in attrs if text and (tag, name) in FETCHED]


def test_a_page_fetches_nothing_from_elsewhere(site: Path) -> None:
    for page in sorted(site.glob("*.html")):
        fetched = Fetched(page).addresses
        assert fetched
        assert [each for each in fetched if re.match(r"\w+:|//", each)] == [], page.name


def test_each_page_is_in_the_site_with_its_tables_and_the_changelog_whole(site: Path) -> None:
    for page in (ROOT / "docs").glob("*.md"):
        built = (site / f"{page.stem}.html").read_text(encoding="utf-8")
        assert "<p>|" not in built, page.name
        assert "--8&lt;--" not in built, page.name
    assert "Keep a Changelog" in (site / "changelog.html").read_text(encoding="utf-8")


def test_the_picture_can_be_read_in_the_light_and_in_the_dark(site: Path) -> None:
    picture = (site / "architecture.svg").read_text(encoding="utf-8")
    used = set(re.findall(r'class="(\w+)"', picture))
    light, _, dark = picture.partition("@media (prefers-color-scheme: dark)")
    coloured = re.compile(r"\.(\w+) {[^}]*(?:fill|stroke): #")
    assert set(coloured.findall(dark)) == set(coloured.findall(light)) <= used
