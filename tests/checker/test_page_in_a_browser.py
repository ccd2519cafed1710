"""The page as people see it: complete in itself, harmless, filtered, copied, at any width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from metersim.checker.reports.page import page as written
from tests.browser import chromium
from tests.checker.reported import RULES, report, told

HOSTILE = (
    "<script>document.title = 'taken'</script><img src=http://127.0.0.1:9/x onerror=alert(1)>"
    "</pre><link rel=stylesheet href=//127.0.0.1:9/y><base href=//127.0.0.1:9/>" + "x" * 400
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(written(told(report(HOSTILE))), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        yield page


def test_it_asks_nobody_for_anything_and_nothing_in_it_goes_wrong(
    browser: Browser, file: Path
) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.goto(file.as_uri())
    page.get_by_role("searchbox").fill("a word")
    assert (asked, wrong) == ([file.as_uri()], [])
    page.close()


def test_a_failure_is_the_first_thing_found_with_what_was_answered_as_text(page: Page) -> None:
    expect(page).to_have_title("saas does not conform")
    first = page.get_by_role("article").first
    expect(first.get_by_role("heading")).to_contain_text(RULES[0].statement)
    expect(first.get_by_text(HOSTILE).first).to_be_visible()
    first.get_by_text("http://127.0.0.1:3000/api/billing/usage").first.click()
    expect(first.get_by_label("The call for curl")).to_be_visible()


def test_the_filter_leaves_what_has_every_word_and_brings_the_rest_back(page: Page) -> None:
    box, rows = page.get_by_role("searchbox"), page.locator(".book tr[id]:visible")
    box.fill(f"{RULES[3].id} documented")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(RULES[3].statement)
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("heading", name="Broken rules")).to_be_hidden()
    expect(page.get_by_role("status")).to_have_text("1 of 6 rules")
    box.fill("")
    expect(rows).to_have_count(6)
    expect(page.get_by_role("article")).to_have_count(4)


def test_a_command_is_copied_as_it_is(page: Page) -> None:
    command = page.get_by_role("article").first.locator(".command").last
    command.get_by_role("button").click()
    expect(command.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert (
        copied == f"metersim check saas --url http://127.0.0.1:3000 --no-fuzz --rules {RULES[0].id}"
    )


@pytest.mark.parametrize("width", [320, 400, 1200])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for each in page.locator("details").all():
        each.evaluate("each => { each.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_is_read_without_its_script_too(browser: Browser, file: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(file.as_uri())
    expect(page.locator(".book tr[id]:visible")).to_have_count(6)
    expect(page.get_by_role("searchbox")).to_have_count(0)
    page.close()
