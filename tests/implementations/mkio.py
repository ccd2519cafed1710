"""MK.IO's usage and billing in Flask and SQLite, by someone who read its page alone.

A defect is switched on by name; without one, it is right. Its clock stands at NOW.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from io import StringIO
from itertools import count
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from tests.implementations import mkio_report as reports
from tests.implementations.mkio_answers import answer, body, bounds
from tests.implementations.mkio_defects import DEFECTS
from tests.implementations.mkio_endpoint import Endpoint
from tests.implementations.mkio_methods import Methods
from tests.implementations.mkio_report import Refused
from tests.implementations.mkio_store import AWS, AZURE, KINO, LIVE, SHED, opened

__all__ = ["DEFECTS", "TOKEN", "UNPROVEN", "VALUES", "create"]

TOKEN = "eyJhbGciOiJub25lIn0.YWRh.c2lnbmVk"
VALUES = {
    "project": KINO,
    "other_project": LIVE,
    "inactive_project": SHED,
    "payment_method": AZURE,
    "other_payment_method": AWS,
    "charged_late": "2025-05-28",
    "since": "2025-05-02",
    "until": "2025-07-09",
}
# It takes more than two thousand calls.
UNPROVEN = {"MKIO-30"}

_HEADER = (
    *("projectName", "paymentMethodId", "meter", "unit", "quantity", "price", "cost"),
    *("currency", "startDate", "endDate", "category"),
)


def create(defect: str | None = None) -> Flask:
    """The app, with one defect or none."""
    app, api = Flask(__name__), _Api(opened(), defect)
    app.before_request(api.let_in)
    app.register_error_handler(Refused, api.refused)
    app.register_error_handler(HTTPException, api.failed)
    project, organization = "/api/v1/projects/<name>", "/api/v1/organization"
    method = f"{organization}/paymentMethods/<key>"
    routes: list[tuple[str, str, Callable[..., Response]]] = [
        ("GET", f"{project}/usage", api.usage),
        ("POST", f"{organization}/reports/usage", api.report),
        ("GET", f"{organization}/paymentMethods", api.methods),
        ("GET", method, api.method),
        ("POST", f"{method}/acceptTermsAndConditions", api.accept),
        ("GET", f"{method}/rateCard", api.rate_card),
        ("GET", f"{project}/paymentMethod", api.assignment),
        ("POST", f"{project}/paymentMethod", api.assign),
        ("GET", f"{project}/metricsEndpoint", api.endpoint),
        ("PATCH", f"{project}/metricsEndpoint", api.switch),
        ("GET", f"{project}/metrics", api.metrics),
    ]
    if defect == "DELETE removes":
        routes.append(("DELETE", f"{project}/paymentMethod", api.remove))
    for verb, path, view in routes:
        app.add_url_rule(path, f"{verb} {path}", view, methods=[verb])
    return app


class _Api(Methods, Endpoint):
    def __init__(self, db: sqlite3.Connection, defect: str | None) -> None:
        super().__init__(db, defect)
        self.refs = count(1_000)
        if defect == "on from the start":
            db.execute("insert into endpoint select name, 'prom', 'from-the-start', 0 from project")

    # -- who, and what went wrong

    def let_in(self) -> None:
        if (
            request.path.endswith("/metrics")
            or self.defect == "writes need no token"
            and (request.method in ("PATCH", "POST") and "reports" not in request.path)
        ):
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = token == TOKEN
        if self.defect == "a token may go on":
            known = token.startswith(TOKEN)
        if self.defect == "any token will do":
            known = bool(token)
        if not known or scheme.lower() != "bearer" and self.defect != "any scheme will do":
            raise Refused(403 if self.defect == "403 for a token" and token else 401, "who?")

    def refused(self, refused: Refused) -> Response:
        return self._failure(refused.status, str(refused))

    def failed(self, error: HTTPException) -> Response | HTTPException:
        if self.defect == "HTML for 405" and error.code == 405:
            return error
        return self._failure(error.code or 500, error.name)

    def _failure(self, status: int, detail: str) -> Response:
        error: dict[str, Any] = {"code": str(status), "detail": detail, "extraDetail": {}}
        ref: object = f"r-{next(self.refs)}"
        told: object = status
        match self.defect:
            case "no extraDetail":
                del error["extraDetail"]
            case "status as text":
                told = str(status)
            case "one ref for all":
                ref = "r-1000"
            case "always 400 in the body":
                told = 400
        return answer({"error": error, "status": told, "ref": ref, "docs": "/errors"}, status)

    # -- usage

    def usage(self, name: str) -> Response:
        self.known(name)
        question, rows = reports.month(self.db, name, self.defect)
        span = (question.start, question.end)
        metadata = {"projectName": name, **bounds(*(each.isoformat() for each in span))}
        return answer({"metadata": metadata, "value": rows})

    def report(self) -> Response:
        asked = body()
        question = reports.asked(asked, self.defect)
        for name in question.projects or ():
            self.known(name)
        for key in question.methods or ():
            self._row_of(key)
        rows = reports.rows(self.db, question, self.defect)
        form = asked.get("format", "csv" if self.defect == "csv unless told" else "json")
        reply = self._csv(rows) if form == "csv" else self._json_report(asked, rows)
        if asked.get("download") and not (self.defect == "csv alone is saved" and form == "json"):
            name = "" if self.defect == "a file without a name" else f"; filename=usage.{form}"
            # Of whatever case, as HTTP has it.
            kind = "inline" if self.defect == "shown instead of saved" else "Attachment"
            reply.headers["Content-Disposition"] = kind + name
        return reply

    def _json_report(self, asked: dict[str, Any], rows: list[dict[str, Any]]) -> Response:
        metadata = {
            **bounds(asked["startDate"], asked["endDate"]),
            "granularity": asked.get("granularity", "day"),
            "filterOnReportedDate": asked.get("filterOnReportedDate", False),
        }
        if self.defect == "minutes pass for hours":
            metadata["granularity"] = "hour"
        return answer({"metadata": metadata, "value": rows})

    def _csv(self, rows: list[dict[str, Any]]) -> Response:
        text = StringIO()
        writer = csv.DictWriter(text, _HEADER)
        if self.defect != "no header":
            writer.writeheader()
        for row in rows[: -1 if self.defect == "the CSV ends early" else None]:
            rounded = {"cost": f"{row['cost']:.2f}"} if self.defect == "CSV has cents" else {}
            writer.writerow({**row, **rounded})
        if self.defect == "the CSV ends with a total":
            writer.writerow({"meter": "total", "cost": sum(row["cost"] for row in rows)})
        told = text.getvalue()
        if self.defect == "nothing is quoted":
            told = told.replace('"', "")
        plain = self.defect == "CSV as plain text"
        return Response(told, content_type="text/plain" if plain else "text/csv; charset=utf-8")
