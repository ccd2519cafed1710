"""Monk with its rate limit on: a hundred requests a minute from one address."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from metersim.server import set_up
from tests.vendors.monk.asking import PATH, assert_refused, event, send
from tests.wire import Answer, Simulated, simulate

MOST = 100


def limited() -> Simulated:
    return simulate("docs-monk", vendor_limits=True)


def ask(sim: Simulated) -> Answer:
    """Nothing in particular: a question that is refused counts as any."""
    return sim.caller("monk").post(PATH, {})


def clients(*hosts: str) -> list[TestClient]:
    asgi = set_up("docs-monk", vendor_limits=True).application.asgi
    return [TestClient(asgi, client=(host, 50_000)) for host in hosts]


def test_monk_23_one_request_beyond_a_hundred_a_minute_is_refused() -> None:
    sim = limited()
    assert {ask(sim).status for _ in range(MOST)} == {400}
    answer = ask(sim)
    assert_refused(answer, 429, "RATE_LIMITED", "try again in 60 s")
    assert answer.headers["retry-after"] == "60"
    sim.clock.advance(minutes=1)
    assert ask(sim).status == 400


@pytest.mark.inside  # here every caller has one address
def test_monk_23_the_address_counts_and_not_the_key() -> None:
    one, other = clients("10.0.0.7", "fe80::7")
    keys = [
        {"authorization": f"Bearer {token}"} for token in ("metersim-token", "metersim-readonly")
    ]
    for number in range(MOST):
        assert one.post(f"/monk{PATH}", headers=keys[number % 2]).status_code != 429
    third = {"authorization": "Bearer metersim-noscope"}
    assert one.post(f"/monk{PATH}", headers=third).status_code == 429
    assert other.post(f"/monk{PATH}", headers=keys[0]).status_code == 400


@pytest.mark.inside  # here every caller has one address
def test_monk_23_the_address_is_the_callers_on_the_wire() -> None:
    one, other = clients("10.0.0.7", "10.0.0.8")
    assert 429 not in {one.post(f"/monk{PATH}").status_code for _ in range(MOST)}
    assert one.post(f"/monk{PATH}").status_code == 429
    assert other.post(f"/monk{PATH}").status_code == 401


def test_monk_23_sending_events_is_exempt() -> None:
    sim = limited()
    for events in ([event(None)], [event(None), event(None)]):
        assert {send(sim, *events).status for _ in range(MOST + 1)} == {202}
    assert {ask(sim).status for _ in range(MOST)} == {400}
    assert ask(sim).status == 429
