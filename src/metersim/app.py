"""The ASGI application: from a URL to a session's vendor or control plane, and back to bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from threading import Lock

import msgspec
from starlette.requests import ClientDisconnect
from starlette.requests import Request as WireRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from metersim.control import ControlPlane
from metersim.errors import ControlError
from metersim.simulation.call import Reply, Request
from metersim.simulation.sessions import DEFAULT, SESSION_NAME, Sessions
from metersim.simulation.vendor import Vendor

MAX_BODY_BYTES = 10_000_000
REQUEST_ID_HEADER = "X-Metersim-Request-Id"

# What stands before a vendor's own path: which session, if any, and which door.
_ADDRESS = re.compile(rf"((?:/s/({SESSION_NAME.pattern}))?(?:/([^/]+))?)(/.*)?")
_json = msgspec.json.Encoder(decimal_format="number")


class Application:
    """Vendors and control plane behind one door: ``[/s/{session}]/{vendor or __admin}/…``."""

    def __init__(
        self, vendors: Mapping[str, Vendor], sessions: Sessions, control: ControlPlane
    ) -> None:
        self._vendors = vendors
        self._sessions = sessions
        self.control = control
        # The server and whoever drives it from the same process take turns; a turn is short.
        self._turn = Lock()
        for vendor in vendors.values():
            vendor.contract  # noqa: B018  # compiled now, so that a broken document stops the start

    @property
    def asgi(self) -> ASGIApp:
        """To be served, or called in process."""
        return _Endpoint(self)

    def answer(self, request: Request) -> tuple[Reply, str]:
        """Answer a request by its whole path; with the id of the call, "" where none was made."""
        with self._turn:
            try:
                return self._answer(request)
            except ControlError as error:
                return Reply({"error": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE), ""

    def _answer(self, request: Request) -> tuple[Reply, str]:
        found = _ADDRESS.fullmatch(request.path)
        base, session, door, rest = (
            found.groups(default="") if found else ("", "", "", request.path)
        )
        session = session or DEFAULT
        inner = replace(request, path=rest or "/", base_url=request.base_url + base)
        if door == "__admin":
            return self.control.answer(session, inner), ""
        if door in self._vendors:
            call_id, reply = self._sessions.get(session).answer(self._vendors[door], inner)
            return reply, call_id
        base = request.base_url + (f"/s/{session}" if found and found[2] else "")
        vendors = {name: f"{base}/{name}" for name in self._vendors}
        if not door and inner.path == "/":
            return Reply({"simulator": "metersim", "vendors": vendors}), ""
        message = f"no vendor at {request.path}"
        return Reply({"error": message, "vendors": vendors}, HTTPStatus.NOT_FOUND), ""


class _Endpoint:
    """Reads a request off the wire, bounded, and writes the reply."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = WireRequest(scope, receive)
        try:
            body = await _bounded_body(wire)
        except ClientDisconnect:
            return
        request = Request(
            method=wire.method,
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers={name.lower(): value for name, value in wire.headers.items()},
            body=body,
            base_url=f"{wire.url.scheme}://{wire.headers.get('host', wire.url.netloc)}",
            client=wire.client.host if wire.client else "127.0.0.1",
        )
        reply, call_id = self._application.answer(request)
        headers = {**reply.headers, REQUEST_ID_HEADER: call_id} if call_id else {**reply.headers}
        media_type = None if reply.body is None else reply.media_type
        response = Response(as_bytes(reply), reply.status, headers, media_type=media_type)
        await response(scope, receive, send)


def as_bytes(reply: Reply) -> bytes:
    """The body as it goes over the wire: JSON with every decimal spelt as it is, text, nothing."""
    if reply.body is None:
        return b""
    if reply.media_type == "application/json":
        return _json.encode(reply.body)
    return str(reply.body).encode()


async def _bounded_body(wire: WireRequest) -> bytes | None:
    """The body, or None as soon as it is too large: it is answered without reading the rest."""
    body = bytearray()
    async for chunk in wire.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
