"""Whatever the control plane is asked, no answer of it holds a secret."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest

from metersim.contract.operation import Operation
from metersim.server import set_up
from metersim.simulation.call import Request, as_bytes
from metersim.simulation.following import Feed
from tests.wire import Simulated, SimulatorInProcess, basic

SETUP = set_up("docs-mkio", admin_token="admin-token-of-this-test")
PROJECT = "/api/v1/projects/my-project"
# What these need to do what they do; the others make do with nothing.
BODIES: dict[str, Any] = {
    "openSession": {"name": "other"},
    "explain": {"vendor": "saas", "row": {"metric": "apiCalls"}},
    "setClock": {"rate": 0},
    "updateSettings": {"vendor_limits": False},
    "advanceClock": {"days": 1},
    "waitForRequests": {"pattern": {}, "timeoutMilliseconds": 0},
}


def confided(sim: Simulated) -> tuple[str, set[str]]:
    """The id of a call, after secrets went to and fro, and these secrets."""
    mkio = sim.caller("mkio")
    access = mkio.patch(f"{PROJECT}/metricsEndpoint", {"spec": {"enabled": True}}).data["status"]
    headers = basic(access["username"], access["password"])
    scraped = mkio.with_token(None).send("GET", f"{PROJECT}/metrics", headers=headers)
    assert scraped.status == 200
    for vendor in SETUP.vendors:
        for token in SETUP.opening.credentials:
            caller = sim.caller(vendor, token)
            caller.get("/nowhere", {"token": token})
            caller.send("GET", "/", headers={"x-api-key": token, "cookie": f"key={token}"})
    secrets = {SETUP.admin_token, access["password"], *SETUP.opening.credentials}
    secrets.add(headers["authorization"].removeprefix("Basic "))
    return scraped.headers["x-metersim-request-id"], secrets


@cache
def session() -> tuple[Simulated, str, set[str]]:
    sim = SimulatorInProcess(SETUP, "confided")
    return sim, *confided(sim)


def told(operation: Operation, query: str, sim: Simulated, call_id: str) -> str:
    """What the control plane answers."""
    content = msgspec.json.encode(BODIES[operation.id]) if operation.id in BODIES else b""
    path = f"/s/confided/__admin{operation.path.format(id=call_id, name='confided')}"
    headers = {"authorization": f"Bearer {SETUP.admin_token}"}
    request = Request(operation.method, path, query, headers, content)
    begun, _ = SETUP.application.begin(request)
    if isinstance(begun, Feed):
        confided(sim)
        begun.close()
        return "".join(begun.take())
    return as_bytes(SETUP.application.answer(request)[0]).decode()


@pytest.mark.parametrize("query", ["", "format=curl", "format=pytest"])
@pytest.mark.parametrize(
    "operation", SETUP.application.control.operations, ids=lambda operation: operation.id
)
def test_no_answer_holds_a_secret(operation: Operation, query: str) -> None:
    sim, call_id, secrets = session()
    answer = told(operation, query, sim, call_id)
    assert answer
    assert not [secret for secret in secrets if secret in answer]
    if not sim.journal.count():  # it may have been what was asked
        confided(sim)


def test_the_secrets_were_there_to_be_told() -> None:
    sim, _, secrets = session()
    kept = as_bytes(SETUP.application.answer(_listing())[0]).decode()
    assert "[redacted]" in kept
    assert len(secrets) > 4
    assert sim.journal.count() > len(SETUP.vendors)


def _listing() -> Request:
    headers = {"authorization": f"Bearer {SETUP.admin_token}"}
    return Request("GET", "/s/confided/__admin/requests", "", headers)
