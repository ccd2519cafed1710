"""Sets up an application, and serves it on a socket."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import uvicorn

from metersim.app import Application
from metersim.billing.instants import parse_date_or_instant
from metersim.control import ControlPlane
from metersim.errors import ControlError
from metersim.gate import Gate
from metersim.scenario import load_scenario
from metersim.simulation.journal import BOUNDS, Ceiling, Journal
from metersim.simulation.openings import Openings
from metersim.simulation.redaction import redaction_for
from metersim.simulation.sessions import IDLE, Sessions
from metersim.simulation.vendor import Vendor, installed_vendors
from metersim.transmitting import Connection
from metersim.world.opening import Opening


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
    journal: bool = True,
    journal_entries: int = BOUNDS.entries,
    session_ttl: timedelta = IDLE,
) -> Setup:
    """Read the scenario, find the vendors, compile their documents; MetersimError if unsound.

    ``now`` may be ``real``: the machine's time of day, and on from there. Of each session's
    ``journal``, whether there is one, and how many entries it keeps. Sessions other than
    the default one are forgotten when nobody used them for ``session_ttl``.
    """
    real = now == "real"
    source = load_scenario(scenario)
    opening = source.open(seed, None if now is None or real else _instant(now))
    if real:
        opening = replace(opening, real_time=True, rate=Decimal(1))
    vendors = installed_vendors()
    kept = partial(
        Journal,
        replace(BOUNDS, entries=journal_entries),
        redaction_for(vendors.values()),
        enabled=journal,
        ceiling=Ceiling(),
    )
    sessions = Sessions(
        opening,
        vendor_limits=vendor_limits,
        journal=kept,
        openings=Openings(source),
        ttl=session_ttl,
    )
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
        self,
        setup: Setup,
        host: str,
        port: int,
        ready: Callable[[str], None] = lambda url: None,
        *,
        allowed_hosts: Collection[str] = (),
        cors_origins: Collection[str] = (),
    ) -> None:
        # No Date and no Server header: the same calls give the same bytes, whenever they are made.
        config = uvicorn.Config(
            Gate(setup.application.asgi, {host, *allowed_hosts}, cors_origins),
            http=Connection,
            ws="none",  # whatever is installed, there is no second door
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            # Who a caller is decides what it may ask how often: nobody says so of themselves.
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._application = setup.application
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
        self._application.open()
        await super().startup(sockets)
        self._ready(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.close()
        await super().shutdown(sockets)


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
