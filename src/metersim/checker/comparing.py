"""Makes the same calls at two implementations, to find where they answer differently."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import msgspec

from metersim.checker.differing import Unlike, unlike
from metersim.checker.proving import Prover
from metersim.checker.target import PATIENCE, Target, TooManyCalls, Unanswered
from metersim.contract.exchange import Asked, Exchange
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

    ``tokens`` are what lets the checker in, here and there.
    """

    prover: Prover
    rules: Sequence[Rule]
    there: Target
    tokens: tuple[str | None, str | None] = (None, None)

    def __post_init__(self) -> None:
        self._silent = 0
        # What the one calls so, the other calls otherwise: cursors, for example.
        self._names: dict[str, str] = {}

    def compare(self) -> dict[str, Compared]:
        """What came of it, by operation; ControlError where nobody can say."""
        here, there = self.prover.target, self.there
        try:
            pairs = [self._pair(each) for each in self._recorded()]
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
        return _sorted_out(pairs, self.prover.proofs.volatile)

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

    def _pair(self, recorded: Exchange) -> Pair:
        operation = recorded.operation
        name = operation.id if operation else f"{recorded.asked.method} outside the document"
        # Asked once more at either, one right after the other: less time passes in between.
        here = self.prover.target.send(recorded.asked, operation)
        asked = self._as_there(recorded.asked)
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
                self._names[msgspec.json.decode(each.here)] = msgspec.json.decode(each.there)

    def _as_there(self, asked: Asked) -> Asked:
        """The call as the other implementation is asked it."""
        target, content, headers = asked.target, asked.content, dict(asked.headers)
        for here, there in self._names.items():
            target = target.replace(quote(here, safe=""), quote(there, safe=""))
            content = content.replace(here.encode(), there.encode())
        ours, theirs = self.tokens
        if ours and theirs:
            headers = {name: text.replace(ours, theirs) for name, text in headers.items()}
        return replace(asked, target=target, content=content, headers=headers)


def _is_volatile(unlike: Unlike, volatile: Collection[str]) -> bool:
    return unlike.pointer.rpartition("/")[2] in volatile


def _sorted_out(pairs: Sequence[Pair], volatile: Collection[str]) -> dict[str, Compared]:
    found: dict[str, Compared] = {}
    for pair in pairs:
        compared = found.setdefault(pair.operation, Compared())
        aside = [each for each in pair.unsteady if each.in_json]
        aside += [each for each in pair.unlike if each.in_json and _is_volatile(each, volatile)]
        compared.set_aside |= {each.place for each in aside}
    # What is unsteady once is set aside everywhere, so all calls are known by now.
    for pair in pairs:
        _count(pair, found[pair.operation])
    return found


def _count(pair: Pair, compared: Compared) -> None:
    compared.calls += 1
    if not all(each.in_json for each in pair.unsteady):
        compared.unsteady += 1
        return
    left = {
        each.place: each for each in pair.unlike if not _is_aside(each.place, compared.set_aside)
    }
    compared.alike += not left
    for place, unlike_here in left.items():
        known = compared.differences.get(place) or Difference(pair, unlike_here, 0)
        compared.differences[place] = replace(known, calls=known.calls + 1)


def _is_aside(place: str, aside: Collection[str]) -> bool:
    return any(place == each or place.startswith(f"{each}/") for each in aside)
