"""The ASGI application: from a URL to a session's vendor or control plane, and back to bytes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import wait
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from threading import Lock

from starlette.requests import ClientDisconnect
from starlette.requests import Request as WireRequest
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from metersim.control import ControlPlane
from metersim.errors import ControlError, cut
from metersim.simulation.call import REQUEST_ID_HEADER, Reply, Request, as_bytes, content_type
from metersim.simulation.following import Feed, Waiting
from metersim.simulation.sessions import DEFAULT, SESSION_NAME, Sessions
from metersim.simulation.vendor import Vendor
from metersim.transmitting import transmit

MAX_BODY_BYTES = 10_000_000

# What stands before a vendor's own path: which session, if any, and which door.
_ADDRESS = re.compile(rf"((?:/s/({SESSION_NAME.pattern}))?(?:/([^/]+))?)(/.*)?")


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
        self._closed = False
        for vendor in vendors.values():
            vendor.contract  # noqa: B018  # compiled now, so that a broken document stops the start

    @property
    def asgi(self) -> ASGIApp:
        """To be served, or called in process."""
        return _Endpoint(self)

    def answer(self, request: Request) -> tuple[Reply, str]:
        """As ``begin``, for a caller in process, whom it holds up while something is waited for."""
        begun, call_id = self.begin(request)
        if isinstance(begun, Waiting):
            wait([begun.met], begun.seconds)
            return self.settle(begun), call_id
        if isinstance(begun, Feed):
            begun.close()
            told = "a stream needs a connection; wait for requests instead"
            return Reply({"error": told}, HTTPStatus.NOT_ACCEPTABLE), call_id
        return begun, call_id

    def begin(self, request: Request) -> tuple[Reply | Waiting | Feed, str]:
        """Answer a request by its whole path; with the id of the call, "" where none was made."""
        with self._turn:
            try:
                begun = self._answer(request)
            except ControlError as error:
                return Reply({"error": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE), ""
            if self._closed:  # a call that was on its way is answered, and waits for nothing
                self._let_go()
            return begun

    def settle(self, waiting: Waiting) -> Reply:
        """The end of a wait, whatever came of it."""
        with self._turn:
            return self.control.settle(waiting)

    def open(self) -> None:
        """Whoever wants to may wait or follow; so it is until it is closed."""
        self._closed = False

    def close(self) -> None:
        """Let go whoever waits or follows, and will, so that the server can stop."""
        with self._turn:
            self._closed = True
            self._let_go()

    def _let_go(self) -> None:
        for session in self._sessions:
            session.journal.end()

    def _answer(self, request: Request) -> tuple[Reply | Waiting | Feed, str]:
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
        if door == "s":
            return _no_session(rest), ""
        base = request.base_url + (f"/s/{session}" if found and found[2] else "")
        vendors = {name: f"{base}/{name}" for name in self._vendors}
        if not door and inner.path == "/":
            return Reply({"simulator": "metersim", "vendors": vendors}), ""
        message = f"no vendor at {request.path}"
        reply = Reply({"error": message, "vendors": vendors}, HTTPStatus.NOT_FOUND)
        path = request.path.removeprefix(base.removeprefix(request.base_url))
        stray = replace(request, path=path, base_url=base)
        return reply, self._sessions.get(session).turn_away(stray, reply)


def _no_session(path: str) -> Reply:
    name = path.removeprefix("/").partition("/")[0]
    told = (
        f"{cut(name)!r} is no name of a session: expected a letter or digit, and after it at most"
        " 63 letters, digits, dots, hyphens and underscores"
    )
    return Reply({"error": told}, HTTPStatus.NOT_FOUND)


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
            headers=_headers(wire),
            body=body,
            base_url=f"{wire.url.scheme}://{wire.headers.get('host', wire.url.netloc)}",
            client=wire.client.host if wire.client else "127.0.0.1",
        )
        begun, call_id = self._application.begin(request)
        if isinstance(begun, Feed):
            await _streamed(begun, scope, receive, send)
            return
        reply = await self._settled(begun) if isinstance(begun, Waiting) else begun
        headers = {**reply.headers, REQUEST_ID_HEADER: call_id} if call_id else {**reply.headers}
        if (kind := content_type(reply)) is not None:
            headers["Content-Type"] = kind
        response = Response(as_bytes(reply), reply.status, headers)
        await transmit(response, reply.transmission, scope, receive, send)

    async def _settled(self, waiting: Waiting) -> Reply:
        try:
            await asyncio.wait([asyncio.wrap_future(waiting.met)], timeout=waiting.seconds)
        finally:
            reply = self._application.settle(waiting)
        return reply


async def _streamed(feed: Feed, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Cache-Control": "no-store"}
    response = StreamingResponse(_events(feed), headers=headers, media_type="text/event-stream")
    try:
        await response(scope, receive, send)
    finally:
        feed.close()


async def _events(feed: Feed) -> AsyncIterator[str]:
    loop, more = asyncio.get_running_loop(), asyncio.Event()
    feed.call(partial(loop.call_soon_threadsafe, more.set))
    yield ": following\n\n"
    while not feed.ended:
        await more.wait()
        more.clear()
        for event in feed.take():
            yield event


def _headers(wire: WireRequest) -> dict[str, str]:
    """By lower-case name; one that came several times is a list, as RFC 9110 has it."""
    found: dict[str, str] = {}
    for name, value in wire.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def _bounded_body(wire: WireRequest) -> bytes | None:
    """The body, or None as soon as it is too large: it is answered without reading the rest."""
    body = bytearray()
    async for chunk in wire.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
