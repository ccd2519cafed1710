"""A simulator reached without a socket: the same application, by httpx, sync or async."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import wait
from threading import Event
from time import sleep

import httpx

from metersim.app import MAX_BODY_BYTES, Application
from metersim.simulation.call import REQUEST_ID_HEADER, Reply, Request, as_bytes, content_type
from metersim.simulation.following import Feed, Waiting
from metersim.simulation.transmission import Breakage

# What a broken connection looks like to a client that has one.
_BROKEN: dict[Breakage, tuple[type[httpx.TransportError], str]] = {
    Breakage.CONNECTION_RESET_BY_PEER: (httpx.ReadError, "connection reset by peer"),
    Breakage.EMPTY_RESPONSE: (httpx.RemoteProtocolError, "disconnected without a response"),
    Breakage.RANDOM_DATA_THEN_CLOSE: (httpx.RemoteProtocolError, "illegal status line"),
    Breakage.MALFORMED_RESPONSE_CHUNK: (httpx.RemoteProtocolError, "illegal chunk header"),
    Breakage.TRUNCATED_BODY: (httpx.RemoteProtocolError, "closed before the body was complete"),
    Breakage.ANSWER_LOST: (httpx.RemoteProtocolError, "disconnected without a response"),
}


class InProcess(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests to an application without a socket, and holds up nobody but the caller.

    A fault breaks the call with the exception that httpx has for such a connection.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        begun, call_id = self._begin(request, request.read())
        if isinstance(begun, Feed):
            kind = {"Content-Type": "text/event-stream"}
            seconds = request.extensions["timeout"]["read"]
            return httpx.Response(200, headers=kind, stream=_FeedStream(begun, seconds))
        if isinstance(begun, Waiting):
            wait([begun.met], begun.seconds)
            begun = self._application.settle(begun)
        sleep(_seconds(begun))
        return _answered(begun, call_id, request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for a client that is async; it follows no stream and waits for no request."""
        begun, call_id = self._begin(request, await request.aread())
        if not isinstance(begun, Reply):
            raise httpx.UnsupportedProtocol("in process, only a sync client waits and follows")
        await asyncio.sleep(_seconds(begun))
        return _answered(begun, call_id, request)

    def _begin(self, request: httpx.Request, body: bytes) -> tuple[Reply | Waiting | Feed, str]:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        base_url = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        # A server reads no more of it either.
        bounded = body if len(body) <= MAX_BODY_BYTES else None
        asked = Request(request.method, path, query, headers, bounded, base_url)
        return self._application.begin(asked)


def _seconds(reply: Reply) -> float:
    """How long it takes: the delay, and what the chunks are spread over."""
    return (reply.transmission.delay + reply.transmission.spread) / 1_000


def _answered(reply: Reply, call_id: str, request: httpx.Request) -> httpx.Response:
    if reply.transmission.breakage is not None:
        kind, told = _BROKEN[reply.transmission.breakage]
        raise kind(told, request=request)
    headers = {**reply.headers, **({REQUEST_ID_HEADER: call_id} if call_id else {})}
    if (kind_of := content_type(reply)) is not None:
        headers["Content-Type"] = kind_of
    content = as_bytes(reply)
    if request.method == "HEAD":  # is told how long the body would be, and gets none
        headers["Content-Length"] = str(len(content))
        content = b""
    return httpx.Response(reply.status, headers=headers, content=content)


class _FeedStream(httpx.SyncByteStream):
    """What a feed tells, as it comes; a client that waits for longer than so many seconds errs."""

    def __init__(self, feed: Feed, seconds: float | None) -> None:
        self._feed = feed
        self._seconds = seconds
        self._more = Event()
        feed.call(self._more.set)

    def __iter__(self) -> Iterator[bytes]:
        ended = False
        while not ended:
            if not self._more.wait(self._seconds):
                raise httpx.ReadTimeout("nothing was told")
            self._more.clear()
            # Looked at before anything is taken: what was told until the end is told.
            ended = self._feed.ended
            for event in self._feed.take():
                yield event.encode()

    def close(self) -> None:
        self._feed.close()
