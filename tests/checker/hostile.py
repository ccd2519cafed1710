"""A server that answers whatever it is called with by the same bytes, and then as it pleases."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from threading import Event, Thread

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def reply(status: str, content: bytes = b"", *headers: str) -> bytes:
    """A whole HTTP reply, after which the connection is closed."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(content)}", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode() + content


@contextmanager
def hostile(
    first: bytes, then: bytes = b"", pause: float = 0.0, stays: bool = False
) -> Iterator[str]:
    """The URL of a server that sends ``first``, and ``then`` over and over as long as it is read.

    It pauses so many seconds between two pieces; one that ``stays`` never closes.
    """
    over = Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65_536)
            connection.sendall(first)
            for piece in repeat(then) if then else ():
                if over.wait(pause):
                    return
                connection.sendall(piece)
            if stays:
                over.wait()

    def listen() -> None:
        with suppress(OSError):
            while True:
                Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    Thread(target=listen, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
