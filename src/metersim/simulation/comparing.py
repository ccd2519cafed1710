"""Reads and compares JSON exactly, and stops where that would take too long.

Patterns and bodies both come from callers: neither may keep the process busy for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from metersim.errors import ControlError
from metersim.exact_json import decode, encode
from metersim.reading import Json

_MOST_STEPS = 300_000


class Effort:
    """What looking at one body may cost."""

    def __init__(self, steps: int = _MOST_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Take so many steps; ControlError when there are none left."""
        self._left -= steps
        if self._left < 0:
            raise ControlError(f"the pattern takes more than {_MOST_STEPS} steps on one body")


def read_json(text: str | bytes) -> Json:
    """JSON data with exact numbers; ValueError for what is none, or is nested too deep."""
    try:
        return decode(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None


def write_json(value: Json) -> str:
    """The value as JSON, decimals spelt as they are."""
    return encode(value).decode()


def shown(value: Json) -> str:
    """The value for a message: as JSON, cut where it is long."""
    text = write_json(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


class Expectation:
    """JSON data that other data is held against: 1.0 equals 1, and ``true`` does not.

    ``any_order`` takes an array for the bag of its items. ``any_more`` lets objects have further
    keys and arrays further items, at their end unless order is ignored.
    """

    def __init__(self, expected: Json, *, any_order: bool = False, any_more: bool = False) -> None:
        self._expected = expected
        self._any_order = any_order
        self._any_more = any_more
        self._frozen = self._freeze(expected)

    def met_by(self, found: Json) -> bool:
        """Whether the data is as expected; ControlError when that takes too long to say."""
        try:
            if self._any_more:
                return self._within(self._expected, found, Effort())
            return self._freeze(found) == self._frozen
        except RecursionError:
            raise ControlError("the pattern goes too deep") from None

    def _freeze(self, value: Json) -> Hashable:
        """Equal for what is equal here. In Python, true is 1."""
        if isinstance(value, bool):
            return bool, value
        if isinstance(value, dict):
            return dict, frozenset((key, self._freeze(each)) for key, each in value.items())
        if isinstance(value, list):
            items = [self._freeze(each) for each in value]
            return list, frozenset(Counter(items).items()) if self._any_order else tuple(items)
        assert value is None or isinstance(value, Hashable)  # text or an exact number
        return value

    def _within(self, expected: Json, found: Json, effort: Effort) -> bool:
        effort.spend()
        if isinstance(expected, dict) and isinstance(found, dict):
            return all(
                key in found and self._within(each, found[key], effort)
                for key, each in expected.items()
            )
        if isinstance(expected, list) and isinstance(found, list):
            if len(expected) > len(found):
                return False
            if self._any_order:
                return self._placed(expected, found, effort)
            pairs = zip(expected, found, strict=False)
            return all(self._within(*pair, effort) for pair in pairs)
        return self._freeze(expected) == self._freeze(found)

    def _placed(self, expected: Sequence[Json], found: Sequence[Json], effort: Effort) -> bool:
        """Whether each expected item finds one of its own: a matching in a bipartite graph."""
        # What is just equal goes first. That costs nobody a place: whoever else would do for the
        # item's own equal would do for whatever the item would have had to take instead.
        pool: dict[Hashable, list[Json]] = {}
        for each in found:
            pool.setdefault(self._freeze(each), []).append(each)
        seekers = [each for each in expected if not _taken(pool, self._freeze(each))]
        free = [each for equals in pool.values() for each in equals]
        fits = [
            [place for place, each in enumerate(free) if self._within(seeker, each, effort)]
            for seeker in seekers
        ]
        holders: dict[int, int] = {}

        def seated(seeker: int, tried: set[int]) -> bool:
            effort.spend(len(fits[seeker]))
            for place in fits[seeker]:
                if place not in holders:
                    holders[place] = seeker
                    return True
            for place in fits[seeker]:
                if place not in tried:
                    tried.add(place)
                    if seated(holders[place], tried):
                        holders[place] = seeker
                        return True
            return False

        return all(seated(seeker, set()) for seeker in range(len(seekers)))


def _taken(pool: dict[Hashable, list[Json]], key: Hashable) -> bool:
    """Take one of what is equal, if there is any."""
    if not pool.get(key):
        return False
    pool[key].pop()
    return True
