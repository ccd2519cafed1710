"""Scenarios: YAML files that say what a world opens with.

The form stands in ``scenarios/scenario.schema.json``.
"""

from metersim.scenario.file import Scenario, load_scenario, scenario_names

__all__ = ["Scenario", "load_scenario", "scenario_names"]
