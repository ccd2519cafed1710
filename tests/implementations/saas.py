"""The SaaS usage API in some hundred lines of Flask, by someone who read its page alone.

A defect is switched on by name; without one, it is right. Its clock stands at NOW.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask, Response, request
from simplejson import dumps

from tests.implementations.saas_amounts import METRICS, NOW, cost, projected, row

TOKEN = "session-of-ada"
VALUES = {"since": "2025-04-01", "until": "2025-06-01"}
# What this API gives nobody the means to see.
UNPROVEN = {"SAAS-16"}

# Defect -> the rule that it breaks.
DEFECTS = {
    "any token will do": "SAAS-01",
    "a blank token will do": "SAAS-01",
    "another body for 401": "SAAS-01",
    "a token's beginning will do": "SAAS-01",
    "a token will do without Bearer": "SAAS-01",
    "data beside an error": "SAAS-02",
    "an error beside data": "SAAS-02",
    "success false in a success": "SAAS-02",
    "an error is a text": "SAAS-02",
    "a failure is a success by its status": "SAAS-02",
    "the period starts at noon": "SAAS-03",
    "the period ends a second late": "SAAS-03",
    "without dates the last 30 days count": "SAAS-03",
    "dates do not select": "SAAS-04",
    "the day of an end date is told and not counted": "SAAS-04",
    "offsets are ignored": "SAAS-04",
    "dates are told and do not select": "SAAS-04",
    "the day of the end is told and not counted": "SAAS-04",
    "an end date ends at its midnight": "SAAS-04",
    "an empty span passes": "SAAS-05",
    "another message for an empty span": "SAAS-05",
    "an empty span of a second passes": "SAAS-05",
    "malformed dates are taken for none": "SAAS-06",
    "a malformed end is taken for none": "SAAS-06",
    "seconds pass for a date": "SAAS-06",
    "metrics do not select": "SAAS-07",
    "the first metric alone": "SAAS-07",
    "keys as they were asked for": "SAAS-07",
    "camelCase ids are unknown": "SAAS-07",
    "unknown metrics are let pass": "SAAS-08",
    "dashes pass": "SAAS-08",
    "storage in MB": "SAAS-09",
    "overage may be negative": "SAAS-10",
    "overage is all that was used": "SAAS-10",
    "percentage of the overage": "SAAS-11",
    "percentage stops at 100": "SAAS-11",
    "percentage to one decimal": "SAAS-11",
    "percentage is cut": "SAAS-11",
    "percentage is a text": "SAAS-11",
    "the total leaves the base out": "SAAS-12",
    "currency in upper case": "SAAS-12",
    "currency is null": "SAAS-12",
    "all usage is charged": "SAAS-13",
    "a fee for nothing": "SAAS-13",
    "overage is free": "SAAS-13",
    "a fee once anything is over": "SAAS-13",
    "started units are charged whole": "SAAS-13",
    "a closed period is projected": "SAAS-14",
    "projections below what was used": "SAAS-14",
    "counters never restart": "SAAS-15",
    "levels are summed": "SAAS-15",
    "the month before counts too": "SAAS-15",
    "nothing is ever forgotten": "SAAS-17",
    "usage is kept for 18 months": "SAAS-17",
    "the second between two spans counts twice": "SAAS-18",
    "the last second does not count": "SAAS-18",
    "usage is in whole units": "SAAS-18",
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
            if defect == "an error is a text":
                body["error"] = str(refused)
            return _json(body, 200 if defect == "a failure is a success by its status" else 400)

    return app


def _let_in(defect: str | None) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if defect == "any token will do":
        return bool(token)
    if defect == "a token's beginning will do":
        return scheme == "Bearer" and token.startswith(TOKEN)
    if defect == "a token will do without Bearer" and scheme == TOKEN:
        return True
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
    shown = list(METRICS) if asked is None else _named(asked, defect)
    if defect == "metrics do not select":
        shown = list(METRICS)
    end = last + _SECOND
    since, until = start, end
    if defect == "without dates the last 30 days count" and not request.args:
        since, until = NOW - timedelta(days=30), NOW
    if defect == "the day of an end date is told and not counted" and _is_bare():
        until -= timedelta(days=1)
    if defect == "the day of the end is told and not counted":
        until = last.replace(hour=0, minute=0, second=0)
    if defect == "dates are told and do not select":
        since, until = NOW.replace(day=1, hour=0), NOW
    used = {name: _used(name, since, until, defect) for name in METRICS}
    rows = {name: row(name, used[name], defect) for name in METRICS}
    data = {
        "period": {"start": _told(start), "end": _told(last)},
        "metrics": {_key(name, defect): rows[name] for name in shown},
        "estimatedCost": cost(rows, defect),
        "projectedUsage": projected(used, start, end, defect) if "apiCalls" in shown else {},
    }
    if defect == "an error beside data":
        return {"success": True, "data": data, "error": None, "meta": {"took": 3}}
    # What a reply says of itself is nobody's rule.
    return {"success": defect != "success false in a success", "data": data, "meta": {"took": 3}}


def _key(name: str, defect: str | None) -> str:
    asked = defect == "keys as they were asked for" and "api_calls" in request.args.get(
        "metrics", ""
    )
    return "api_calls" if asked and name == "apiCalls" else name


def _is_bare() -> bool:
    return _DATE.fullmatch(request.args.get("endDate", "")) is not None


def _told(instant: datetime) -> str:
    # Any spelling of an instant will do.
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    passes = defect == "an empty span passes"
    passes |= defect == "an empty span of a second passes" and start == last and not _is_bare()
    if start >= last and not passes:
        told = "Invalid date range: startDate must be before endDate"
        raise _Refused("No." if defect == "another message for an empty span" else told)
    if _is_bare() and defect != "an end date ends at its midnight":
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
        if defect == "seconds pass for a date" and text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        instant = datetime.fromisoformat(text)
        if defect == "offsets are ignored":
            instant = instant.replace(tzinfo=UTC)
        if instant.tzinfo is None:
            raise ValueError
        return instant.astimezone(UTC).replace(microsecond=0)
    except ValueError:
        if defect == "malformed dates are taken for none":
            return None
        if defect == "a malformed end is taken for none" and name == "endDate":
            return None
        raise _Refused(f"{name}: not a date: {text}") from None


def _named(text: str, defect: str | None) -> list[str]:
    found: list[str] = []
    if defect == "dashes pass":
        text = text.replace("-", "_")
    for each in text.split(",")[: 1 if defect == "the first metric alone" else None]:
        if each in _IDS:
            found.append(_IDS[each])
        elif each in METRICS and defect != "camelCase ids are unknown":
            found.append(each)
        elif defect != "unknown metrics are let pass":
            raise _Refused(f"metrics: unknown metric: {each}")
    return found


def _used(name: str, start: datetime, end: datetime, defect: str | None) -> Decimal:
    """One fact a day at eight: a count of that day's number, or a level that rises."""
    kept = NOW - _YEAR if defect != "nothing is ever forgotten" else _FIRST
    if defect == "usage is kept for 18 months":
        kept = NOW - 1.5 * _YEAR
    level = METRICS[name][4]
    if level and defect != "levels are summed":
        start = kept
    if not level and defect == "counters never restart":
        start = kept
    if not level and defect == "the month before counts too":
        start -= timedelta(days=30)
    until = min(end, NOW + _SECOND)
    if defect == "the second between two spans counts twice":
        until += timedelta(hours=9)
    if defect == "the last second does not count":
        until -= _SECOND
    first = max(start, kept)
    days = max(0, -((_FIRST - first) // timedelta(days=1)))
    facts = []
    at = _FIRST + timedelta(days=days)
    while at < until:
        facts.append(at)
        at += timedelta(days=1)
    if level and defect != "levels are summed":
        return Decimal(facts[-1].toordinal() - 739_300) / 8 if facts else Decimal(0)
    found = sum((Decimal(each.day) * 90 + Decimal("0.25") for each in facts), Decimal(0))
    return Decimal(int(found)) if defect == "usage is in whole units" else found
