"""How Mudbase's rules are seen from outside, where nothing that was recorded can be read back."""

from metersim.contract.proof import Proofs, proofs_in
from metersim.vendors.mudbase.proofs import access, quantities
from metersim.vendors.mudbase.proofs.asking import discover

PROOFS = Proofs(
    by_rule=proofs_in((access, quantities)),
    unseen={"MUDBASE-09": "the API has no call that reads usage"},
    discover=discover,
    values={
        "project_id": "id of a project that takes usage from anybody",
        "secured_project_id": "id of a project that takes usage with its own key only",
        "secured_project_key": "the key of that project",
        "other_project_key": "the key of another project",
        "restricted_project_id": "id of a project whose organization is restricted",
        "email": "email address of a customer of the project",
    },
    secrets=frozenset({"secured_project_key", "other_project_key"}),
    inputs={"projectId": "project_id", "email": "email"},
)
