"""How Monk's rules are seen from outside."""

from metersim.contract.proof import Proofs, proofs_in
from metersim.vendors.monk.proofs import access, credits, customers, dates, events, selecting
from metersim.vendors.monk.proofs.asking import discover

PROOFS = Proofs(
    by_rule=proofs_in((access, credits, customers, dates, events, selecting)),
    unseen={"MONK-19": "neither quantities nor prices can be read, only what all of it costs"},
    discover=discover,
    inputs={
        "customerId": "customer_id",
        "externalCustomerId": "external_customer_id",
        "eventName": "event_name",
    },
    volatile=frozenset({"queriedAt"}),
)
