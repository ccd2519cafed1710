"""Monk with its rate limit on: a hundred requests a minute from one address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from metersim.scenario import load_scenario
from metersim.server import set_up
from metersim.simulation.call import Call, Reply, Request
from metersim.simulation.sessions import Sessions
from metersim.simulation.vendor import Vendor
from metersim.vendors.monk import VENDOR
from metersim.world.world import World
from tests.vendors.monk.asking import PATH, assert_refused
from tests.wire import Answer, SimulatorInProcess, simulate

MOST = 100

# Where events are sent to, as Monk's pages have it; these operations document no 429.
INGESTION = """
  /v1/events:
    post:
      operationId: createEvent
      x-basis: confirmed
      security: [{bearerAuth: ["usage:write"]}]
      responses: {"202": {description: Accepted., x-basis: assumed}}
  /v1/events/batch:
    post:
      operationId: createEvents
      x-basis: confirmed
      security: [{bearerAuth: ["usage:write"]}]
      responses: {"202": {description: Accepted., x-basis: assumed}}

components:
"""


def taking_events(folder: Path) -> Vendor:
    """Monk, whose ingestion is not simulated yet, with as much of it as can be called."""

    def accept(call: Call, world: World) -> Reply:
        return Reply(None, 202)

    document = folder / "monk.yaml"
    text = VENDOR.document.read_text(encoding="utf-8")
    document.write_text(text.replace("\ncomponents:\n", INGESTION), encoding="utf-8")
    behaviours = {**VENDOR.behaviours, "createEvent": accept, "createEvents": accept}
    return replace(VENDOR, document=document, behaviours=behaviours)


def limited() -> SimulatorInProcess:
    return simulate("docs-monk", vendor_limits=True)


def ask(sim: SimulatorInProcess, client: str, token: str = "metersim-token") -> Answer:
    """Nothing in particular: a question that is refused counts as any."""
    headers = {"authorization": f"Bearer {token}"}
    return sim.send(Request("POST", f"/monk{PATH}", "", headers, b"{}", client=client))


def test_monk_23_one_request_beyond_a_hundred_a_minute_is_refused() -> None:
    sim = limited()
    assert {ask(sim, "10.0.0.7").status for _ in range(MOST)} == {400}
    answer = ask(sim, "10.0.0.7")
    assert_refused(answer, 429, "RATE_LIMITED", "try again in 60 s")
    assert answer.headers["retry-after"] == "60"
    sim.clock.advance(minutes=1)
    assert ask(sim, "10.0.0.7").status == 400


def test_monk_23_the_address_counts_and_not_the_key() -> None:
    sim = limited()
    tokens = ["metersim-token", "metersim-readonly"] * (MOST // 2)
    assert 429 not in {ask(sim, "10.0.0.7", token).status for token in tokens}
    assert ask(sim, "10.0.0.7", "metersim-noscope").status == 429
    assert ask(sim, "fe80::7").status == 400


def test_monk_23_the_address_is_the_callers_on_the_wire() -> None:
    asgi = set_up("docs-monk", vendor_limits=True).application.asgi
    one, other = (TestClient(asgi, client=(host, 50_000)) for host in ("10.0.0.7", "10.0.0.8"))
    assert 429 not in {one.post(f"/monk{PATH}").status_code for _ in range(MOST)}
    assert one.post(f"/monk{PATH}").status_code == 429
    assert other.post(f"/monk{PATH}").status_code == 401


def test_monk_23_sending_events_is_exempt(tmp_path: Path) -> None:
    session = Sessions(load_scenario("docs-monk").open(), vendor_limits=True).get("any")
    vendor = taking_events(tmp_path)
    for path in ("/v1/events", "/v1/events/batch"):
        sent = Request("POST", path, headers={"authorization": "Bearer metersim-token"})
        assert {session.answer(vendor, sent)[1].status for _ in range(MOST + 1)} == {202}
    assert session.answer(vendor, Request("POST", PATH))[1].status == 401
