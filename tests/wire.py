"""Calls a simulator as a client would, wherever it runs, and keeps every number exact.

It runs in this process and is reached without a socket, unless ``reach`` names another.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from metersim.app import MAX_BODY_BYTES
from metersim.billing.instants import parse_date_or_instant
from metersim.billing.quantity import exact
from metersim.client.connection import Connection
from metersim.client.session import SessionHandle
from metersim.client.simulator import SimulatorHandle
from metersim.in_process import InProcess
from metersim.scenario import load_scenario, scenario_names
from metersim.server import Setup, set_up
from metersim.simulation.call import Request
from metersim.simulator import connection_to

BASE_URL = "http://simulator.test"
# Seconds: the machine does other work too.
_PATIENCE = 60
# What a request's body is of which a server reads nothing.
_TOO_LARGE = b" " * (MAX_BODY_BYTES + 1)

_json = msgspec.json.Decoder(float_hook=exact)
_encode = msgspec.json.Encoder(decimal_format="number").encode
_names = count()


@dataclass(frozen=True)
class Answer:
    """What came back: ``text`` is the body as sent, ``data`` the same as exact JSON."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def data(self) -> Any:
        return _json.decode(self.text)


class Caller:
    """A client of one vendor, with a token of its own."""

    def __init__(self, simulator: Simulated, vendor: str, token: str | None) -> None:
        self._simulator = simulator
        self._vendor = vendor
        self._token = token

    def with_token(self, token: str | None) -> Caller:
        """The same client under another token; None sends none."""
        return Caller(self._simulator, self._vendor, token)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return self.send("GET", path, query=query)

    def post(
        self, path: str, body: object = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        return self.send("POST", path, body, query=query)

    def patch(self, path: str, body: object) -> Answer:
        return self.send("PATCH", path, body)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """``body`` is sent as JSON unless it is bytes."""
        sent = dict(headers or {})
        if self._token is not None:
            sent.setdefault("authorization", f"Bearer {self._token}")
        content = b""
        if body is not None:
            content = body if isinstance(body, bytes) else _encode(body)
            sent.setdefault("content-type", "application/json")
        return self._simulator.send(
            Request(method, f"/{self._vendor}{path}", urlencode(query or {}), sent, content)
        )


class Simulated(SessionHandle):
    """A session of its own: clock, state and reset as in a real one, and a caller per vendor."""

    def __init__(self, connection: Connection, transport: httpx.BaseTransport) -> None:
        super().__init__(connection, connection.url)
        self._transport = transport

    def caller(self, vendor: str, token: str | None = "metersim-token") -> Caller:
        return Caller(self, vendor, token)

    def send(self, request: Request) -> Answer:
        """``path`` is what follows the session's own."""
        path = self._connection.path + request.path
        target = f"{path}?{request.query}" if request.query else path
        url = httpx.URL(self._connection.root, raw_path=target.encode())
        body = _TOO_LARGE if request.body is None else request.body
        # Blanks around a header's value end on the way to a server.
        headers = {name: value.strip() for name, value in request.headers.items()}
        sent = httpx.Request(request.method, url, headers=headers, content=body)
        # Not by a client of httpx, which adds headers of its own, and waits for nobody's patience.
        sent.extensions["timeout"] = httpx.Timeout(_PATIENCE).as_dict()
        reply = self._transport.handle_request(sent)
        text = reply.read().decode()
        reply.close()
        return Answer(reply.status_code, reply.headers, text)


class SimulatorInProcess(Simulated):
    """A session of a simulator that runs here, whatever the run of tests is to reach."""

    def __init__(self, setup: Setup, name: str) -> None:
        connection = replace(connection_to(setup), root=BASE_URL).to(name)
        super().__init__(connection, InProcess(setup.application))
        self.setup = setup


class _Elsewhere:
    """A simulator that runs already: each ``simulate`` opens a session there."""

    def __init__(self, url: str, admin_token: str) -> None:
        # A connection idle for longer is not used again: the server is about to close it.
        limits = httpx.Limits(keepalive_expiry=2)
        self._transport = httpx.HTTPTransport(verify=False, trust_env=False, limits=limits)
        http = httpx.Client(
            transport=self._transport,
            headers={"authorization": f"Bearer {admin_token}"},
            timeout=_PATIENCE,
        )
        self._connection = Connection(http, url)
        self._simulator = SimulatorHandle(self._connection, url)
        self._open: list[str] = []

    def simulate(
        self, scenario: str | Path, seed: int | None, now: datetime | None, vendor_limits: bool
    ) -> Simulated:
        uploaded = None if scenario in scenario_names() else load_scenario(scenario).source.data
        opened = self._simulator.session(
            scenario=uploaded or str(scenario), seed=seed, now=now, vendor_limits=vendor_limits
        )
        self._open.append(opened.name)
        return Simulated(self._connection.to(opened.name), self._transport)

    def forget(self) -> None:
        while self._open:
            self._simulator.close_session(self._open.pop())


_elsewhere: _Elsewhere | None = None


def reach(url: str, admin_token: str) -> None:
    """From now on, ``simulate`` is answered by the simulator that runs there."""
    global _elsewhere
    _elsewhere = _Elsewhere(url, admin_token)


def forget() -> None:
    """Close what a test opened elsewhere; what runs in this process ends with it."""
    if _elsewhere is not None:
        _elsewhere.forget()


@cache
def _setup(
    scenario: str | Path, seed: int | None, now: datetime | None, vendor_limits: bool
) -> Setup:
    return set_up(scenario, seed=seed, now=now, vendor_limits=vendor_limits)


def simulate(
    scenario: str | Path = "default",
    *,
    seed: int | None = None,
    now: str | None = None,
    vendor_limits: bool = False,
) -> Simulated:
    """A fresh session; scenario and documents are compiled once for all tests that use them."""
    instant = None if now is None else parse_date_or_instant(now)
    if _elsewhere is not None:
        return _elsewhere.simulate(scenario, seed, instant, vendor_limits)
    return SimulatorInProcess(
        _setup(scenario, seed, instant, vendor_limits), f"test-{next(_names)}"
    )


def basic(username: str, password: str) -> dict[str, str]:
    """Headers of HTTP Basic authentication."""
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"authorization": f"Basic {token}"}
