"""Scenarios that came over the control plane: held to all that files are, and to name no file."""

from __future__ import annotations

from metersim.errors import ScenarioError, nearest
from metersim.reading import Json, Source
from metersim.scenario.faults import Fault
from metersim.scenario.file import Scenario, all_faults, load_scenario, scenario_names
from metersim.scenario.inclusion import laid_over

# As many as a file may hold: a session's opening is kept as long as the session is.
_MOST_VALUES = 400_000

_SHOWN = 20


def load_bundled(name: str) -> Scenario:
    """A scenario that comes with metersim; ScenarioError for any other, be it a file's path."""
    if name not in scenario_names():
        raise ScenarioError(f"no scenario {name!r}; {nearest(name, scenario_names())}")
    return load_scenario(name)


def read_scenario(data: Json, name: str) -> Scenario:
    """A scenario from its data; ScenarioError says all that is wrong with it, and where."""
    _check_size(data)
    source = Source(name, data)
    if "include" in data:
        try:
            source = laid_over(load_bundled(str(data["include"])).source, source)
        except ScenarioError as error:
            raise ScenarioError(f"scenario.include: {error}") from None
    if found := all_faults(source):
        told = [_told(fault) for fault in found[:_SHOWN]]
        more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        raise ScenarioError("\n".join(told + more))
    return Scenario(name, source)


def _told(fault: Fault) -> str:
    path, message = fault
    return f"{'.'.join(map(str, ('scenario', *path)))}: {message}"


def _check_size(data: Json) -> None:
    left, waiting = _MOST_VALUES, [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            left -= len(value)
            waiting += value.values() if isinstance(value, dict) else value
        if left < 0:
            raise ScenarioError(f"scenario: more than {_MOST_VALUES} values")
