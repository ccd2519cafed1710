"""Monk with its rate limit on: a hundred requests a minute from one address."""

from __future__ import annotations

from starlette.testclient import TestClient

from metersim.server import set_up
from metersim.simulation.call import Request
from tests.vendors.monk.asking import PATH, assert_refused, event, send
from tests.wire import Answer, SimulatorInProcess, simulate

MOST = 100


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


def test_monk_23_sending_events_is_exempt() -> None:
    sim = limited()
    for events in ([event(None)], [event(None), event(None)]):
        assert {send(sim, *events).status for _ in range(MOST + 1)} == {202}
    assert {sim.caller("monk").post(PATH, {}).status for _ in range(MOST)} == {400}
    assert sim.caller("monk").post(PATH, {}).status == 429
