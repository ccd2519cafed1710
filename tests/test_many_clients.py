"""64 clients at once, over sockets: nothing leaks, nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest

from metersim import Simulator
from metersim.billing.quantity import add, exact, total
from metersim.client.session import SessionHandle
from tests.views import EMAIL, NORTHWIND, PROJECT

CLIENTS = 64
ROUNDS = 4

_decode = msgspec.json.Decoder(float_hook=exact).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def amount(client: int, turn: int) -> Decimal:
    """No two are the same, and no sum of some is that of others by chance."""
    return exact(f"{client + 1}.{turn + 1:03}")


class Client:
    """One client of one session; it keeps the ids of its calls."""

    def __init__(self, session: SessionHandle, number: int = 0) -> None:
        self._session = session
        self._number = number
        self.ids: list[str] = []

    async def record(self, http: httpx.AsyncClient, turn: int) -> None:
        path = f"/api/billing/public/projects/{PROJECT}/usage"
        quantity = amount(self._number, turn)
        body = {"email": EMAIL, "metric": "emails", "quantity": quantity}
        assert await self._ask(http, "mudbase", path, body)

    async def used(self, http: httpx.AsyncClient, meter: str) -> Decimal:
        """Northwind's emails on the day of now, recorded ones among them, as Metronome tells."""
        query = {
            "window_size": "none",
            "starting_on": "2026-03-18T00:00:00Z",
            "ending_before": "2026-03-19T00:00:00Z",
            "customer_ids": [NORTHWIND],
            "billable_metrics": [{"id": meter}],
        }
        (row,) = (await self._ask(http, "metronome", "/v1/usage", query))["data"]
        return exact(row["value"])

    async def lives(self, http: httpx.AsyncClient, meter: str) -> list[Decimal]:
        """Record and read in turn; what was read each time."""
        read = []
        for turn in range(ROUNDS):
            await self.record(http, turn)
            read.append(await self.used(http, meter))
        return read

    async def _ask(self, http: httpx.AsyncClient, vendor: str, path: str, body: object) -> Any:
        headers = {"Authorization": "Bearer metersim-token", "Content-Type": "application/json"}
        url = f"{self._session.url}/{vendor}{path}"
        reply = await http.post(url, content=_encode(body), headers=headers)
        assert reply.status_code == 200, reply.text
        self.ids.append(reply.headers["X-Metersim-Request-Id"])
        return _decode(reply.content)


def all_live(clients: list[Client], meter: str) -> list[list[Decimal]]:
    """All at once, each on a connection of its own."""

    async def live() -> list[list[Decimal]]:
        limits = httpx.Limits(max_connections=CLIENTS)
        async with httpx.AsyncClient(limits=limits, timeout=50, trust_env=False) as http:
            return list(await asyncio.gather(*(each.lives(http, meter) for each in clients)))

    return asyncio.run(live())


def opened(sim: Simulator, meter: str) -> Decimal:
    """What there was on the day of now before anybody recorded anything."""

    async def look() -> Decimal:
        async with httpx.AsyncClient(timeout=50, trust_env=False) as http:
            return await Client(sim.session("untouched")).used(http, meter)

    return asyncio.run(look())


def emails(sim: Simulator) -> str:
    return str(next(each["id"] for each in sim.state["meters"] if each["key"] == "emails"))


def test_64_clients_on_64_sessions_see_what_they_did_and_nothing_else(sim: Simulator) -> None:
    meter = emails(sim)
    before = opened(sim, meter)
    sessions = [sim.session(f"client-{number}") for number in range(CLIENTS)]
    clients = [Client(session, number) for number, session in enumerate(sessions)]
    for number, read in enumerate(all_live(clients, meter)):
        recorded = [amount(number, turn) for turn in range(ROUNDS)]
        assert read == [add(before, total(recorded[: n + 1])) for n in range(ROUNDS)]
    for number, (client, session) in enumerate(zip(clients, sessions, strict=True)):
        events = session.state["events"]
        quantities = [exact(each["properties"]["quantity"]) for each in events]
        assert quantities == [amount(number, turn) for turn in range(ROUNDS)]
        journalled = [each["id"] for each in session.journal.requests()]
        assert journalled == client.ids
    assert sim.journal.count() == 0
    assert sessions[0].invariants()["hold"]


def test_64_clients_on_one_session_add_up_exactly(sim: Simulator) -> None:
    meter = emails(sim)
    before = opened(sim, meter)
    session = sim.session("shared")
    clients = [Client(session, number) for number in range(CLIENTS)]
    reads = all_live(clients, meter)
    recorded = [amount(number, turn) for number in range(CLIENTS) for turn in range(ROUNDS)]
    everything = add(before, total(recorded))
    assert max(each[-1] for each in reads) == everything
    for number, read in enumerate(reads):
        own = [amount(number, turn) for turn in range(ROUNDS)]
        assert read == sorted(read)
        assert all(seen >= add(before, total(own[: n + 1])) for n, seen in enumerate(read))
    events = session.state["events"]
    assert sorted(exact(each["properties"]["quantity"]) for each in events) == sorted(recorded)
    assert len({each["id"] for each in events}) == len(recorded)
    journalled = [each["id"] for each in session.journal.requests()]
    answered = [id for client in clients for id in client.ids]
    assert sorted(journalled) == sorted(answered)
    assert len(set(journalled)) == len(journalled) == CLIENTS * ROUNDS * 2
    assert session.invariants()["hold"]
