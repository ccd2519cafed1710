"""The exchanges of a run that its archive is made from: the latest, within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from metersim.contract.exchange import Exchange

_MOST = 5_000
_MOST_BYTES = 16 * 1024 * 1024


@dataclass
class Kept:
    """The latest exchanges; ``dropped`` says how many went before them."""

    most: int = _MOST
    most_bytes: int = _MOST_BYTES
    dropped: int = 0
    _exchanges: deque[Exchange] = field(default_factory=deque)
    _bytes: int = 0

    def keep(self, exchange: Exchange) -> None:
        """Take one more in, and let go of as many as it takes."""
        self._exchanges.append(exchange)
        self._bytes += _size(exchange)
        while len(self._exchanges) > self.most or self._bytes > self.most_bytes:
            self._bytes -= _size(self._exchanges.popleft())
            self.dropped += 1

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def __len__(self) -> int:
        return len(self._exchanges)


def _size(exchange: Exchange) -> int:
    return len(exchange.asked.content) + len(exchange.content)
