"""Runs of pytest within a run of pytest."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

# Plugins of other packages of this environment, which only cost time.
ALONE = [
    word
    for name in ("anyio", "faker", "hypothesispytest", "schemathesis")
    for word in ("-p", f"no:{name}")
]

CALL = """
import httpx
import pytest

def usage(metersim, **query):
    headers = {"Authorization": f"Bearer {metersim.saas.token}"}
    url = f"{metersim.saas.url}/api/billing/usage"
    return httpx.get(url, headers=headers, params=query)
"""


# By name, all that runs have imported.
_imported: dict[str, ModuleType] = {}


class _Imports:
    """Sees what a run imports that stands elsewhere than its own files."""

    def __init__(self, own: Path) -> None:
        self._own = own

    def pytest_unconfigure(self) -> None:
        for name, module in sys.modules.items():
            if not Path(getattr(module, "__file__", None) or "/").is_relative_to(self._own):
                _imported.setdefault(name, module)


def run(pytester: pytest.Pytester, code: str, *options: str, ini: str = "") -> pytest.RunResult:
    """The outcome of a run of this code, after what it has in common."""
    pytester.makeini(f"[pytest]\naddopts = -p no:randomly\n{ini}")
    pytester.makepyfile(CALL + code)
    seen = _Imports(own=pytester.path)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options, plugins=[seen])


def keep_imported() -> None:
    """Imported a second time, a module would not be the one that others hold."""
    for name, module in _imported.items():
        sys.modules.setdefault(name, module)
