"""The SaaS usage API: what an account has used, what it costs, where it is heading."""

from metersim.bundled import bundled
from metersim.simulation.vendor import Vendor
from metersim.vendors.saas.behaviour import get_usage
from metersim.vendors.saas.explanation import explain
from metersim.vendors.saas.problems import problem_body
from metersim.vendors.saas.rules import RULES
from metersim.vendors.saas.view import view

VENDOR = Vendor(
    name="saas",
    title="SaaS usage",
    document=bundled("openapi") / "saas.yaml",
    behaviours={"getUsage": get_usage},
    problem_body=problem_body,
    rules=RULES,
    explain=explain,
    proofs="metersim.vendors.saas.proofs",
    view=view,
)
