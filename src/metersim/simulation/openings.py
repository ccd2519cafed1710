"""What sessions open with, by scenario and seed: read once, however many sessions ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from metersim.exact_json import encode
from metersim.reading import Json
from metersim.scenario import Scenario, load_bundled, read_clock, read_scenario
from metersim.world.opening import Opening

# More are forgotten, the oldest first, and read again when they are asked for.
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session opens with, and comes back to on reset."""

    opening: Opening
    vendor_limits: bool = False

    def same(self, other: Terms) -> bool:
        """Whether a session would not notice which of the two it opened with.

        An uploaded scenario's name follows from what it holds.
        """
        return self._key() == other._key()

    def _key(self) -> tuple[object, ...]:
        each = self.opening
        clock = (each.now, each.rate, each.real_time)
        return (each.scenario, each.seed, *clock, self.vendor_limits)


class Openings:
    """Openings of bundled scenarios, of uploaded ones, and of the one that the server was given."""

    def __init__(self, own: Scenario | None = None) -> None:
        self._own = own
        self._kept: dict[tuple[str, int | None], Opening] = {}

    def terms(self, asked: Mapping[str, Json], usual: Terms) -> Terms:
        """The usual ones but for what is asked; a scenario brings its own seed and clock along."""
        opening, limits = usual.opening, asked.get("vendor_limits", usual.vendor_limits)
        if "scenario" in asked:
            opening = self._opening(asked["scenario"], asked.get("seed"))
        elif "seed" in asked:
            seeded = self._opening(opening.scenario, asked["seed"])
            opening = replace(
                seeded, now=opening.now, rate=opening.rate, real_time=opening.real_time
            )
        if "clock" in asked:
            now, rate = read_clock(asked["clock"])
            opening = replace(opening, now=now, rate=rate, real_time=False)
        return Terms(opening, limits)

    def _opening(self, asked: str | Mapping[str, Json], seed: int | None) -> Opening:
        name = asked if isinstance(asked, str) else f"uploaded-{_digest(asked)}"
        if (name, seed) not in self._kept:
            opening = self._scenario(asked, name).open(seed)
            if len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[name, seed] = opening
        return self._kept[name, seed]

    def _scenario(self, asked: str | Mapping[str, Json], name: str) -> Scenario:
        if not isinstance(asked, str):
            return read_scenario(asked, name)
        if self._own is not None and asked == self._own.name:
            return self._own
        return load_bundled(asked)


def _digest(scenario: Mapping[str, Json]) -> str:
    # In the order as written, which has meaning: the first rate card is the list prices.
    return blake2b(encode(scenario), digest_size=8).hexdigest()
