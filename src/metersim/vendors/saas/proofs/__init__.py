"""How the SaaS API's rules are seen from outside."""

from metersim.contract.proof import Proofs, proofs_in
from metersim.vendors.saas.proofs import access, amounts, charges, period
from metersim.vendors.saas.proofs.asking import discover

PROOFS = Proofs(
    by_rule=proofs_in((access, amounts, charges, period)),
    unseen={"SAAS-16": "the API has no call that records usage"},
    discover=discover,
    finding=1,
)
