"""The pytest plugin: a simulator for a run of tests, and a session of it for each of them.

Nothing of the simulator is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # so that a run without the fixture loads nothing
    from metersim.client.session import SessionHandle
    from metersim.client.simulator import SimulatorHandle

_SESSION = pytest.StashKey["SessionHandle"]()
_MARKER = (
    "metersim(scenario, now, seed, vendor_limits, faults, strict): what its session opens with"
)
# Of a journal in a report, the latest so many.
_SHOWN = 20
_KNOWN = {"scenario", "now", "seed", "vendor_limits", "faults", "strict"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options, and the same as settings of the ini file."""
    group = parser.getgroup("metersim")
    group.addoption("--metersim-url", help="A simulator that runs already, such as a sidecar.")
    group.addoption("--metersim-admin-token", help="The token of its control plane.")
    group.addoption("--metersim-scenario", help="What sessions open with: a name, or a file.")
    group.addoption(
        "--metersim-cors-origin",
        dest="metersim_cors_origins",
        action="append",
        metavar="ORIGIN",
        help="A site whose pages may call the vendors of the run's own simulator; * for any.",
    )
    parser.addini("metersim_url", "As --metersim-url.")
    parser.addini("metersim_admin_token", "As --metersim-admin-token.")
    parser.addini("metersim_scenario", "As --metersim-scenario.")
    parser.addini("metersim_cors_origins", "As --metersim-cors-origin, one or several.", "args", [])
    parser.addini(
        "metersim_strict", "Fail a test whose client departs from a contract.", "bool", False
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker, known to strict runs too; UsageError for options that cannot be."""
    config.addinivalue_line("markers", _MARKER)
    named = _setting(config, "metersim_url")
    if named is not None and _setting(config, "metersim_admin_token") is None:
        raise pytest.UsageError("--metersim-url needs --metersim-admin-token, as `serve` prints it")


@pytest.fixture(scope="session")
def metersim_server(pytestconfig: pytest.Config) -> Iterator[SimulatorHandle]:
    """One simulator for the run: of this process, or the one that an option names."""
    url = _setting(pytestconfig, "metersim_url")
    if url is None:
        from metersim.simulator import Simulator

        origins = pytestconfig.getoption("metersim_cors_origins")
        if origins is None:
            origins = pytestconfig.getini("metersim_cors_origins")
        with Simulator(cors_origins=origins) as simulator:
            yield simulator
        return
    from metersim.client import Client
    from metersim.errors import MetersimError

    try:
        client = Client(url, token=_setting(pytestconfig, "metersim_admin_token") or "")
    except MetersimError as error:
        # What is wrong stands in an option, and in no line of this one.
        raise pytest.fail.Exception(f"--metersim-url: {error}", pytrace=False) from None
    with client:
        yield client


@pytest.fixture
def metersim(
    request: pytest.FixtureRequest, metersim_server: SimulatorHandle
) -> Iterator[SessionHandle]:
    """A session of its own for the test: ``metersim.metronome.url``, ``.clock``, ``.journal``."""
    from metersim.errors import MetersimError

    try:
        opened = _opened(request, metersim_server)
    except MetersimError as error:
        # What is wrong stands in the marker or in a file, and in no line of this one.
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    request.node.stash[_SESSION] = opened
    yield opened
    metersim_server.close_session(opened.name)


def _opened(request: pytest.FixtureRequest, server: SimulatorHandle) -> SessionHandle:
    wanted = _wanted(request.node)
    scenario = wanted.get("scenario") or _setting(request.config, "metersim_scenario")
    if scenario is not None and not isinstance(scenario, Mapping):
        scenario = _scenario(str(scenario), request)
    settings = {key: wanted.get(key) for key in ("seed", "now", "vendor_limits")}
    opened = server.session(scenario=scenario, **settings)
    for fault in wanted.get("faults", ()):
        opened.faults.add(**fault)
    return opened


def _setting(config: pytest.Config, name: str) -> str | None:
    given = config.getoption(f"--{name.replace('_', '-')}") or config.getini(name)
    return str(given) if given else None


def _wanted(item: pytest.Item) -> dict[str, Any]:
    """What the markers say, the nearest first."""
    from metersim.errors import ControlError, nearest

    wanted: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("metersim"))):
        if marker.args:
            raise ControlError(f"pytest.mark.metersim takes keywords alone, found {marker.args}")
        for key in marker.kwargs.keys() - _KNOWN:
            raise ControlError(f"pytest.mark.metersim({key}=…): {nearest(key, _KNOWN)}")
        wanted |= marker.kwargs
    return wanted


def _scenario(name: str, request: pytest.FixtureRequest) -> str | Mapping[str, object]:
    """A bundled one's name, or the data of a file beside the test or below the root."""
    from metersim.scenario import load_scenario, scenario_names

    if name in scenario_names():
        return name
    for folder in (request.path.parent, request.config.rootpath):
        if (folder / name).is_file():
            data: Mapping[str, object] = load_scenario(folder / name).source.data
            return data
    # It says what is wrong, and which names there are.
    found: Mapping[str, object] = load_scenario(Path(name)).source.data
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Where it is strict, a test that passes fails for what its client did."""
    yield
    session = item.stash.get(_SESSION, None)
    if session is not None and _wanted(item).get("strict", item.config.getini("metersim_strict")):
        from metersim.reported import departures

        if told := departures(session):
            pytest.fail(f"the client departs from the contract:\n{told}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test's report says what was asked of the simulator."""
    report = yield
    session = item.stash.get(_SESSION, None)
    if session is not None and report.when == "call" and report.failed:
        from metersim.reported import sections

        report.sections += sections(session, _SHOWN)
    return report
