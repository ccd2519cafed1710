"""One isolated world of a simulator, wherever that runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from metersim.client import replies
from metersim.client.clock import Clock, as_text
from metersim.client.connection import Connection
from metersim.client.faults import FaultsHandle
from metersim.client.journal import JournalHandle
from metersim.client.snapshots import Snapshot, SnapshotsHandle, taken
from metersim.errors import nearest
from metersim.scenario import TOKEN


@dataclass(frozen=True, slots=True)
class VendorHandle:
    """Where a vendor answers, and a token that may do anything there."""

    url: str
    token: str = TOKEN


class SessionHandle:
    """One isolated world of a simulator; ``handle.metronome.url`` for each vendor."""

    def __init__(self, connection: Connection, url: str) -> None:
        self._connection = connection
        self._url = url
        self.clock = Clock(connection)
        self.journal = JournalHandle(connection)
        self.faults = FaultsHandle(connection)
        self.snapshots = SnapshotsHandle(connection)

    @property
    def url(self) -> str:
        """The session's base URL."""
        return self._url

    @property
    def name(self) -> str:
        """The session's name."""
        return self._connection.path.removeprefix("/s/") or "default"

    def __getattr__(self, vendor: str) -> VendorHandle:
        if vendor.startswith("_"):
            raise AttributeError(f"no attribute {vendor!r}")
        if vendor not in self._vendors:
            own = [name for name in (*dir(type(self)), *vars(self)) if not name.startswith("_")]
            raise AttributeError(f"no vendor {vendor!r}; {nearest(vendor, [*self._vendors, *own])}")
        return VendorHandle(f"{self.url}/{vendor}")

    @cached_property
    def _vendors(self) -> Collection[str]:
        return self._connection.part("vendors", "GET", "health")

    def health(self) -> replies.Health:
        """Whether the simulator runs, and each vendor."""
        return self.control("GET", "health")

    def version(self) -> str:
        """The version of the simulator."""
        return self._connection.part("version", "GET", "version")

    def fidelity(self) -> replies.Fidelity:
        """What is simulated of each vendor, and how many of its rules are kept."""
        return self.control("GET", "fidelity")

    def invariants(self) -> replies.Invariants:
        """Whether the laws that the world is held to hold now, and where not."""
        return self.control("GET", "invariants")

    def reset(self) -> replies.Session:
        """Back to the opening state."""
        return self.control("POST", "reset")

    @property
    def scenario(self) -> replies.Scenario:
        """Name, seed and clock of what the session opened with."""
        return self.control("GET", "scenario")

    def open(
        self,
        scenario: str | Mapping[str, object],
        *,
        seed: int | None = None,
        now: datetime | str | None = None,
        vendor_limits: bool | None = None,
    ) -> replies.Scenario:
        """Begin anew with a scenario, a bundled one's name or the data of any, and reset to it."""
        return self.control("PUT", "scenario", opening(scenario, seed, now, vendor_limits))

    @property
    def state(self) -> replies.State:
        """The session's entities and what was recorded in it."""
        return self.control("GET", "state")

    @property
    def settings(self) -> replies.Settings:
        """Whether the vendors' rate limits are enforced."""
        return self.control("GET", "settings")

    def update_settings(self, *, vendor_limits: bool) -> replies.Settings:
        """Enforce the rate limits from now on, or no longer."""
        return self.control("PUT", "settings", {"vendor_limits": vendor_limits})

    def changes(self) -> replies.Changes:
        """Every change since the opening, in order, to be replayed elsewhere."""
        return self.control("GET", "changes")

    def replay(self, changes: replies.Changes) -> replies.Session:
        """Make changes that were told elsewhere, in place of those made here."""
        return self.control("POST", "changes", changes)

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Keep where the session is, faults and limits too; ``.restore()`` goes back there."""
        return taken(self.snapshots, name)

    def explain(self, vendor: str, row: Mapping[str, object]) -> replies.Explanation:
        """How the number in a row of a vendor's reply came about."""
        return self.control("POST", "explain", {"vendor": vendor, "row": row})

    def control(self, method: str, path: str, data: object = None) -> Any:
        """Any call to the session's control plane; its path is what follows ``/__admin/``."""
        return self._connection.ask(method, path, data)


def opening(
    scenario: str | Mapping[str, object] | None,
    seed: int | None,
    now: datetime | str | None,
    vendor_limits: bool | None,
) -> dict[str, object]:
    """What a session is to open with, as the control plane reads it."""
    clock = None if now is None else as_text(now)
    given = {"scenario": scenario, "seed": seed, "clock": clock, "vendor_limits": vendor_limits}
    return {key: value for key, value in given.items() if value is not None}
