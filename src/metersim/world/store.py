"""Where the changes of a world are kept, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from metersim.world.changes import Change


class Store(Protocol):
    """Appends, iterates, empties; what kind of memory it is, the world need not know."""

    def append(self, change: Change) -> None: ...
    def clear(self) -> None: ...
    def __iter__(self) -> Iterator[Change]: ...
    def __len__(self) -> int: ...


class MemoryStore(list[Change]):
    """Changes in the process's memory; gone with it."""
