"""A simulator within the process of a test: on a port of its own, in a thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

import httpx

from metersim.client.connection import Connection
from metersim.client.session import SessionHandle
from metersim.client.simulator import SimulatorHandle
from metersim.errors import ControlError
from metersim.in_process import InProcess
from metersim.server import Server, Setup, set_up

# The host of no request that goes anywhere.
_HERE = "http://simulator"


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

    def transport(self) -> InProcess:
        """For a client of httpx, sync or async, that is to reach it without a socket."""
        return InProcess(self._setup.application)


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
        cors_origins: Collection[str] = (),
    ) -> None:
        """Pages of ``cors_origins`` may call its vendors from a browser; no other site's may."""
        self._setup = set_up(scenario, seed=seed, now=now, vendor_limits=vendor_limits)
        super().__init__(connection_to(self._setup), "")
        self._address = host, port
        self._cors_origins = cors_origins
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where it answers; ControlError outside its ``with`` block, where nothing does."""
        if self._server is None:
            raise ControlError(
                "the simulator runs within a `with` block: `with Simulator() as sim:`"
            )
        return self._server.url

    def transport(self) -> InProcess:
        """For a client of httpx, sync or async, that is to reach it without a socket."""
        return InProcess(self._setup.application)

    def session(
        self,
        name: str | None = None,
        *,
        scenario: str | Mapping[str, object] | None = None,
        seed: int | None = None,
        now: datetime | str | None = None,
        vendor_limits: bool | None = None,
    ) -> SessionInProcess:
        """Another isolated world on the same server, with an opening of its own where one is given.

        ``scenario`` is a bundled one's name, or the data of any; the session's name is minted
        unless given.
        """
        return SessionInProcess(
            self._setup, self.url, self._opened(name, scenario, seed, now, vendor_limits)
        )

    @property
    def admin_token(self) -> str:
        """The token of its control plane, for whoever asks that over HTTP."""
        return self._setup.admin_token

    def __enter__(self) -> Simulator:
        started = Event()
        self._server = Server(
            self._setup,
            *self._address,
            lambda url: started.set(),
            cors_origins=self._cors_origins,
        )
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
