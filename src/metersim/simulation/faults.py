"""The fault plan of a session: its rules of deliberate trouble, and how they have fared.

Nothing is left to chance that could not be had again: what is drawn follows from the world's seed,
the rule's id and the number of the call among those that the rule matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from fractions import Fraction

from metersim.contract.operation import Operation
from metersim.errors import ControlError
from metersim.reading import Json
from metersim.simulation.call import Request
from metersim.simulation.delays import Chance
from metersim.simulation.fault_rule import Tally, read_rule
from metersim.simulation.trouble import Trouble
from metersim.simulation.vendor import Vendor
from metersim.world.identifiers import Identifiers
from metersim.world.world import World

MOST_RULES = 100

_GARBAGE_BYTES = 64


class FaultPlan:
    """Rules in the order in which they were added, by id."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._added = 0

    def add(self, data: Mapping[str, Json], vendors: Mapping[str, Vendor], world: World) -> Tally:
        """Add the rule that valid data means; ControlError for one that could never strike."""
        if len(self._tallies) >= MOST_RULES:
            raise ControlError(f"{MOST_RULES} faults are there, and no more are taken")
        id = data.get("id") or world.identifiers.uuid("fault", str(self._added))
        if id in self._tallies:
            raise ControlError(f"id: there is a fault {id!r} already")
        self._tallies[id] = Tally(read_rule(data, id, vendors, world.now))
        self._added += 1
        return self._tallies[id]

    def remove(self, id: str) -> bool:
        """Forget a rule; whether there was one."""
        return self._tallies.pop(id, None) is not None

    def clear(self) -> int:
        """Forget every rule; how many there were."""
        count = len(self._tallies)
        self._tallies.clear()
        return count

    def copy(self) -> FaultPlan:
        """The same rules, which fare on their own from now on."""
        plan = FaultPlan()
        plan._added = self._added
        plan._tallies = {id: copy(tally) for id, tally in self._tallies.items()}
        return plan

    def __iter__(self) -> Iterator[Tally]:
        return iter(self._tallies.values())

    def meet(self, vendor: str, operation: Operation, request: Request, world: World) -> Trouble:
        """Count a call with every rule that matches it, and find what awaits it."""
        due: list[tuple[Tally, Chance]] = []
        for tally in self:
            if tally.rule.matches(vendor, operation, request, world.now):
                tally.matched += 1
                chance = _chance(world.identifiers, tally)
                if tally.due(chance):
                    due.append((tally, chance))
        return Trouble(due, _garbage(world.identifiers)) if due else Trouble()


def _chance(identifiers: Identifiers, tally: Tally) -> Chance:
    call = ("fault", tally.rule.id, str(tally.matched))

    def draw(*about: str) -> Fraction:
        drawn = identifiers.digest(*call, *about, size=8)
        return Fraction(int.from_bytes(drawn), 2**64)

    return draw


def _garbage(identifiers: Identifiers) -> bytes:
    """Of which no byte is ASCII, so that no client can take any of it for HTTP."""
    return bytes(byte | 0x80 for byte in identifiers.digest("garbage", size=_GARBAGE_BYTES))
