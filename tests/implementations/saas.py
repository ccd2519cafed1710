"""The SaaS usage API in some hundred lines of Flask, by someone who read its page alone.

A defect is switched on by name; without one, it is right. Its clock stands at NOW.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import Flask, Response, request
from simplejson import dumps

NOW = datetime(2025, 6, 20, 12, tzinfo=UTC)
TOKEN = "session-of-ada"
VALUES = {"since": "2025-04-01", "until": "2025-06-01"}
# What this API gives nobody the means to see.
UNPROVEN = {"SAAS-16"}

# Defect -> the rule that it breaks.
DEFECTS = {
    "any token will do": "SAAS-01",
    "a blank token will do": "SAAS-01",
    "another body for 401": "SAAS-01",
    "data beside an error": "SAAS-02",
    "an error beside data": "SAAS-02",
    "success false in a success": "SAAS-02",
    "the period starts at noon": "SAAS-03",
    "the period ends a second late": "SAAS-03",
    "dates do not select": "SAAS-04",
    "an end date ends at its midnight": "SAAS-04",
    "an empty span passes": "SAAS-05",
    "another message for an empty span": "SAAS-05",
    "malformed dates are taken for none": "SAAS-06",
    "metrics do not select": "SAAS-07",
    "camelCase ids are unknown": "SAAS-07",
    "unknown metrics are let pass": "SAAS-08",
    "storage in MB": "SAAS-09",
    "overage may be negative": "SAAS-10",
    "overage is all that was used": "SAAS-10",
    "percentage of the overage": "SAAS-11",
    "percentage stops at 100": "SAAS-11",
    "percentage to one decimal": "SAAS-11",
    "the total leaves the base out": "SAAS-12",
    "currency in upper case": "SAAS-12",
    "all usage is charged": "SAAS-13",
    "a fee for nothing": "SAAS-13",
    "a closed period is projected": "SAAS-14",
    "projections below what was used": "SAAS-14",
    "counters never restart": "SAAS-15",
    "levels are summed": "SAAS-15",
    "nothing is ever forgotten": "SAAS-17",
    "the second between two spans counts twice": "SAAS-18",
}

# Id -> name, unit, allowance, price of an extra unit, whether it is a level.
_METRICS = {
    "apiCalls": ("API Calls", "requests", Decimal(30_000), Decimal("0.001"), False),
    "storage": ("Storage", "GB", Decimal(100), Decimal("0.25"), True),
    "seats": ("Team Seats", "users", Decimal(10), Decimal(9), True),
    "bandwidth": ("Bandwidth", "GB", Decimal(1_000), Decimal("0.05"), False),
}
_IDS = {"api_calls": "apiCalls", "storage": "storage", "seats": "seats", "bandwidth": "bandwidth"}
_FIRST = datetime(2022, 1, 1, 8, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SECOND, _YEAR = timedelta(seconds=1), timedelta(days=365)


class _Refused(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)


def create(defect: str | None = None) -> Flask:
    """The app, with one defect or none."""
    app = Flask(__name__)

    @app.get("/api/billing/usage")
    def usage() -> Response:
        if not _let_in(defect):
            return _unauthorized(defect)
        try:
            return _json(_success(defect), 200)
        except _Refused as refused:
            body: dict[str, Any] = {"success": False, "error": _error("BAD_REQUEST", str(refused))}
            if defect == "data beside an error":
                body["data"] = {}
            return _json(body, 400)

    return app


def _let_in(defect: str | None) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if defect == "any token will do":
        return bool(token)
    if defect == "a blank token will do" and scheme == "Bearer" and not token:
        return True
    return scheme == "Bearer" and token == TOKEN


def _unauthorized(defect: str | None) -> Response:
    message = "Who are you?" if defect == "another body for 401" else "Authentication required"
    return _json({"success": False, "error": _error("UNAUTHORIZED", message)}, 401)


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}


def _json(body: object, status: int) -> Response:
    return Response(dumps(body, use_decimal=True), status, mimetype="application/json")


def _success(defect: str | None) -> dict[str, Any]:
    asked = request.args.get("metrics")
    start, last = _period(defect)
    shown = list(_METRICS) if asked is None else _named(asked, defect)
    if defect == "metrics do not select":
        shown = list(_METRICS)
    end = last + _SECOND
    used = {name: _used(name, start, end, defect) for name in _METRICS}
    rows = {name: _row(name, used[name], defect) for name in _METRICS}
    data = {
        "period": {"start": _told(start), "end": _told(last)},
        "metrics": {name: rows[name] for name in shown},
        "estimatedCost": _cost(rows, defect),
        "projectedUsage": _projected(used, start, end, defect) if "apiCalls" in shown else {},
    }
    if defect == "an error beside data":
        return {"success": True, "data": data, "error": None}
    return {"success": defect != "success false in a success", "data": data}


def _told(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _period(defect: str | None) -> tuple[datetime, datetime]:
    """The first instant, and the last second."""
    start = NOW.replace(day=1, hour=0)
    last = start.replace(day=monthrange(NOW.year, NOW.month)[1]) + timedelta(days=1) - _SECOND
    if defect == "the period starts at noon" and not request.args:
        start = start.replace(hour=12)
    if defect == "the period ends a second late" and not request.args:
        last += _SECOND
    if defect == "dates do not select":
        return start, last
    given_start, given_end = (_read(name, defect) for name in ("startDate", "endDate"))
    start, last = given_start or start, given_end or last
    if start >= last and defect != "an empty span passes":
        told = "Invalid date range: startDate must be before endDate"
        raise _Refused("No." if defect == "another message for an empty span" else told)
    bare = _DATE.fullmatch(request.args.get("endDate", ""))
    if bare and defect != "an end date ends at its midnight":
        last += timedelta(days=1) - _SECOND
    return start, last


def _read(name: str, defect: str | None) -> datetime | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError
        return instant.astimezone(UTC).replace(microsecond=0)
    except ValueError:
        if defect == "malformed dates are taken for none":
            return None
        raise _Refused(f"{name}: not a date: {text}") from None


def _named(text: str, defect: str | None) -> list[str]:
    found = []
    for each in text.split(","):
        if each in _IDS:
            found.append(_IDS[each])
        elif each in _METRICS and defect != "camelCase ids are unknown":
            found.append(each)
        elif defect != "unknown metrics are let pass":
            raise _Refused(f"metrics: unknown metric: {each}")
    return found


def _used(name: str, start: datetime, end: datetime, defect: str | None) -> Decimal:
    """One fact a day at eight: a count of that day's number, or a level that rises."""
    kept = NOW - _YEAR if defect != "nothing is ever forgotten" else _FIRST
    level = _METRICS[name][4]
    if level and defect != "levels are summed":
        start = kept
    if not level and defect == "counters never restart":
        start = kept
    until = min(end, NOW + _SECOND)
    if defect == "the second between two spans counts twice":
        until += timedelta(hours=9)
    first = max(start, kept)
    days = max(0, -((_FIRST - first) // timedelta(days=1)))
    facts = []
    at = _FIRST + timedelta(days=days)
    while at < until:
        facts.append(at)
        at += timedelta(days=1)
    if level and defect != "levels are summed":
        return Decimal(facts[-1].toordinal() - 739_300) / 8 if facts else Decimal(0)
    return sum((Decimal(each.day) * 90 + Decimal("0.25") for each in facts), Decimal(0))


def _row(name: str, used: Decimal, defect: str | None) -> dict[str, Any]:
    title, unit, included, _, _ = _METRICS[name]
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
    return {
        "name": title,
        "unit": unit,
        "included": included,
        "used": used,
        "overage": overage,
        "percentage": percentage,
    }


def _percentage(used: Decimal, included: Decimal) -> Decimal:
    return (used * 100 / included).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _cost(rows: dict[str, dict[str, Any]], defect: str | None) -> dict[str, Any]:
    charged = "used" if defect == "all usage is charged" else "overage"
    parts = (row[charged] * _METRICS[name][3] for name, row in rows.items())
    overage = sum(parts, Decimal(0))
    if defect == "a fee for nothing":
        overage += 1
    base = Decimal("29.00")
    total = overage if defect == "the total leaves the base out" else base + overage
    currency = "USD" if defect == "currency in upper case" else "usd"
    return {"base": base, "overage": overage, "total": total, "currency": currency}


def _projected(
    used: dict[str, Decimal], start: datetime, end: datetime, defect: str | None
) -> dict[str, Any]:
    calls = used["apiCalls"]
    open_now = start < NOW < end
    if open_now or defect == "a closed period is projected":
        passed = Decimal((NOW - start).days or 1)
        whole = Decimal((end - start).days)
        projected = round(calls * whole / passed, 0) if open_now else round(calls * 2 + 1, 0)
    else:
        projected = calls
    if defect == "projections below what was used":
        projected = calls / 2
    share = _percentage(Decimal(projected), _METRICS["apiCalls"][2])
    return {"apiCalls": {"projected": projected, "percentage": share}}
