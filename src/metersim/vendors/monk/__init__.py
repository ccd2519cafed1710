"""Monk: what usage costs."""

from metersim.bundled import bundled
from metersim.simulation.vendor import Vendor
from metersim.vendors.monk.behaviour import get_usage_cost
from metersim.vendors.monk.explanation import explain
from metersim.vendors.monk.limits import LIMITS
from metersim.vendors.monk.problems import problem_body
from metersim.vendors.monk.rules import RULES

VENDOR = Vendor(
    name="monk",
    title="Monk",
    document=bundled("openapi") / "monk.yaml",
    behaviours={"getUsageCost": get_usage_cost},
    problem_body=problem_body,
    rules=RULES,
    explain=explain,
    limits=LIMITS,
)
