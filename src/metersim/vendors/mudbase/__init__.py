"""Mudbase: recording usage."""

from metersim.bundled import bundled
from metersim.simulation.vendor import Vendor
from metersim.vendors.mudbase.behaviour import admit, record_usage
from metersim.vendors.mudbase.limits import LIMITS
from metersim.vendors.mudbase.problems import problem_body
from metersim.vendors.mudbase.rules import RULES

VENDOR = Vendor(
    name="mudbase",
    title="Mudbase",
    document=bundled("openapi") / "mudbase.yaml",
    behaviours={"recordUsage": record_usage},
    problem_body=problem_body,
    rules=RULES,
    admit=admit,
    limits=LIMITS,
    proofs="metersim.vendors.mudbase.proofs",
)
