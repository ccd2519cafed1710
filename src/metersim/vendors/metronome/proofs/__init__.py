"""How Metronome's rules are seen from outside."""

from metersim.contract.proof import Proofs, proofs_in
from metersim.vendors.metronome.proofs import (
    access,
    customers,
    filters,
    ingestion,
    paging,
    windows,
)
from metersim.vendors.metronome.proofs.discovery import FINDING, discover

PROOFS = Proofs(
    by_rule=proofs_in((access, customers, filters, ingestion, paging, windows)),
    unseen={},
    discover=discover,
    finding=FINDING,
    values={
        "customer_id": "uuid of a customer with usage",
        "other_customer_id": "uuid of another customer",
        "metric_id": "uuid of a billable metric that sums, with usage",
        "property_key": "key of a property by which usage of that metric is grouped",
    },
    inputs={"customer_id": "customer_id"},
    volatile=frozenset({"next_page"}),
)
