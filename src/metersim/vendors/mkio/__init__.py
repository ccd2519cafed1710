"""MediaKind MK.IO: usage reports, payment methods and the export of metrics."""

from metersim.bundled import bundled
from metersim.simulation.vendor import Vendor
from metersim.vendors.mkio import behaviour
from metersim.vendors.mkio.explanation import explain
from metersim.vendors.mkio.limits import LIMITS
from metersim.vendors.mkio.problems import problem_body
from metersim.vendors.mkio.rules import RULES
from metersim.vendors.mkio.view import view

VENDOR = Vendor(
    name="mkio",
    title="MediaKind MK.IO",
    document=bundled("openapi") / "mkio.yaml",
    behaviours={
        "getProjectUsage": behaviour.get_project_usage,
        "createUsageReport": behaviour.create_usage_report,
        "listPaymentMethods": behaviour.list_payment_methods,
        "getPaymentMethod": behaviour.get_payment_method,
        "acceptTermsAndConditions": behaviour.accept_terms_and_conditions,
        "getRateCard": behaviour.get_rate_card,
        "getProjectPaymentMethod": behaviour.get_project_payment_method,
        "replaceProjectPaymentMethod": behaviour.replace_project_payment_method,
        "getMetricsEndpoint": behaviour.get_metrics_endpoint,
        "updateMetricsEndpoint": behaviour.update_metrics_endpoint,
        "scrapeMetrics": behaviour.scrape_metrics,
    },
    problem_body=problem_body,
    rules=RULES,
    explain=explain,
    limits=LIMITS,
    proofs="metersim.vendors.mkio.proofs",
    view=view,
)
