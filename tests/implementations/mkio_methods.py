"""MK.IO's payment methods: their list, their terms and prices, and which one carries a project."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response, request

from tests.implementations.mkio_answers import Kept, answer, body, whole
from tests.implementations.mkio_report import Refused
from tests.implementations.mkio_store import NOW, seconds

_PAGE = 2


class Methods(Kept):
    """The payment methods of the organization, and of each project."""

    def methods(self) -> Response:
        top, skip = (whole(request.args.get(key)) for key in ("$top", "$skiptoken"))
        keys = [key for (key,) in self.db.execute("select id from method order by title, id desc")]
        size, start = _PAGE if top is None else top, skip or 0
        match self.defect:
            case "$top is ignored":
                size = _PAGE
            case "$skiptoken is ignored":
                start = 0
            case "a page begins with the last one's end" if start:
                start -= 1
            case "pages are counted, not methods":
                start *= size
            case "the last method is not listed":
                keys.pop()
        value = [self._method(key) for key in keys[start : start + size]]
        total = len(keys) + (self.defect == "the last method is not listed")
        if self.defect == "the total is the page's":
            total = len(value)
        end = (skip or 0) + len(value)
        pagination = {"start": skip or 0, "end": end, "records": len(value), "total": total}
        if self.defect == "records are of all pages":
            pagination["records"] = total
        supplemental: dict[str, Any] = {"count": len(value), "kind": "methods", "operation": "list"}
        if self.defect != "no pagination":
            supplemental["pagination"] = pagination
        return answer({"supplemental": supplemental, "value": value})

    def method(self, key: str) -> Response:
        return answer(self._method(key))

    def accept(self, key: str) -> Response:
        self._row_of(key)
        if self.defect != "terms stay open":
            self.db.execute("update method set accepted = 1 where id = ?", (key,))
        return answer(self._method(key))

    def rate_card(self, key: str) -> Response:
        known = self.db.execute("select accepted from method where id = ?", (key,)).fetchone()
        if self.defect != "a card for anyone" or known:
            self._row_of(key)
        if self.defect == "no card before the terms" and not known[0]:
            raise Refused(404, "no card")
        select = "select meter, unit, price from rate where method = ? order by meter desc"
        rates = [
            {"meter": meter, "unit": unit, "price": Decimal(price)}
            for meter, unit, price in self.db.execute(select, (key,))
        ]
        if self.defect == "a meter has no price":
            rates = rates[:1]
        if self.defect == "the price is told as text":
            rates = [{**rate, "price": str(rate["price"])} for rate in rates]
        return answer(
            {"metadata": {"paymentMethodId": key}, "spec": {"currency": "EUR", "rates": rates}}
        )

    def _row_of(self, key: object) -> tuple[str, str, int]:
        select = "select title, kind, accepted from method where id = ?"
        found: tuple[str, str, int] | None = self.db.execute(select, (str(key),)).fetchone()
        if found is None:
            raise Refused(404, f"no method {key}")
        return found

    def _method(self, key: str) -> dict[str, Any]:
        title, kind, accepted = self._row_of(key)
        spec = {"displayName": title, "kind": kind, "termsAccepted": bool(accepted)}
        return {"metadata": {"id": key}, "spec": spec, "status": {"state": "ok"}}

    def assignment(self, name: str) -> Response:
        return answer(self._assignment(name))

    def _assignment(self, name: str) -> dict[str, Any]:
        self.known(name)
        select = "select method from carried where project = ? order by since desc, rowid desc"
        found = self.db.execute(select, (name,)).fetchall()
        if self.defect == "the first method is read back" and found:
            found = found[-1:]
        key = found[0][0] if found else None
        return {
            "metadata": {"projectName": name},
            "spec": {"paymentMethodId": key or None},
            "status": {"projectStatus": "active" if key else "inactive"},
        }

    def assign(self, name: str) -> Response:
        if self.defect == "an unknown project is made":
            self.db.execute("insert or ignore into project values (?)", (name,))
        self.known(name)
        key = body().get("paymentMethodId")
        if (key is None and self.defect == "null removes") or (
            key is False and self.defect == "false removes"
        ):
            key = ""
        elif key is None and self.defect == "no id changes nothing":
            return answer(self._assignment(name))
        elif not isinstance(key, str) or not key:
            raise Refused(400, "paymentMethodId is required")
        elif self.defect == "what is unknown is assigned":
            self.db.execute(
                "insert or ignore into method values (?, '', 'direct_contract', 1, 'EUR')", (key,)
            )
        elif not self._accepted(key):
            if self.defect == "refused and assigned":
                self._carry(name, key)
            raise Refused(400 if self.defect == "400 for open terms" else 409, "terms not accepted")
        self._carry(name, key)
        reply = self._answered(name, key)
        return answer(reply)

    def _accepted(self, key: str) -> bool:
        try:
            return bool(self._row_of(key)[2]) or self.defect == "terms do not matter"
        except Refused as refused:
            raise Refused(
                400 if self.defect == "400 for the unknown" else 404, str(refused)
            ) from None

    def _carry(self, name: str, key: str) -> None:
        first = self._assignment(name)["spec"]["paymentMethodId"] is None
        if first and self.defect in ("projects stay inactive", "active in the answer alone"):
            return
        projects = [name]
        if self.defect == "all projects are assigned":
            projects = [each for (each,) in self.db.execute("select name from project")]
        for each in projects:
            since = NOW
            if self.defect == "today moves with the method":
                since = NOW.replace(hour=0, minute=0)
            row = (each, key, seconds(since))
            self.db.execute("insert into carried values (?, ?, ?)", row)

    def _answered(self, name: str, key: str) -> dict[str, Any]:
        if self.defect == "active in the answer alone":
            return {
                "metadata": {"projectName": name},
                "spec": {"paymentMethodId": key},
                "status": {"projectStatus": "active"},
            }
        return self._assignment(name)

    def remove(self, name: str) -> Response:
        self._carry(name, "")
        return Response(status=204)
