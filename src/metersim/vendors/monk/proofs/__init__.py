"""How Monk's rules are seen from outside."""

from metersim.contract.proof import Proofs, proofs_in
from metersim.vendors.monk.proofs import access, credits, customers, dates, events, selecting
from metersim.vendors.monk.proofs.asking import FINDING, discover

PROOFS = Proofs(
    by_rule=proofs_in((access, credits, customers, dates, events, selecting)),
    unseen={"MONK-19": "neither quantities nor prices can be read, only what all of it costs"},
    discover=discover,
    finding=FINDING,
    values={
        "customer_id": "uuid of a customer with usage",
        "other_customer_id": "uuid of another customer",
        "external_customer_id": "the same customer's external id",
        "event_name": "name of a usage event that a meter counts",
        "other_event_name": "name of another usage event, that another meter counts",
        "inactive_event_name": "name of a usage event that only an inactive meter counts",
        "property_key": "key of a property of such events",
        "property_value": "a value that the property has",
    },
    inputs={
        "customerId": "customer_id",
        "externalCustomerId": "external_customer_id",
        "eventName": "event_name",
    },
    volatile=frozenset({"queriedAt"}),
)
