"""Calls a simulator in process, as a client would, and keeps every number exact."""

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

import msgspec

from metersim.billing.instants import parse_date_or_instant
from metersim.billing.quantity import exact
from metersim.server import Setup, set_up
from metersim.simulation.call import Request, as_bytes
from metersim.simulator import SessionInProcess

BASE_URL = "http://simulator.test"

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

    def __init__(self, simulator: SimulatorInProcess, vendor: str, token: str | None) -> None:
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


class SimulatorInProcess(SessionInProcess):
    """A session of its own: clock, state and reset as in a real one, and a caller per vendor."""

    def __init__(self, setup: Setup, name: str) -> None:
        super().__init__(setup, BASE_URL, name)

    def caller(self, vendor: str, token: str | None = "metersim-token") -> Caller:
        return Caller(self, vendor, token)

    def send(self, request: Request) -> Answer:
        inner = replace(request, path=self._path + request.path, base_url=BASE_URL)
        reply, call_id = self._setup.application.answer(inner)
        headers = {
            **reply.headers,
            "content-type": reply.media_type,
            "x-metersim-request-id": call_id,
        }
        lowered = {name.lower(): value for name, value in headers.items()}
        return Answer(int(reply.status), lowered, as_bytes(reply).decode())


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
) -> SimulatorInProcess:
    """A fresh session; scenario and documents are compiled once for all tests that use them."""
    instant = None if now is None else parse_date_or_instant(now)
    return SimulatorInProcess(
        _setup(scenario, seed, instant, vendor_limits), f"test-{next(_names)}"
    )


def basic(username: str, password: str) -> dict[str, str]:
    """Headers of HTTP Basic authentication."""
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"authorization": f"Basic {token}"}
