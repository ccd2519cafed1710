"""How Mudbase's rules are seen from outside, where nothing that was recorded can be read back."""

from metersim.contract.proof import Proofs, proofs_in
from metersim.vendors.mudbase.proofs import access, quantities
from metersim.vendors.mudbase.proofs.asking import discover

PROOFS = Proofs(
    by_rule=proofs_in((access, quantities)),
    unseen={"MUDBASE-09": "the API has no call that reads usage"},
    discover=discover,
    inputs={"projectId": "project_id", "email": "email"},
)
