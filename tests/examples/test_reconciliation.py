"""Reconciles a month's report with its invoice: usage counts when it occurred, or was charged."""

import csv
from decimal import Decimal
from io import StringIO

import httpx

from metersim import Simulator


def streamed(sim: Simulator, start: str, end: str, *, charged: bool) -> Decimal:
    """The gigabytes that MK.IO reports, by when they occurred or by when they were charged."""
    report = httpx.post(
        f"{sim.mkio.url}/api/v1/organization/reports/usage",
        headers={"Authorization": f"Bearer {sim.mkio.token}"},
        json={"startDate": start, "endDate": end, "format": "csv", "filterOnReportedDate": charged},
    )
    rows = csv.DictReader(StringIO(report.text, newline=""))
    found = [Decimal(row["quantity"]) for row in rows if row["meter"] == "streamed_gb"]
    return sum(found, Decimal(0))


def outstanding(sim: Simulator, end: str) -> Decimal:
    """What had occurred by then, and was not charged yet."""
    occurred = streamed(sim, "2026-01-01", end, charged=False)
    return occurred - streamed(sim, "2026-01-01", end, charged=True)


def test_an_invoice_is_the_months_report_but_for_what_is_charged_late() -> None:
    with Simulator("late-charges") as sim:
        report = streamed(sim, "2026-02-01", "2026-03-01", charged=False)
        invoice = streamed(sim, "2026-02-01", "2026-03-01", charged=True)
        assert [report, invoice] == [Decimal(5600), Decimal(5525)]
        from_january, into_march = outstanding(sim, "2026-02-01"), outstanding(sim, "2026-03-01")
        assert invoice == report + from_january - into_march
