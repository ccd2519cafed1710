"""A simulator within the process of a test: on a port of its own, in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

import httpx

from metersim.app import Application
from metersim.client.connection import Connection
from metersim.client.session import SessionHandle
from metersim.client.simulator import SimulatorHandle
from metersim.errors import ControlError
from metersim.server import Server, Setup, set_up
from metersim.simulation.call import Request, as_bytes
from metersim.simulation.following import Feed, Waiting

# The host of no request that goes anywhere.
_HERE = "http://simulator"


class InProcess(httpx.BaseTransport):
    """Hands requests to an application without a socket, and holds up nobody but the caller."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(request.method, path, query, headers, request.read())
        begun, _ = self._application.begin(asked)
        if isinstance(begun, Feed):
            kind = {"Content-Type": "text/event-stream"}
            seconds = request.extensions["timeout"]["read"]
            return httpx.Response(200, headers=kind, stream=_FeedStream(begun, seconds))
        if isinstance(begun, Waiting):
            wait([begun.met], begun.seconds)
            begun = self._application.settle(begun)
        headers = {**begun.headers, "Content-Type": begun.media_type}
        return httpx.Response(begun.status, headers=headers, content=as_bytes(begun))


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


def connection_to(setup: Setup) -> Connection:
    """A way to the control plane of a simulator in this process, whether or not it is served."""
    headers = {"Authorization": f"Bearer {setup.admin_token}"}
    transport = InProcess(setup.application)
    return Connection(httpx.Client(transport=transport, headers=headers, trust_env=False), _HERE)


class SessionInProcess(SessionHandle):
    """A session of a simulator that need not be served; ``url`` is where it were."""

    def __init__(self, setup: Setup, url: str = "", name: str | None = None) -> None:
        connection = connection_to(setup)
        connection = connection if name is None else connection.to(name)
        super().__init__(connection, url + connection.path)
        self._setup = setup
        self._path = connection.path


class Simulator(SimulatorHandle):
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
        self._setup = set_up(scenario, seed=seed, now=now, vendor_limits=vendor_limits)
        super().__init__(connection_to(self._setup), "")
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

    @property
    def admin_token(self) -> str:
        """The token of its control plane, for whoever asks that over HTTP."""
        return self._setup.admin_token

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
