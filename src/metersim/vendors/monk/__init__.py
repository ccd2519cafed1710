"""Monk: what usage costs, and where it is sent."""

from metersim.bundled import bundled
from metersim.simulation.vendor import Vendor
from metersim.vendors.monk.behaviour import get_usage_cost
from metersim.vendors.monk.explanation import explain
from metersim.vendors.monk.ingestion import create_event, create_events
from metersim.vendors.monk.limits import LIMITS
from metersim.vendors.monk.problems import problem_body
from metersim.vendors.monk.rules import RULES
from metersim.vendors.monk.view import view

VENDOR = Vendor(
    name="monk",
    title="Monk",
    document=bundled("openapi") / "monk.yaml",
    behaviours={
        "getUsageCost": get_usage_cost,
        "createEvent": create_event,
        "createEvents": create_events,
    },
    problem_body=problem_body,
    rules=RULES,
    explain=explain,
    limits=LIMITS,
    proofs="metersim.vendors.monk.proofs",
    view=view,
)
