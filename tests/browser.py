"""A browser as people have it, to see pages in: the machine's own chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

# Nothing that it does on its own account: updates, calls home, questions of a first start.
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for as long as the block lasts."""
    path = shutil.which("chromium")
    assert path is not None, "chromium is not installed; `make test` does it, or says how"
    expect.set_options(timeout=20_000)  # on a machine that does other work too
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        try:
            yield browser
        finally:
            browser.close()
