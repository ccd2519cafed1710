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
from metersim.vendors.mkio.proofs.asking import discover

PROOFS = Proofs(
    by_rule=proofs_in((access, amounts, assignment, endpoint, forms, late, prices, questions)),
    unseen={"MKIO-30": "it takes more than two thousand calls within a minute"},
    discover=discover,
    inputs={"name": "project", "paymentMethodId": "payment_method"},
    volatile=frozenset({"ref"}),
)
