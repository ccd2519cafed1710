"""Makes the same calls at two implementations, to find where they answer differently."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from metersim.checker.differing import Unlike, unlike
from metersim.checker.naming import Naming
from metersim.checker.proving import Prover
from metersim.checker.target import PATIENCE, Target, TooManyCalls, Unanswered
from metersim.contract.exchange import Asked, Exchange
from metersim.contract.operation import Operation
from metersim.contract.rule import Rule
from metersim.errors import ControlError

_SILENCE = "answer"


@dataclass(frozen=True, slots=True)
class Pair:
    """One call at both; ``there`` is None where it had no answer."""

    operation: str
    here: Exchange
    asked_there: Asked
    there: Exchange | None
    unlike: Sequence[Unlike]
    # Where the first implementation differed from itself, asked twice.
    unsteady: Sequence[Unlike]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place at which replies of an operation differ, the first pair that shows it, how many."""

    first: Pair
    unlike: Unlike
    calls: int


@dataclass
class Compared:
    """What came of an operation's calls.

    ``unsteady`` calls are not compared: the first implementation answers them now so, now
    otherwise. ``set_aside`` are the places where it does so within a body that stays alike.
    """

    calls: int = 0
    alike: int = 0
    unsteady: int = 0
    set_aside: set[str] = field(default_factory=set)
    differences: dict[str, Difference] = field(default_factory=dict)


@dataclass
class Comparing:
    """Compares ``there`` with the prover's target, by the calls that the rules' proofs make.

    ``tokens`` are what lets the checker in, here and there; ``values`` are there what the prover's
    are here, by the same keys.
    """

    prover: Prover
    rules: Sequence[Rule]
    there: Target
    tokens: tuple[str | None, str | None] = (None, None)
    values: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._silent = 0
        self._naming = Naming()

    def compare(self) -> dict[str, Compared]:
        """What came of it, by operation; ControlError where nobody can say."""
        here, there = self.prover.target, self.there
        try:
            recorded = self._recorded()
            self._name_values()
            pairs = [self._pair(each) for each in recorded]
        except Unanswered as error:
            raise ControlError(f"{here.url} does not answer: {error}") from None
        except TooManyCalls:
            raise ControlError(f"--max-calls: {here.most_calls} are not enough") from None
        if not any(pair.here.succeeded for pair in pairs):
            raise ControlError(
                f"{here.url} answered none of {len(pairs)} calls with a success: "
                "there is nothing to compare; are --token and --set right?"
            )
        if all(pair.there is None for pair in pairs):
            raise ControlError(f"{there.url} does not answer")
        return self._sorted_out(pairs)

    def _recorded(self) -> list[Exchange]:
        """What the proofs ask, each call once, without those that are about rate limits."""
        found: dict[tuple[object, ...], Exchange] = {}

        def see(exchange: Exchange) -> None:
            asked = exchange.asked
            if asked.patient and exchange.status != 429:
                headers = tuple(sorted(asked.headers.items()))
                found.setdefault((asked.method, asked.target, headers, asked.content), exchange)

        self.prover.target.seen = see
        self.prover.discover()
        for rule in self.rules:
            self.prover.prove(rule)
        self.prover.target.seen = lambda exchange: None
        return list(found.values())

    def _name_values(self) -> None:
        for key, there in self.values.items():
            here = self.prover.values.get(key)
            if here is None:
                raise ControlError(f"--set-b {key}: what is it at {self.prover.target.url}? --set")
            self._naming.name(here, there)

    def _pair(self, recorded: Exchange) -> Pair:
        operation = recorded.operation
        name = operation.id if operation else f"{recorded.asked.method} outside the document"
        # Asked once more at either, one right after the other: less time passes in between.
        here = self.prover.target.send(recorded.asked, operation)
        asked = self._as_there(recorded.asked, operation)
        try:
            there = self.there.send(asked, operation)
            self._silent = 0
        except Unanswered as error:
            self._silent += 1
            if self._silent == PATIENCE:
                raise ControlError(f"{self.there.url} does not answer: {error}") from None
            silence = [Unlike(_SILENCE, str(here.status), error.reason)]
            return Pair(name, here, asked, None, silence, [])
        found = list(unlike(here, there))
        self._learn(found)
        return Pair(name, here, asked, there, found, list(unlike(recorded, here)))

    def _learn(self, found: Sequence[Unlike]) -> None:
        for each in found:
            texts = each.here.startswith('"') and each.there.startswith('"')
            if texts and each.in_json and _is_volatile(each, self.prover.proofs.volatile):
                # A cursor, for example.
                known = (msgspec.json.decode(each.here), msgspec.json.decode(each.there))
                self._naming.there.update([known])

    def _as_there(self, asked: Asked, operation: Operation | None) -> Asked:
        """The call as the other implementation is asked it."""
        asked = self._naming.asked(asked, operation)
        ours, theirs = self.tokens
        if not ours or not theirs:
            return asked
        headers = {name: text.replace(ours, theirs) for name, text in asked.headers.items()}
        return replace(asked, headers=headers)

    def _sorted_out(self, pairs: Sequence[Pair]) -> dict[str, Compared]:
        found: dict[str, Compared] = {}
        volatile = self.prover.proofs.volatile
        for pair in pairs:
            compared = found.setdefault(pair.operation, Compared())
            aside = [each for each in pair.unsteady if each.in_json]
            aside += [each for each in pair.unlike if each.in_json and _is_volatile(each, volatile)]
            compared.set_aside |= {each.place for each in aside}
        # What is unsteady once is set aside everywhere, so all calls and names are known by now.
        for pair in pairs:
            _count(pair, found[pair.operation], self._naming)
        return found


def _is_volatile(unlike: Unlike, volatile: Collection[str]) -> bool:
    return unlike.pointer.rpartition("/")[2] in volatile


def _count(pair: Pair, compared: Compared, naming: Naming) -> None:
    compared.calls += 1
    if not all(each.in_json for each in pair.unsteady):
        compared.unsteady += 1
        return
    left = {
        each.place: each
        for each in pair.unlike
        if not naming.alike(each) and not _is_aside(each.place, compared.set_aside)
    }
    compared.alike += not left
    for place, unlike_here in left.items():
        known = compared.differences.get(place) or Difference(pair, unlike_here, 0)
        compared.differences[place] = replace(known, calls=known.calls + 1)


def _is_aside(place: str, aside: Collection[str]) -> bool:
    return any(place == each or place.startswith(f"{each}/") for each in aside)
