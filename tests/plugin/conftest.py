"""Each run of pytest within a test takes away what it imported; it is wanted back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plugin.running import keep_imported


# Set up before `pytester` is, and so over after it.
@pytest.fixture(autouse=True)
def _imported_once() -> Iterator[None]:
    yield
    keep_imported()
