"""MK.IO's metrics of a project, for Prometheus."""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Response, request

from tests.implementations.mkio_answers import Kept, answer, body
from tests.implementations.mkio_report import Refused


class Endpoint(Kept):
    """Off until it is switched on, with credentials of its own while it is on."""

    def endpoint(self, name: str) -> Response:
        self.known(name)
        return answer(self._endpoint(name))

    def switch(self, name: str) -> Response:
        self.known(name)
        enabled = self._wanted()
        if self.defect == "refused and switched" and not isinstance(enabled, bool):
            self._turn(name, on=True)
        if not isinstance(enabled, bool):
            if self.defect == "refused and switched off":
                self._turn(name, on=False)
            raise Refused(422 if self.defect == "422 for no switch" else 400, "on or off?")
        if enabled or self.defect != "off does nothing":
            self._turn(name, on=enabled)
        if enabled and self.defect == "on for every project":
            for (each,) in self.db.execute("select name from project").fetchall():
                self._turn(each, on=True)
        return answer(self._endpoint(name))

    def _wanted(self) -> object:
        asked = body()
        spec = asked.get("spec")
        if self.defect == "no spec is off" and spec is None:
            return False
        enabled = spec.get("enabled") if isinstance(spec, dict) else None
        if self.defect == "what is true is on" and isinstance(spec, dict):
            return bool(enabled)
        return enabled

    def _turn(self, name: str, *, on: bool) -> None:
        count = self.db.execute("select count(*) from endpoint").fetchone()[0]
        if not on:
            self.db.execute("update endpoint set off = 1 where name = ?", (name,))
        elif self._access(name) is None:
            row = (name, f"prom-{len(name)}", f"Geheim/{name}:{count}")
            self.db.execute("insert into endpoint values (?, ?, ?, 0)", row)

    def _access(self, name: str) -> tuple[str, str] | None:
        select = "select username, password from endpoint where name = ? and off = 0"
        found: tuple[str, str] | None = self.db.execute(select, (name,)).fetchone()
        return found

    def _endpoint(self, name: str) -> dict[str, Any]:
        access = self._access(name)
        told: dict[str, Any] = {"metadata": {"projectName": name}}
        told["spec"] = {"enabled": access is not None}
        if self.defect == "credentials are told while off" and access is None:
            access = ("prom", "not-yet")
        if access is not None:
            url = f"{request.host_url}api/v1/projects/{quote(name)}/metrics"
            if self.defect == "the url leads nowhere":
                url += "/scrape"
            told["status"] = {"url": url, "username": access[0], "password": access[1]}
            if self.defect == "no password is told":
                del told["status"]["password"]
        return told

    def metrics(self, name: str) -> Response:
        if not self._lets_in(name, request.headers.get("Authorization", "")):
            raise Refused(401, "wrong credentials")
        select = "select meter, quantity from event where project = ?"
        sums: dict[str, Decimal] = {}
        for meter, quantity in self.db.execute(select, (name,)):
            sums[meter] = sums.get(meter, Decimal(0)) + Decimal(quantity)
        if self.defect == "metrics are JSON":
            return answer(sums)
        lines = [f'usage{{meter="{meter}"}} {total}\n' for meter, total in sums.items()]
        text = "# TYPE usage gauge\n" + "".join(lines)
        return Response(text, content_type="text/plain; version=0.0.4")

    def _lets_in(self, name: str, authorization: str) -> bool:
        where = "name = ? and off = 0"
        match self.defect:
            case "old credentials stay good":
                where = "name = ?"
            case "credentials of any project will do":
                where = "(name = ? or off = 0)"
            case "once known, always known" if self._access(name):
                where = "name = ?"
            case "the token opens metrics too" if authorization.startswith("Bearer "):
                return True
        select = f"select username, password from endpoint where {where}"
        for username, password in self.db.execute(select, (name,)):
            words = b64encode(f"{username}:{password}".encode()).decode()
            if authorization == f"Basic {words}":
                return True
            user = b64encode(f"{username}:".encode()).decode().rstrip("=")
            if self.defect == "the user name will do" and authorization[6:].startswith(user[:-2]):
                return True
        return False
