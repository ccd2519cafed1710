"""Each vendor in a line."""

from __future__ import annotations

from metersim.reading import read_file
from metersim.simulation.vendor import installed_vendors
from tests.docs.markdown import table


def vendors() -> str:
    rows = []
    for name, vendor in installed_vendors().items():
        about = read_file(vendor.document).data["info"]["summary"]
        counts = str(len(vendor.behaviours)), str(len(vendor.rules))
        rows.append((vendor.title, f"`{{url}}/{name}`", about, *counts))
    return table(("vendor", "where", "what", "operations", "rules"), rows)
