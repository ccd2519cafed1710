"""One suite, three ways in: in process without a socket, over sockets, and at any URL.

``pytest`` stays in this process. ``pytest --over-sockets`` starts ``metersim serve`` in a process
of its own and runs the suite there; ``pytest --metersim-url URL --metersim-admin-token TOKEN`` runs
it where that leads, such as a container. ``-n 4`` goes with each: all workers share one server.
``-m "not hypothesis"`` leaves out what searches with a hundred calls for one.

A test belongs to the suite, and bears the mark ``three_ways``, if its file imports
``tests.wire.simulate``, unless the file or the test is marked ``inside``.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

from tests import wire

_SERVER = pytest.StashKey[subprocess.Popen[str]]()
_SERVE = ("serve", "--port", "0", "--announce", "json")

# How long a search takes is the machine's affair.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--over-sockets",
        action="store_true",
        help="Run the suite that has three ways in against `metersim serve`.",
    )


def pytest_configure(config: pytest.Config) -> None:
    # A worker is given the address that the process before it found, and starts nothing.
    if config.option.over_sockets and _url(config) is None:
        _start(config)
    if (url := _url(config)) is not None:
        wire.reach(url, config.option.metersim_admin_token)


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.terminate()
        server.communicate(timeout=30)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Elsewhere, no file is loaded of which no test belongs to the suite."""
    if _url(config) is None or collection_path.suffix != ".py":
        return None
    return None if "simulate" in collection_path.read_text(encoding="utf-8") else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    suite = [item for item in items if _has_three_ways_in(item)]
    for item in suite:
        item.add_marker("three_ways")
    if _url(config) is not None:
        config.hook.pytest_deselected(items=[item for item in items if item not in suite])
        items[:] = suite
    # What may take longest starts first, so that no worker is alone with it in the end; what is not
    # measured comes after all that is, which by then has loaded every module under measurement.
    items.sort(key=lambda item: (_is_unmeasured(item), item.get_closest_marker("timeout") is None))


def pytest_collection_finish() -> None:
    # Thousands of tests and all modules stay to the end: not to be looked through for garbage.
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage pauses where the mark ``unmeasured`` says so."""
    measuring = Coverage.current() if _is_unmeasured(item) else None
    if measuring is None:
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def _is_unmeasured(item: pytest.Item) -> bool:
    return item.get_closest_marker("unmeasured") is not None


def _url(config: pytest.Config) -> str | None:
    """Of the simulator that is reached elsewhere; the option is the plugin's, which may be off."""
    url: str | None = config.getoption("metersim_url", None)
    return url


def _has_three_ways_in(item: pytest.Item) -> bool:
    asks = getattr(getattr(item, "module", None), "simulate", None) is wire.simulate
    return asks and item.get_closest_marker("inside") is None


@pytest.fixture(autouse=True)
def _sessions_are_closed() -> Iterator[None]:
    yield
    wire.forget()


def _start(config: pytest.Config) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "metersim", *_SERVE], stdout=subprocess.PIPE, text=True
    )
    config.stash[_SERVER] = server
    assert server.stdout is not None
    told = json.loads(server.stdout.readline())
    config.option.metersim_url = told["url"]
    config.option.metersim_admin_token = told["admin"]["token"]
