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
from metersim.vendors.metronome.proofs.discovery import discover

PROOFS = Proofs(
    by_rule=proofs_in((access, customers, filters, ingestion, paging, windows)),
    unseen={},
    discover=discover,
    inputs={"customer_id": "customer_id"},
    volatile=frozenset({"next_page"}),
)
