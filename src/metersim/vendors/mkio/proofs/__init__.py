"""How MK.IO's rules are seen from outside."""

from metersim.contract.proof import Proofs, proofs_in
from metersim.vendors.mkio.proofs import (
    access,
    amounts,
    assignment,
    endpoint,
    forms,
    late,
    prices,
    questions,
)
from metersim.vendors.mkio.proofs.asking import FINDING, discover

PROOFS = Proofs(
    by_rule=proofs_in((access, amounts, assignment, endpoint, forms, late, prices, questions)),
    unseen={"MKIO-30": "it takes more than two thousand calls within a minute"},
    discover=discover,
    finding=FINDING,
    values={
        "project": "name of a project with usage",
        "other_project": "name of another project with usage",
        "inactive_project": "name of a project without a payment method, to be activated",
        "payment_method": "id of a payment method",
        "other_payment_method": "id of another payment method, terms accepted",
        "charged_late": "a day on which usage was charged that had occurred before that day",
    },
    inputs={"name": "project", "paymentMethodId": "payment_method"},
    volatile=frozenset({"ref"}),
)
