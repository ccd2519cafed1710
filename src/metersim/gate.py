"""Who may come in by HTTP: no page of another site that a developer's browser happens to show.

A name that an attacker lets point at this machine (DNS rebinding) is known by the Host header, and
a page that calls from elsewhere by its Origin.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from http import HTTPStatus
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from metersim.errors import ControlError
from metersim.simulation.sessions import SESSION_NAME

_CONTROL_PLANE = re.compile(rf"(/s/{SESSION_NAME.pattern})?/__admin(/.*)?")
_HOST = re.compile(r"(\[[0-9a-fA-F:.%]+\]|[^:\[\]]+)(?::[0-9]+)?")
# Without brackets and port, which are no part of it: an address of version 6, or any other name.
_NAME = re.compile(r"[0-9a-fA-F:.%]+|[\w.-]+")
# As a browser says it: any other way to write it would never match. `null` is what a file says.
_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^\s/?#@A-Z]+")


class Gate:
    """Lets through what is meant for this server; pages of ``origins`` may call vendors as well."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], origins: Collection[str] = ()) -> None:
        for host in hosts:
            if _NAME.fullmatch(host) is None:
                told = "expected the name alone, such as api.metronome.com"
                raise ControlError(f"allowed host: {told}; found {host!r}")
        if isinstance(origins, str):
            raise ControlError(f"CORS: expected a list of origins; found the text {origins!r}")
        for origin in origins:
            if _ORIGIN.fullmatch(origin) is None:
                told = "expected an origin such as http://localhost:3000, or * for pages of any"
                raise ControlError(f"CORS: {told}; found {origin!r}")
        self._control_plane = app
        self._vendors = app
        self._hosts = {host.lower() for host in hosts}
        if origins:
            self._vendors = CORSMiddleware(
                app,
                allow_origins=list(origins),
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["*"],
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.knows(host):
            told = f"Host {host!r} is not this server; name it with --allowed-host if it is"
            await _refused(HTTPStatus.MISDIRECTED_REQUEST, told)(scope, receive, send)
        elif _CONTROL_PLANE.fullmatch(scope["raw_path"].decode("latin-1")) is None:
            await self._vendors(scope, receive, send)
        elif origin is not None and origin != f"{scope['scheme']}://{host}":
            told = f"the control plane takes no calls from pages of {origin!r}"
            await _refused(HTTPStatus.FORBIDDEN, told)(scope, receive, send)
        else:
            await self._control_plane(scope, receive, send)

    def knows(self, header: str) -> bool:
        """Whether a Host header means this server; one that is missing comes from no browser."""
        if not header:
            return True
        found = _HOST.fullmatch(header)
        if found is None:
            return False
        host = found[1].strip("[]").lower()
        if host == "localhost" or host in self._hosts:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        # Bound to every address of the machine, it is meant by each; a rebound name is no address.
        return address.is_loopback or not self._hosts.isdisjoint({"0.0.0.0", "::"})


def _refused(status: HTTPStatus, message: str) -> ASGIApp:
    return JSONResponse({"error": message}, status)
