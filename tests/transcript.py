"""One sequence of calls to every vendor, and every byte of the replies.

``python -m tests.transcript SEED`` prints the replies, so that two processes can be compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from metersim.app import Application
from metersim.server import set_up

ADMIN = "admin-token"
NORTHWIND = "550e8400-e29b-41d4-a716-446655440000"
USAGE = {
    "window_size": "hour",
    "starting_on": "2026-03-17T00:00:00Z",
    "ending_before": "2026-03-20T00:00:00Z",
    "customer_ids": [NORTHWIND],
}
COST = {
    "startDate": "2026-03-01T00:00:00Z",
    "endDate": "2026-04-01T00:00:00Z",
    "customerId": NORTHWIND,
}
REPORT = {"startDate": "2026-03-01", "endDate": "2026-04-01", "granularity": "week"}
RECORDED = {"email": "amari_koss69@northwind.dev", "metric": "api_calls", "quantity": 515.63}
RECORD = "mudbase/api/billing/public/projects/proj_nCBo0AB7UWpj/usage"
PROJECT = "mkio/api/v1/projects/my-project"

READS: tuple[tuple[str, str, object], ...] = (
    ("POST", "metronome/v1/usage", USAGE),
    ("POST", "monk/v1/usage/cost", COST),
    ("POST", "monk/v1/usage/cost", {**COST, "creditRateCents": 7}),
    ("GET", "saas/api/billing/usage", None),
    ("GET", f"{PROJECT}/usage", None),
    ("POST", "mkio/api/v1/organization/reports/usage", REPORT),
    ("POST", "mkio/api/v1/organization/reports/usage", {**REPORT, "format": "csv"}),
    ("GET", "mkio/api/v1/organization/paymentMethods", None),
    ("GET", f"{PROJECT}/metricsEndpoint", None),
    ("GET", "__admin/state", None),
    ("GET", "__admin/changes", None),
    ("GET", "__admin/clock", None),
)
WRITES: tuple[tuple[str, str, object], ...] = (
    ("POST", RECORD, RECORDED),
    ("POST", RECORD, RECORDED),
    ("PATCH", f"{PROJECT}/metricsEndpoint", {"spec": {"enabled": True}}),
    ("POST", f"{PROJECT}/paymentMethod", {"paymentMethodId": "pm-aws"}),
    ("POST", "__admin/clock/advance", {"hours": 30}),
    ("POST", RECORD, RECORDED),
)
REFUSALS: tuple[tuple[str, str, object], ...] = (
    ("POST", RECORD, {}),
    ("POST", "metronome/v1/usage", {}),
    ("POST", "monk/v1/usage/cost", {}),
    ("GET", "saas/api/billing/usage?metrics=none", None),
    ("GET", "mkio/api/v1/projects/unknown/usage", None),
    ("DELETE", f"{PROJECT}/paymentMethod", None),
    ("GET", "mkio/nowhere", None),
)


class Wire:
    """A client of one session, over the whole application."""

    def __init__(self, application: Application, session: str) -> None:
        self._client = TestClient(application.asgi, base_url="http://simulator.test")
        self._path = f"/s/{session}"

    def call(self, method: str, path: str, body: object = None) -> bytes:
        """Status line, headers and body of the reply, without the name of the session."""
        token = ADMIN if path.startswith("__admin/") else "metersim-token"
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        reply = self._client.request(
            method, f"{self._path}/{path}", content=content, headers=headers
        )
        lines = [b"%d" % reply.status_code, *(b": ".join(each) for each in reply.headers.raw)]
        return b"\r\n".join([*lines, b"", reply.content]).replace(self._path.encode(), b"")

    def calls(self, *sequences: tuple[tuple[str, str, object], ...]) -> list[bytes]:
        """The replies to some sequences of calls."""
        return [self.call(*call) for sequence in sequences for call in sequence]

    def data(self, method: str, path: str, body: object = None) -> Any:
        """The body of a reply, as JSON."""
        return json.loads(self.call(method, path, body).rpartition(b"\r\n")[2])

    def walk(self) -> Iterator[bytes]:
        """Every page of a metered usage broken down, each by the cursor of the one before."""
        metrics = [
            {"id": meter["id"], "group_by": {"key": key}}
            for meter in self.data("GET", "__admin/state")["meters"]
            for key in meter["group_keys"][:1]
        ]
        query = {**USAGE, "billable_metrics": metrics}
        path = "metronome/v1/usage"
        while path:
            yield self.call("POST", path, query)
            cursor = self.data("POST", path, query)["next_page"]
            path = cursor and f"metronome/v1/usage?next_page={cursor}"

    def whole(self) -> list[bytes]:
        """Reads, refusals, writes, and the reads again, pages and all."""
        return [*self.calls(READS, REFUSALS, WRITES, READS), *self.walk()]


def application(seed: int | None = None) -> Application:
    """The default scenario, whose sessions are addressed by their names."""
    return set_up("default", seed=seed, admin_token=ADMIN).application


if __name__ == "__main__":
    for reply in Wire(application(int(sys.argv[1])), "any").whole():
        sys.stdout.buffer.write(reply + b"\n")
