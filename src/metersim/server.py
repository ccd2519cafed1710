"""Runs the application: in front, for the command line, or in a thread, for a test."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any

import msgspec
import uvicorn

from metersim.app import Application
from metersim.billing.instants import parse_date_or_instant, parse_instant
from metersim.control import ControlPlane
from metersim.errors import ControlError, nearest
from metersim.scenario import TOKEN, load_scenario
from metersim.simulation.call import Request
from metersim.simulation.sessions import Sessions
from metersim.simulation.vendor import Vendor, installed_vendors
from metersim.world.opening import Opening

_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True)
class Setup:
    """A simulator ready to be served: what it opens with, and the doors to it."""

    opening: Opening
    vendors: Mapping[str, Vendor]
    application: Application
    admin_token: str


def set_up(
    scenario: str | Path = "default",
    *,
    seed: int | None = None,
    now: datetime | str | None = None,
    vendor_limits: bool = False,
    admin_token: str | None = None,
) -> Setup:
    """Read the scenario, find the vendors, compile their documents; MetersimError if unsound.

    ``now`` may be ``real``: the machine's time of day, and on from there.
    """
    real = now == "real"
    opening = load_scenario(scenario).open(seed, None if now is None or real else _instant(now))
    if real:
        opening = replace(opening, real_time=True, rate=Decimal(1))
    vendors = installed_vendors()
    sessions = Sessions(opening, vendor_limits=vendor_limits)
    token = admin_token or secrets.token_urlsafe(24)
    application = Application(vendors, sessions, ControlPlane(sessions, vendors, token))
    return Setup(opening, vendors, application, token)


def _instant(now: datetime | str) -> datetime:
    try:
        return parse_date_or_instant(now if isinstance(now, str) else now.isoformat())
    except ValueError as error:
        raise ControlError(f"now: {error}") from None


class Server(uvicorn.Server):
    """Serves an application on a socket that is bound before anything is announced."""

    def __init__(
        self, setup: Setup, host: str, port: int, ready: Callable[[str], None] = lambda url: None
    ) -> None:
        # No Date and no Server header: the same calls give the same bytes, whenever they are made.
        config = uvicorn.Config(
            setup.application.asgi,
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._socket = _bound(host, port)
        self._ready = ready
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"

    def serve_until_stopped(self) -> None:
        """Serve until told to stop."""
        self.run(sockets=[self._socket])

    def close(self) -> None:
        """Give up the socket of a server that never served."""
        self._socket.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready(self.url)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        # Now, so that of two servers on one port the second hears of it, and not at its first call.
        bound.listen(2_048)
    except OSError as error:
        bound.close()
        raise ControlError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return bound


@dataclass(frozen=True, slots=True)
class VendorHandle:
    """Where a vendor answers, and a token that may do anything there."""

    url: str
    token: str = TOKEN


class Clock:
    """The clock of one session."""

    def __init__(self, session: SessionHandle) -> None:
        self._session = session

    @property
    def now(self) -> datetime:
        """The session's current instant."""
        return parse_instant(self._session.control("GET", "clock")["now"])

    def set(self, now: datetime | str) -> None:
        """Be at an instant: RFC 3339 text, or a datetime that knows its offset."""
        text = now if isinstance(now, str) else now.isoformat()
        self._session.control("PUT", "clock", {"now": text})

    def advance(self, **units: int) -> None:
        """Move on: ``advance(days=1, hours=6)``."""
        self._session.control("POST", "clock/advance", units)

    def tick(self, rate: int | Decimal = 1) -> None:
        """Move with the machine's time, and as many times as fast as the rate says."""
        self._session.control("PUT", "clock", {"rate": rate})

    def freeze(self) -> None:
        """Stand where it is, until it is moved."""
        self.tick(0)


class SessionHandle:
    """One isolated world of a running simulator; ``handle.metronome.url`` for each vendor."""

    def __init__(self, setup: Setup, url: str, name: str | None = None) -> None:
        self._setup = setup
        self._path = f"/s/{name}" if name else ""
        self._url = url + self._path
        self.clock = Clock(self)

    @property
    def url(self) -> str:
        """The session's base URL."""
        return self._url

    def __getattr__(self, vendor: str) -> VendorHandle:
        if vendor.startswith("_") or vendor not in self._setup.vendors:
            known = [*self._setup.vendors, "clock", "control", "explain", "reset", "state", "url"]
            raise AttributeError(f"no vendor {vendor!r}; {nearest(vendor, known)}")
        return VendorHandle(f"{self.url}/{vendor}")

    def reset(self) -> None:
        """Back to the opening state."""
        self.control("POST", "reset")

    @property
    def state(self) -> dict[str, Any]:
        """The session's entities and what was recorded in it."""
        return self.control("GET", "state")

    def explain(self, vendor: str, row: Mapping[str, object]) -> dict[str, Any]:
        """How the number in a row of a vendor's reply came about."""
        return self.control("POST", "explain", {"vendor": vendor, "row": row})

    def control(self, method: str, path: str, data: object = None) -> dict[str, Any]:
        """A call to the session's control plane, without a socket."""
        body = b"" if data is None else _encode(data)
        headers = {"authorization": f"Bearer {self._setup.admin_token}"}
        request = Request(method, f"{self._path}/__admin/{path}", "", headers, body)
        reply, _ = self._setup.application.answer(request)
        if reply.status >= 400:
            raise ControlError(f"{method} {path}: {reply.body['error']}")
        return reply.body  # type: ignore[no-any-return]  # the control plane answers in objects


class Simulator(SessionHandle):
    """A simulator on a port of its own, in a thread, for as long as the ``with`` block lasts."""

    def __init__(
        self,
        scenario: str | Path = "default",
        *,
        seed: int | None = None,
        now: datetime | str | None = None,
        vendor_limits: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        setup = set_up(scenario, seed=seed, now=now, vendor_limits=vendor_limits)
        super().__init__(setup, "")
        self._address = host, port
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where it answers; ControlError outside its ``with`` block, where nothing does."""
        if self._server is None:
            raise ControlError(
                "the simulator runs within a `with` block: `with Simulator() as sim:`"
            )
        return self._server.url

    def session(self, name: str) -> SessionHandle:
        """Another isolated world on the same server."""
        return SessionHandle(self._setup, self.url, name)

    def __enter__(self) -> Simulator:
        started = Event()
        self._server = Server(self._setup, *self._address, lambda url: started.set())
        self._thread = Thread(target=self._server.serve_until_stopped, daemon=True)
        self._thread.start()
        while not started.wait(timeout=0.1):
            if not self._thread.is_alive():
                self._server.close()
                self._server = None
                raise ControlError("the server stopped before it answered")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join()
        self._server = None
