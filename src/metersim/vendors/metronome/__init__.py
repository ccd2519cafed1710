"""Metronome: batched usage."""

from metersim.bundled import bundled
from metersim.simulation.vendor import Vendor
from metersim.vendors.metronome.behaviour import list_usage
from metersim.vendors.metronome.explanation import explain
from metersim.vendors.metronome.limits import LIMITS
from metersim.vendors.metronome.problems import problem_body
from metersim.vendors.metronome.rules import RULES

VENDOR = Vendor(
    name="metronome",
    title="Metronome",
    document=bundled("openapi") / "metronome.yaml",
    behaviours={"listUsage": list_usage},
    problem_body=problem_body,
    rules=RULES,
    explain=explain,
    limits=LIMITS,
)
