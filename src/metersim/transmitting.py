"""Carries out on the wire what faults want: late, in pieces, cut short, or no answer at all.

ASGI has no word for most of it, so the server lends the connection as an extension.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from typing import Any, cast

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from metersim.errors import ControlError
from metersim.simulation.transmission import Breakage, Transmission

_EXTENSION = "metersim.connection"
# Lingering for no time: what was not sent is thrown away, and the peer gets a reset.
_NO_LINGERING = struct.pack("ii", 1, 0)


# What may come of a request line and headers, roughly, before they have to end.
MOST_HEAD_BYTES = 65_536

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)


class Connection(HttpToolsProtocol):
    """A connection as uvicorn has it, at the application's disposal.

    A head that does not end is cut off: uvicorn would keep whatever comes of it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lost = asyncio.Event()
        self._in_head = False
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        # A piece in which the head begins or ends may hold bodies too; the others are all head.
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()
        self.scope["extensions"] = {_EXTENSION: {"connection": self}}

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._lost.set()

    def write(self, data: bytes) -> None:
        """Send what need not be HTTP."""
        self.transport.write(data)

    async def hang_up(self, *, reset: bool = False) -> None:
        """Close when all is sent, or reset at once; done when the connection is no more.

        Before that uvicorn would take the application's return for a defect, and answer for it.
        """
        if reset:
            peer = self.transport.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
            self.transport.abort()
        else:
            self.transport.close()
        await self._lost.wait()


async def transmit(
    response: Response, how: Transmission, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send the response; ControlError for a breakage where the server lends no connection."""
    # Of another call's time nothing is taken: only this one waits.
    if how.delay:
        await asyncio.sleep(how.delay / 1_000)
    if how.breakage is not None:
        await _broken(response, how, _connection(scope, how.breakage), send)
    elif how.chunks:
        await _dribbled(response, how, send)
    else:
        await response(scope, receive, send)


def _connection(scope: Scope, breakage: Breakage) -> Connection:
    lent = scope.get("extensions", {}).get(_EXTENSION)
    if lent is None:
        raise ControlError(
            f"{breakage} breaks a connection, and there is none: in process, a reply's"
            " transmission says what would become of it; `Simulator` and `metersim serve` do it"
        )
    return cast("Connection", lent["connection"])


async def _broken(
    response: Response, how: Transmission, connection: Connection, send: Send
) -> None:
    half = bytes(response.body[: len(response.body) // 2])
    match how.breakage:
        case Breakage.RANDOM_DATA_THEN_CLOSE:
            connection.write(how.garbage)
        case Breakage.MALFORMED_RESPONSE_CHUNK:
            await send(_head(response, chunked=True))
            await send(_piece(half))
            connection.write(how.garbage)
        case Breakage.TRUNCATED_BODY:
            await send(_head(response))
            await send(_piece(half))
    await connection.hang_up(reset=how.breakage is Breakage.CONNECTION_RESET_BY_PEER)


async def _dribbled(response: Response, how: Transmission, send: Send) -> None:
    await send(_head(response, chunked=True))
    for piece in _pieces(bytes(response.body), how.chunks):
        await asyncio.sleep(how.spread / how.chunks / 1_000)
        await send(_piece(piece))
    await send(_piece(b"", more=False))


def _pieces(body: bytes, count: int) -> Iterator[bytes]:
    """The body in so many pieces of nearly one size, or one of each byte if there are fewer."""
    count = min(count, len(body))
    for at in range(count):
        yield body[at * len(body) // count : (at + 1) * len(body) // count]


def _head(response: Response, *, chunked: bool = False) -> Message:
    """Status and headers; without its length the server sends the body in chunks."""
    headers = response.raw_headers
    if chunked:
        headers = [(name, value) for name, value in headers if name != b"content-length"]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}


def _piece(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
