"""A simulator that is reached without a socket answers as the one that is reached with one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from metersim.app import MAX_BODY_BYTES
from metersim.simulator import Simulator

USAGE = "/api/billing/usage"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


def answers(sim: Simulator, transport: bool, path: str) -> tuple[int, dict[str, str], bytes]:
    session = sim.session(scenario="overage")
    headers = {"Authorization": f"Bearer {session.saas.token}"}
    with httpx.Client(
        headers=headers, transport=session.transport() if transport else None
    ) as client:
        got = client.get(session.saas.url + path)
    kept = {"content-type", "x-metersim-request-id", "content-length"}
    told = {name: text for name, text in got.headers.items() if name in kept}
    return got.status_code, told, got.content


@pytest.mark.parametrize("path", [USAGE, f"{USAGE}?startDate=never", "/nowhere"])
def test_a_reply_is_the_same_with_and_without_a_socket(sim: Simulator, path: str) -> None:
    assert answers(sim, True, path) == answers(sim, False, path)


@pytest.mark.parametrize(("more", "status"), [(0, 400), (1, 413)])
def test_a_body_has_the_same_bound_with_and_without_a_socket(
    sim: Simulator, more: int, status: int
) -> None:
    session = sim.session()
    url, body = f"{session.monk.url}/v1/usage/cost", b" " * (MAX_BODY_BYTES + more)
    headers = {
        "Authorization": f"Bearer {session.monk.token}",
        "Content-Type": "application/json",
    }
    for transport in (session.transport(), None):
        with httpx.Client(transport=transport, headers=headers) as client:
            assert client.post(url, content=body).status_code == status


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("CONNECTION_RESET_BY_PEER", httpx.ReadError),
        ("EMPTY_RESPONSE", httpx.RemoteProtocolError),
        ("RANDOM_DATA_THEN_CLOSE", httpx.RemoteProtocolError),
        ("MALFORMED_RESPONSE_CHUNK", httpx.RemoteProtocolError),
        ("TRUNCATED_BODY", httpx.RemoteProtocolError),
        ("ANSWER_LOST", httpx.RemoteProtocolError),
    ],
)
@pytest.mark.parametrize("transport", [True, False], ids=("in process", "over a socket"))
def test_a_broken_connection_breaks_alike(
    sim: Simulator, fault: str, kind: type[Exception], transport: bool
) -> None:
    session = sim.session()
    session.faults.add(fault=fault)
    headers = {"Authorization": f"Bearer {session.saas.token}"}
    with (
        httpx.Client(
            headers=headers, transport=session.transport() if transport else None
        ) as client,
        pytest.raises(kind),
    ):
        client.get(session.saas.url + USAGE)
    assert session.journal.count() == 1


def test_a_delay_is_waited_for_and_holds_up_nobody_else(sim: Simulator) -> None:
    session = sim.session()
    session.faults.add(delay={"fixedDelayMilliseconds": 300}, times=1)
    headers = {"Authorization": f"Bearer {session.saas.token}"}

    async def ask() -> list[str]:
        order: list[str] = []
        async with httpx.AsyncClient(headers=headers, transport=session.transport()) as client:

            async def call(name: str) -> None:
                await client.get(session.saas.url + USAGE)
                order.append(name)

            await asyncio.gather(call("slow"), call("quick"))
        return order

    assert asyncio.run(ask()) == ["quick", "slow"]


def test_a_wait_is_for_a_sync_client(sim: Simulator) -> None:
    session = sim.session()
    token = {"Authorization": f"Bearer {sim.admin_token}"}
    wait = {"pattern": {}, "timeoutMilliseconds": 1}

    async def ask() -> None:
        async with httpx.AsyncClient(headers=token, transport=session.transport()) as client:
            await client.post(f"{session.url}/__admin/requests/wait", json=wait)

    with httpx.Client(headers=token, transport=session.transport()) as client:
        assert client.post(f"{session.url}/__admin/requests/wait", json=wait).json()["met"] is False
    with pytest.raises(httpx.UnsupportedProtocol, match="only a sync client waits"):
        asyncio.run(ask())


def test_links_in_a_reply_lead_to_where_it_was_asked(sim: Simulator) -> None:
    session = sim.session()
    headers = {"Authorization": f"Bearer {session.mkio.token}"}
    project = session.state["projects"][0]["key"]
    path = f"{session.mkio.url}/api/v1/projects/{project}/metricsEndpoint"
    with httpx.Client(headers=headers, transport=session.transport()) as client:
        got = client.patch(path, json={"spec": {"enabled": True}}).json()
    assert session.mkio.url in str(got)
    assert session.clock.now.utcoffset() == timedelta(0)
