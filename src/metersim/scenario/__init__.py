"""Scenarios: YAML files that say what a world opens with.

The form stands in ``scenarios/scenario.schema.json``.
"""

from metersim.scenario.file import Scenario, load_scenario, scenario_names
from metersim.scenario.opening import TOKEN

__all__ = ["TOKEN", "Scenario", "load_scenario", "scenario_names"]
