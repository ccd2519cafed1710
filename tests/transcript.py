"""One sequence of calls to every vendor, and every byte of the replies.

``python -m tests.transcript SCENARIO SEED`` prints them, so that two processes can be compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, TypeAlias

from starlette.testclient import TestClient

from metersim.billing.instants import Granularity, floor, following, to_seconds
from metersim.scenario import load_scenario
from metersim.server import Setup, set_up
from metersim.world.opening import Opening

ADMIN = "admin-token"
_DAY = timedelta(days=1)
# Of so many projects, the report is asked about one.
_MANY = 100

Calls: TypeAlias = tuple[tuple[str, str, object], ...]


class Script:
    """Calls about the first customer of a scenario and a project of its own.

    They ask for the days around now, and for the three months that end with this one.
    """

    def __init__(self, opening: Opening) -> None:
        customer = next(iter(opening.customers.values()))
        project = next(each for each in opening.projects.values() if each.customer == customer.key)
        methods = [key for key, each in opening.payment_methods.items() if each.terms_accepted]
        today = floor(opening.now, Granularity.DAY)
        start = floor(today.replace(day=1) - 35 * _DAY, Granularity.MONTH)
        end = following(today, Granularity.MONTH)
        self.usage: dict[str, object] = {
            "window_size": "hour",
            "starting_on": to_seconds(today - _DAY),
            "ending_before": to_seconds(today + 2 * _DAY),
            "customer_ids": [customer.id],
        }
        span = {"startDate": to_seconds(start), "endDate": to_seconds(end)}
        self._cost: dict[str, object] = {**span, "customerId": customer.id}
        days = {name: bound[:10] for name, bound in span.items()}
        self._report: dict[str, object] = {**days, "granularity": "week"}
        if len(opening.projects) > _MANY:
            self._report["projectNames"] = [project.key]
        metric = next(key for key in opening.meters if key in opening.list_prices.prices)
        self._recorded = {"email": customer.aliases[-1], "metric": metric, "quantity": 515.63}
        others = [key for key in methods if key != project.payment_method]
        self._method = [*others, *methods][0]
        self._project = f"mkio/api/v1/projects/{project.key}"
        self._record = f"mudbase/api/billing/public/projects/{project.id}/usage"
        self._event: dict[str, object] = {
            "transaction_id": "t",
            "customer_id": "new-alias",
            "event_type": metric,
            "timestamp": to_seconds(opening.now),
            "properties": {"quantity": "0.30"},
        }
        self._keyed: dict[str, object] = {"eventName": metric, "customerId": customer.id}
        self._aliases = f"metronome/v1/customers/{customer.id}/setIngestAliases"

    @property
    def reads(self) -> Calls:
        report = "mkio/api/v1/organization/reports/usage"
        methods = "mkio/api/v1/organization/paymentMethods"
        return (
            ("POST", "metronome/v1/usage", self.usage),
            ("POST", "monk/v1/usage/cost", self._cost),
            ("POST", "monk/v1/usage/cost", {**self._cost, "creditRateCents": 7}),
            ("GET", "metronome/v1/customers?limit=5", None),
            ("GET", "metronome/v1/customers?ingest_alias=new-alias", None),
            ("GET", "metronome/v1/billable-metrics?include_archived=true", None),
            ("GET", "saas/api/billing/usage", None),
            ("GET", f"{self._project}/usage", None),
            ("POST", report, self._report),
            ("POST", report, {**self._report, "format": "csv"}),
            ("GET", methods, None),
            ("GET", f"{methods}/{self._method}/rateCard", None),
            ("GET", f"{self._project}/metricsEndpoint", None),
            ("GET", "__admin/state", None),
            ("GET", "__admin/changes", None),
            ("GET", "__admin/clock", None),
        )

    @property
    def writes(self) -> Calls:
        return (
            ("POST", self._record, self._recorded),
            ("POST", self._record, self._recorded),
            ("PATCH", f"{self._project}/metricsEndpoint", {"spec": {"enabled": True}}),
            ("POST", f"{self._project}/paymentMethod", {"paymentMethodId": self._method}),
            ("POST", "metronome/v1/ingest", [self._event]),
            ("POST", "metronome/v1/customers", {"name": "New", "ingest_aliases": ["new-alias"]}),
            ("POST", "__admin/clock/advance", {"hours": 30}),
            ("POST", "metronome/v1/ingest", [self._event, {**self._event, "transaction_id": "u"}]),
            ("POST", self._aliases, {"ingest_aliases": ["new-alias", "other-alias"]}),
            ("POST", "monk/v1/events", self._keyed),
            ("POST", "monk/v1/events", {**self._keyed, "idempotencyKey": "k"}),
            ("POST", "monk/v1/events/batch", {"events": [{**self._keyed, "idempotencyKey": "k"}]}),
            ("POST", self._record, self._recorded),
        )

    @property
    def refusals(self) -> Calls:
        return (
            ("POST", self._record, {}),
            ("POST", "metronome/v1/usage", {}),
            ("POST", "metronome/v1/ingest", []),
            ("POST", "monk/v1/events", {}),
            ("POST", "monk/v1/usage/cost", {}),
            ("GET", "saas/api/billing/usage?metrics=none", None),
            ("GET", "mkio/api/v1/projects/unknown/usage", None),
            ("DELETE", f"{self._project}/paymentMethod", None),
            ("GET", "mkio/nowhere", None),
        )


DEFAULT = Script(load_scenario("default").open())
READS, WRITES, REFUSALS = DEFAULT.reads, DEFAULT.writes, DEFAULT.refusals


class Wire:
    """A client of one session, over the whole application."""

    def __init__(self, simulator: Setup, session: str) -> None:
        self._client = TestClient(simulator.application.asgi, base_url="http://simulator.test")
        self._path = f"/s/{session}"
        self._opening = simulator.opening

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

    def calls(self, *sequences: Calls) -> list[bytes]:
        """The replies to some sequences of calls."""
        return [self.call(*call) for sequence in sequences for call in sequence]

    def data(self, method: str, path: str, body: object = None) -> Any:
        """The body of a reply, as JSON."""
        return json.loads(self.call(method, path, body).rpartition(b"\r\n")[2])

    def walk(self, usage: dict[str, object]) -> Iterator[bytes]:
        """Every page of a metered usage broken down, each by the cursor of the one before."""
        metrics = [
            {"id": meter.id, "group_by": {"key": key}}
            for meter in self._opening.meters.values()
            for key in meter.group_keys[:1]
        ]
        query = {**usage, "billable_metrics": metrics}
        path = "metronome/v1/usage"
        while path:
            yield self.call("POST", path, query)
            cursor = self.data("POST", path, query)["next_page"]
            path = cursor and f"metronome/v1/usage?next_page={cursor}"

    def whole(self) -> list[bytes]:
        """Reads, refusals, writes, and the reads again, pages and all."""
        said = Script(self._opening)
        replies = self.calls(said.reads, said.refusals, said.writes, said.reads)
        return [*replies, *self.walk(said.usage)]


def simulator(scenario: str = "default", seed: int | None = None) -> Setup:
    """A scenario whose sessions are addressed by their names."""
    return set_up(scenario, seed=seed, admin_token=ADMIN)


def transcript(scenario: str, seed: int) -> bytes:
    """The replies to all calls, a line after each."""
    replies = Wire(simulator(scenario, seed), "any").whole()
    return b"".join(reply + b"\n" for reply in replies)


if __name__ == "__main__":
    sys.stdout.buffer.write(transcript(sys.argv[1], int(sys.argv[2])))
