"""What the SaaS API of the tests makes of so much usage: overage, percentage, cost, projection."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

NOW = datetime(2025, 6, 20, 12, tzinfo=UTC)

# Id -> name, unit, allowance, price of an extra unit, whether it is a level.
METRICS = {
    "apiCalls": ("API Calls", "requests", Decimal(30_000), Decimal("0.001"), False),
    "storage": ("Storage", "GB", Decimal(100), Decimal("0.25"), True),
    "seats": ("Team Seats", "users", Decimal(10), Decimal(9), True),
    "bandwidth": ("Bandwidth", "GB", Decimal(1_000), Decimal("0.05"), False),
}


def row(name: str, used: Decimal, defect: str | None) -> dict[str, Any]:
    """What a reply says of one metric."""
    title, unit, included, _, _ = METRICS[name]
    overage = max(Decimal(0), used - included)
    percentage = _percentage(used, included)
    match defect:
        case "storage in MB" if name == "storage":
            unit = "MB"
        case "overage may be negative":
            overage = used - included
        case "overage is all that was used" if overage:
            overage = used
        case "percentage of the overage":
            percentage = _percentage(overage, included)
        case "percentage stops at 100":
            percentage = min(percentage, Decimal(100))
        case "percentage to one decimal":
            percentage = round(percentage, 1)
        case "percentage is cut":
            share = used * 100 / included
            percentage = share.quantize(Decimal("0.01"), ROUND_DOWN)
    told = str(percentage) if defect == "percentage is a text" else percentage
    return {
        "name": title,
        "unit": unit,
        "included": included,
        "used": used,
        "overage": overage,
        "percentage": told,
    }


def _percentage(used: Decimal, included: Decimal) -> Decimal:
    return (used * 100 / included).quantize(Decimal("0.01"), ROUND_HALF_UP)


def cost(rows: dict[str, dict[str, Any]], defect: str | None) -> dict[str, Any]:
    """What it all costs."""
    charged = "used" if defect == "all usage is charged" else "overage"
    over = {name: each[charged] for name, each in rows.items()}
    if defect == "started units are charged whole":
        over = {name: each.quantize(Decimal(1), ROUND_UP) for name, each in over.items()}
    # Each charge in whole cents: nobody says how money is rounded.
    parts = [round(each * METRICS[name][3], 2) for name, each in over.items()]
    overage = sum(parts)
    if defect == "overage is free":
        overage = Decimal(0)
    if defect == "a fee once anything is over" and overage:
        overage += 5
    if defect == "a fee for nothing":
        overage += 1
    base = Decimal("29.00")
    total = overage if defect == "the total leaves the base out" else base + overage
    currency = "USD" if defect == "currency in upper case" else "usd"
    told = None if defect == "currency is null" else currency
    return {"base": base, "overage": overage, "total": total, "currency": told}


def projected(
    used: dict[str, Decimal], start: datetime, end: datetime, defect: str | None
) -> dict[str, Any]:
    """Where calls are heading; of the other metrics nothing is said."""
    calls = used["apiCalls"]
    open_now = start < NOW < end
    if open_now or defect == "a closed period is projected":
        passed = Decimal((NOW - start).days or 1)
        whole = Decimal((end - start).days)
        ahead = round(calls * whole / passed, 0) if open_now else round(calls * 2 + 1, 0)
    else:
        ahead = calls
    if defect == "projections below what was used":
        ahead = calls / 2
    share = _percentage(Decimal(ahead), METRICS["apiCalls"][2])
    return {"apiCalls": {"projected": ahead, "percentage": share}}
