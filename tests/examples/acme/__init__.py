from pathlib import Path

from metersim import Vendor

from .behaviour import admit, get_balance
from .explanation import explain
from .limits import LIMITS
from .rules import RULES
from .view import view

VENDOR = Vendor(
    name="acme",
    title="Acme",
    document=Path(__file__).with_name("acme.yaml"),
    behaviours={"getBalance": get_balance},
    not_simulated={"settleBalance": "Acme says nothing of how a balance is settled"},
    problem_body=lambda problem, call_id: {"error": problem.detail},
    admit=admit,
    limits=LIMITS,
    rules=RULES,
    proofs=f"{__name__}.proofs",
    explain=explain,
    view=view,
)
