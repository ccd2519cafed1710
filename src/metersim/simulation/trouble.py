"""What the faults do to one call: before the work, right after it, and on the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from metersim.contract.operation import Operation
from metersim.simulation.call import Reply, Request
from metersim.simulation.defects import Defect
from metersim.simulation.delays import LONGEST, Chance, Delay
from metersim.simulation.effects import Refusal
from metersim.simulation.fault_rule import Tally
from metersim.simulation.transmission import UNDISTURBED, Breakage

# Nothing goes back, and there is no status that nobody sent.
NO_ANSWER = Reply(None, 0)


class Trouble:
    """The rules that are due on one call, in their order.

    Every delay strikes, and of everything else what first can: a rule that finds nothing to do (no
    body to cut, no field of the name) leaves the call to the next, and does not count it.
    """

    def __init__(self, due: Sequence[tuple[Tally, Chance]] = (), garbage: bytes = b"") -> None:
        self._due = due
        self._garbage = garbage
        self._struck = False
        self._how = UNDISTURBED

    def cuts_off(self) -> bool:
        """Whether the connection breaks before the call is looked at; Problem for a refusal."""
        for tally, _ in self._due:
            match tally.rule.effect:
                case Refusal(after_work=False) as refusal:
                    self._strike(tally)
                    raise refusal.problem()
                case Breakage(before_work=True) as breakage:
                    self._strike(tally, breakage=breakage, garbage=self._garbage)
                    return True
        return False

    def denies(self) -> None:
        """The work is done: Problem for a rule that has the vendor say otherwise."""
        for tally, _ in self._due:
            match tally.rule.effect:
                case Refusal(after_work=True) as refusal:
                    self._strike(tally)
                    raise refusal.problem()

    def befalls(self, reply: Reply, operation: Operation, request: Request) -> Reply:
        """The reply as it goes back: late, cut, lost or defective."""
        for tally, chance in self._due:
            match tally.rule.effect:
                case Delay() as delay:
                    self._hold_up(tally, delay, chance)
                case Breakage() as breakage if not self._struck:
                    if reply.body is not None or not breakage.needs_body:
                        self._strike(tally, breakage=breakage, garbage=self._garbage)
                case Defect() as defect if not self._struck:
                    query = dict(parse_qsl(request.query))
                    if (spoilt := defect.spoil(reply, operation, query)) is not None:
                        self._strike(tally)
                        reply = spoilt
        return replace(reply, transmission=self._how) if self._how.faults else reply

    def _strike(self, tally: Tally, **how: Any) -> None:
        self._struck = True
        self._hit(tally, **how)

    def _hold_up(self, tally: Tally, delay: Delay, chance: Chance) -> None:
        how = self._how
        late = min(how.delay + delay.draw(chance), LONGEST)
        if delay.chunks:
            how = replace(how, chunks=delay.chunks, spread=delay.spread)
        self._hit(tally, delay=late, chunks=how.chunks, spread=how.spread)

    def _hit(self, tally: Tally, **how: Any) -> None:
        tally.hits += 1
        self._how = replace(self._how, faults=(*self._how.faults, tally.rule.id), **how)
