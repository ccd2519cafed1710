"""Which operation a caller may have meant whose call is for none."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from metersim.billing.quantity import ONE, ZERO, divide, total
from metersim.simulation.exchange import Received
from metersim.simulation.matchers import apart
from metersim.simulation.vendor import Vendor

# As patterns weigh them (``matching.py``).
_PATH, _METHOD = Decimal(10), Decimal(3)


class Offer(NamedTuple):
    """An operation as a caller sees it: its path begins with the vendor's name."""

    operation: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Meant:
    """An operation that may have been meant, and how far the call is from it: less than 1."""

    distance: Decimal
    offer: Offer


def offers(vendors: Iterable[Vendor]) -> list[Offer]:
    """Every operation of the vendors."""
    return [
        Offer(operation.id, operation.method, f"/{vendor.name}{operation.path}")
        for vendor in vendors
        for operation in vendor.contract.operations.values()
    ]


def nearest_offers(request: Received, known: Iterable[Offer], most: int = 3) -> list[Meant]:
    """The operations nearest to a request, nearest first."""
    found = (Meant(_distance(request, offer), offer) for offer in known)
    return heapq.nsmallest(most, found, key=lambda meant: meant.distance)


def _distance(request: Received, offer: Offer) -> Decimal:
    method = ZERO if request.method == offer.method else ONE
    segments = list(zip_longest(request.path.split("/")[1:], offer.path.split("/")[1:]))
    path = divide(total(_segment(*pair) for pair in segments), Decimal(len(segments)), 6)
    return divide(_PATH * path + _METHOD * method, _PATH + _METHOD, 6)


def _segment(given: str | None, expected: str | None) -> Decimal:
    if given is None or expected is None:
        return ONE
    # A parameter takes anything but nothing.
    return ZERO if expected.startswith("{") and given else apart(expected, given)
