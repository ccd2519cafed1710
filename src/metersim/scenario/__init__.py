"""Scenarios: YAML files that say what a world opens with.

The form stands in ``scenarios/scenario.schema.json``.
"""

from metersim.scenario.file import Scenario, load_scenario, scenario_names
from metersim.scenario.opening import TOKEN, read_clock
from metersim.scenario.upload import load_bundled, read_scenario

__all__ = [
    "TOKEN",
    "Scenario",
    "load_bundled",
    "load_scenario",
    "read_clock",
    "read_scenario",
    "scenario_names",
]
