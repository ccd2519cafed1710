"""Asks MK.IO's operations, and sums what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from metersim.billing.quantity import add
from tests.wire import Answer, Caller, Simulated

REPORT = "/api/v1/organization/reports/usage"
METHODS = "/api/v1/organization/paymentMethods"

Row: TypeAlias = dict[str, Any]
Options: TypeAlias = dict[str, Any]

# What the default scenario opens with lies within, around its clock of 2026-03-18.
DATES = st.dates(date(2024, 11, 1), date(2026, 5, 1))


def project(name: str, what: str) -> str:
    return f"/api/v1/projects/{name}/{what}"


def ask(mkio: Caller, start: date | str, end: date | str, **options: Any) -> Answer:
    """A report, whatever the answer."""
    return mkio.post(REPORT, {"startDate": str(start), "endDate": str(end), **options})


def report(mkio: Caller, start: date | str, end: date | str, **options: Any) -> list[Row]:
    """The rows of a report that is not refused."""
    answer = ask(mkio, start, end, **options)
    assert answer.status == 200, answer.text
    return answer.data["value"]  # type: ignore[no-any-return]  # rows are objects


def span(start: date, days: int) -> tuple[date, date]:
    return start, start + timedelta(days=days)


def sums(rows: Iterable[Row], *keys: str) -> dict[tuple[str, ...], tuple[Decimal, Decimal]]:
    """Quantity and cost, exactly, for each combination of the keys."""
    found: dict[tuple[str, ...], tuple[Decimal, Decimal]] = {}
    for row in rows:
        key = tuple(row[each] for each in keys)
        quantity, cost = found.get(key, (Decimal(0), Decimal(0)))
        found[key] = add(quantity, row["quantity"]), add(cost, row["cost"])
    return found


def quantities(rows: Iterable[Row], *keys: str) -> dict[tuple[str, ...], Decimal]:
    return {key: quantity for key, (quantity, _) in sums(rows, *keys).items()}


def counted(rows: Iterable[Row]) -> Counter[str]:
    """The rows as a bag, to be compared whatever their order."""
    return Counter(str(sorted(row.items())) for row in rows)


def assign(mkio: Caller, name: str, method: str) -> Answer:
    return mkio.post(project(name, "paymentMethod"), {"paymentMethodId": method})


def assigned(mkio: Caller, name: str) -> tuple[str | None, str]:
    """The project's method, and its status."""
    data = mkio.get(project(name, "paymentMethod")).data
    return data["spec"]["paymentMethodId"], data["status"]["projectStatus"]


def changes(simulator: Simulated) -> list[dict[str, Any]]:
    """The changes made so far, of all but the clock."""
    made = simulator.control("GET", "changes")["changes"]
    return [each for each in made if each["change"] != "ClockSet"]
