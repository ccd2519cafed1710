"""A simulator within the process of a test: on a port of its own, in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any

import msgspec

from metersim.billing.instants import parse_instant
from metersim.errors import ControlError, nearest
from metersim.sabotage import FaultsHandle
from metersim.scenario import TOKEN
from metersim.server import Server, Setup, set_up
from metersim.simulation.call import Request
from metersim.verification import Control, JournalHandle

_encode = msgspec.json.Encoder(decimal_format="number").encode


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


class SnapshotsHandle:
    """Where a session was, under names: taken, gone back to, forgotten."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def take(self, name: str) -> None:
        """Keep where the session is; what had the name before is replaced."""
        self._control("POST", "snapshots", {"name": name})

    def restore(self, name: str) -> None:
        """Go back to it; ControlError where there is none."""
        self._control("POST", f"snapshots/{name}/restore", None)

    def names(self) -> list[str]:
        """Those that are kept, in the order in which they were taken."""
        return [each["name"] for each in self._control("GET", "snapshots", None)["snapshots"]]

    def clear(self) -> None:
        """Forget them all."""
        self._control("DELETE", "snapshots", None)


class SessionHandle:
    """One isolated world of a running simulator; ``handle.metronome.url`` for each vendor."""

    def __init__(self, setup: Setup, url: str, name: str | None = None) -> None:
        self._setup = setup
        self._path = f"/s/{name}" if name else ""
        self._url = url + self._path
        self.clock = Clock(self)
        self.journal = JournalHandle(self.control)
        self.faults = FaultsHandle(self.control)
        self.snapshots = SnapshotsHandle(self.control)

    @property
    def url(self) -> str:
        """The session's base URL."""
        return self._url

    def __getattr__(self, vendor: str) -> VendorHandle:
        if vendor.startswith("_") or vendor not in self._setup.vendors:
            own = [name for name in (*dir(type(self)), *vars(self)) if not name.startswith("_")]
            known = [*self._setup.vendors, *own]
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

    def session(
        self,
        name: str | None = None,
        *,
        scenario: str | Mapping[str, object] | None = None,
        seed: int | None = None,
        now: datetime | str | None = None,
        vendor_limits: bool | None = None,
    ) -> SessionHandle:
        """Another isolated world on the same server, with an opening of its own where one is given.

        ``scenario`` is a bundled one's name, or the data of any; the session's name is minted
        unless given.
        """
        settings = {"scenario": scenario, "seed": seed, "vendor_limits": vendor_limits}
        settings["clock"] = now.isoformat() if isinstance(now, datetime) else now
        asked = {key: value for key, value in settings.items() if value is not None}
        if name is None or asked:
            asked |= {} if name is None else {"name": name}
            name = self.control("POST", "sessions", asked)["name"]
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
