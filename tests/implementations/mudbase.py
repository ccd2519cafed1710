"""Mudbase's public usage call in Flask and SQLite, by someone who read its page alone.

A defect is switched on by name; without one, it is right.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from json import JSONDecodeError, loads
from threading import Lock
from typing import Any

from flask import Flask, Response, jsonify, request

TOKEN = "a JWT of nobody in particular"
OPEN, OWN, VAULT = "proj_Shop2026", "7d0000000000000000000001", "7d0000000000000000000002"
VALUES = {
    "project_id": OPEN,
    "email": "ada@shop.example",
    "secured_project_id": VAULT,
    "secured_project_key": "key of the vault",
    "other_project_key": "key of the shop",
    "restricted_project_id": "proj_Unpaid",
}
# What was recorded can be read by nobody, and nobody is limited here.
UNPROVEN = {"MUDBASE-04", "MUDBASE-08", "MUDBASE-09"}

# Defect -> the rule that it breaks.
DEFECTS = {
    "nobody is let in without a key": "MUDBASE-01",
    "201 for what was recorded": "MUDBASE-01",
    "another message": "MUDBASE-01",
    "422 for what is missing": "MUDBASE-02",
    "details are a text": "MUDBASE-02",
    "another code": "MUDBASE-02",
    "true is a number": "MUDBASE-02",
    "an email may be missing": "MUDBASE-02",
    "a metric may be a number": "MUDBASE-02",
    "null is 0": "MUDBASE-02",
    "any text is an email": "MUDBASE-02",
    "metrics are identifiers": "MUDBASE-03",
    "metrics are in Latin letters": "MUDBASE-03",
    "metrics have two words at most": "MUDBASE-03",
    "quantities are whole": "MUDBASE-04",
    "negative quantities pass": "MUDBASE-05",
    "numbers in strings pass": "MUDBASE-05",
    "NaN passes": "MUDBASE-05",
    "ids are ObjectIds alone": "MUDBASE-06",
    "404 for a malformed id": "MUDBASE-06",
    "projects come into being": "MUDBASE-06",
    "403 for an unknown project": "MUDBASE-06",
    "secured projects are open": "MUDBASE-07",
    "any key opens every project": "MUDBASE-07",
    "401 for another project's key": "MUDBASE-07",
    "any unknown key opens a project": "MUDBASE-07",
    "the beginning of a key opens a project": "MUDBASE-07",
    "403 without a key": "MUDBASE-07",
    "402 for the restricted": "MUDBASE-08",
    "another code for the restricted": "MUDBASE-08",
}

_TABLES = """
CREATE TABLE project (id TEXT, key TEXT, secured INTEGER, restricted INTEGER);
CREATE TABLE usage (project TEXT, email TEXT, metric TEXT, quantity TEXT);
"""
_PROJECTS = (
    (OPEN, "key of the shop", 0, 0),
    (OWN, "key of the owner", 0, 0),
    (VAULT, "key of the vault", 1, 0),
    ("proj_Unpaid", "key of the debtor", 0, 1),
)


class _Refused(Exception):
    def __init__(self, status: int, code: str, details: object) -> None:
        super().__init__(code)
        self.status, self.code, self.details = status, code, details


def create(defect: str | None = None) -> Flask:
    """The app, with one defect or none."""
    app, lock = Flask(__name__), Lock()
    db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    db.executescript(_TABLES)
    db.executemany("INSERT INTO project VALUES (?, ?, ?, ?)", _PROJECTS)

    @app.post("/api/billing/public/projects/<project>/usage")
    def record(project: str) -> tuple[Response, int]:
        with lock:
            _admit(db, project, defect)
            row = _usage(defect)
            db.execute("INSERT INTO usage VALUES (?, ?, ?, ?)", (project, *row))
        message = "Recorded" if defect == "another message" else "Usage recorded successfully"
        status = 201 if defect == "201 for what was recorded" else 200
        return jsonify({"message": message, "success": True}), status

    @app.errorhandler(_Refused)
    def refused(error: _Refused) -> tuple[Response, int]:
        told = {"error": "no", "code": error.code, "details": error.details, "path": request.path}
        return jsonify(told), error.status

    return app


def _admit(db: sqlite3.Connection, project: str, defect: str | None) -> None:
    form = r"[0-9a-f]{24}" if defect == "ids are ObjectIds alone" else r"[0-9a-f]{24}|proj_\w{1,40}"
    found = db.execute("SELECT * FROM project WHERE id = ?", [project]).fetchone()
    if not found and not re.fullmatch(form, project):
        status = 404 if defect == "404 for a malformed id" else 400
        raise _Refused(status, "VALIDATION_ERROR", {"projectId": "is not one of our ids"})
    if not found:
        if defect == "projects come into being":
            return
        status = 403 if defect == "403 for an unknown project" else 404
        raise _Refused(status, "NOT_FOUND", "no such project")
    _, own, secured, restricted = found
    _let_in(db, own, bool(secured), defect)
    if restricted:
        status = 402 if defect == "402 for the restricted" else 503
        code = "PAY" if defect == "another code for the restricted" else "SERVICE_UNAVAILABLE"
        raise _Refused(status, code, "come back later")


def _let_in(db: sqlite3.Connection, own: str, secured: bool, defect: str | None) -> None:
    key = request.headers.get("X-API-Key")
    if defect == "nobody is let in without a key":
        secured = True
    if not secured or defect == "secured projects are open" or key == own:
        return
    known = db.execute("SELECT 1 FROM project WHERE key = ?", [key]).fetchone()
    if defect == "the beginning of a key opens a project" and key and key.startswith(own):
        return
    if not known:
        if defect == "any unknown key opens a project" and key:
            return
        status = 403 if defect == "403 without a key" else 401
        raise _Refused(status, "UNAUTHORIZED", "whose key is that?")
    if defect != "any key opens every project":
        status = 401 if defect == "401 for another project's key" else 403
        raise _Refused(status, "FORBIDDEN", "not your project")


def _usage(defect: str | None) -> tuple[str, str, str]:
    """Email, metric and quantity, of which nothing is wrong."""
    try:
        body = loads(request.get_data(), parse_float=Decimal, parse_constant=_constant(defect))
    except (JSONDecodeError, ArithmeticError):
        raise _Refused(400, "VALIDATION_ERROR", {"body": "is no JSON"}) from None
    wrong = dict(_wrong(body if isinstance(body, dict) else {}, defect))
    if wrong:
        details: object = ", ".join(wrong) if defect == "details are a text" else wrong
        status = 422 if defect == "422 for what is missing" else 400
        code = "INVALID" if defect == "another code" else "VALIDATION_ERROR"
        raise _Refused(status, code, details)
    return str(body.get("email")), str(body.get("metric")), str(body.get("quantity"))


def _constant(defect: str | None) -> Any:
    def constant(text: str) -> Decimal:
        if defect == "NaN passes":
            return Decimal(0)
        raise ArithmeticError(text)

    return constant


def _wrong(body: dict[str, Any], defect: str | None) -> Iterator[tuple[str, str]]:
    email, metric, quantity = (body.get(field) for field in ("email", "metric", "quantity"))
    if email is None and defect == "an email may be missing":
        pass
    elif not isinstance(email, str):
        yield "email", "is needed"
    elif not re.fullmatch(r"[^@]+@[^@]+", str(email)) and defect != "any text is an email":
        yield "email", "is no address"
    if not isinstance(metric, str) and defect != "a metric may be a number":
        yield "metric", "is needed"
    if not _is_metric(str(metric), defect):
        yield "metric", "is no metric of ours"
    if not _is_quantity(quantity, defect):
        yield "quantity", "is no quantity"


def _is_metric(metric: str, defect: str | None) -> bool:
    match defect:
        case "metrics are identifiers":
            return re.fullmatch(r"\w+", metric) is not None
        case "metrics are in Latin letters":
            return metric.isascii()
        case "metrics have two words at most":
            return len(metric.split()) <= 2
    return True


def _is_quantity(quantity: object, defect: str | None) -> bool:
    if quantity is None:
        return defect == "null is 0"
    if isinstance(quantity, bool):
        return defect == "true is a number"
    if isinstance(quantity, str) and defect == "numbers in strings pass":
        return re.fullmatch(r"[0-9.]+", quantity) is not None
    if not isinstance(quantity, int | Decimal):
        return False
    if defect == "quantities are whole" and quantity != int(quantity):
        return False
    return quantity >= 0 or defect == "negative quantities pass"
