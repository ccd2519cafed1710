"""Metronome: batched usage, its ingestion, and who and what it is counted for."""

from metersim.bundled import bundled
from metersim.simulation.vendor import Vendor
from metersim.vendors.metronome.behaviour import list_usage
from metersim.vendors.metronome.customers import (
    archive_customer,
    create_customer,
    get_customer,
    list_customers,
    set_ingest_aliases,
)
from metersim.vendors.metronome.explanation import explain
from metersim.vendors.metronome.ingestion import ingest_usage
from metersim.vendors.metronome.limits import LIMITS
from metersim.vendors.metronome.metrics import archive_metric, list_metrics
from metersim.vendors.metronome.problems import problem_body
from metersim.vendors.metronome.rules import RULES
from metersim.vendors.metronome.view import view

VENDOR = Vendor(
    name="metronome",
    title="Metronome",
    document=bundled("openapi") / "metronome.yaml",
    behaviours={
        "listUsage": list_usage,
        "ingestUsage": ingest_usage,
        "listCustomers": list_customers,
        "createCustomer": create_customer,
        "getCustomer": get_customer,
        "archiveCustomer": archive_customer,
        "setIngestAliases": set_ingest_aliases,
        "listBillableMetrics": list_metrics,
        "archiveBillableMetric": archive_metric,
    },
    problem_body=problem_body,
    rules=RULES,
    explain=explain,
    limits=LIMITS,
    proofs="metersim.vendors.metronome.proofs",
    view=view,
)
