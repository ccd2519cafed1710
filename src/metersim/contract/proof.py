"""How a rule is seen to hold, or not, from outside: a function that makes calls and judges replies.

A vendor's proofs know its wire form and its rules, and nothing of who answers: the simulator, a
team's own service, the vendor itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TypeAlias

from metersim.contract.trial import Trial

Attempt: TypeAlias = Callable[[Trial], None]


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of one rule, by the rule's id.

    ``attempt`` raises ``Broken`` or ``Unproven``, or the rule holds. ``needs`` are the values that
    it cannot do without. Where it draws, it is attempted ``examples`` times, and makes at most
    ``calls`` calls each time.
    """

    rule: str
    attempt: Attempt
    calls: int
    needs: tuple[str, ...] = ()
    examples: int = 1


def proves(
    rule: str, *, calls: int, needs: tuple[str, ...] = (), examples: int = 1
) -> Callable[[Attempt], Proof]:
    """Declares a function the proof of a rule; says how many calls it makes, and what it needs."""
    return lambda attempt: Proof(rule, attempt, calls, needs, examples)


@dataclass(frozen=True, slots=True)
class Proofs:
    """All that can be seen of a vendor's rules from outside.

    ``unseen`` says of the other rules why not. ``values`` are the keys of what a user may give, and
    what each is; ``secrets`` are those among them that let someone in, and ``inputs`` are keys by
    the names that the document has for them. ``discover`` finds values by reading, from those that
    were given, in ``finding`` calls at most; it leaves out what it does not find. ``volatile`` are
    the keys in replies whose values are each implementation's own, such as cursors and ids of
    calls.
    """

    by_rule: Mapping[str, Proof]
    unseen: Mapping[str, str]
    discover: Callable[[Trial], Mapping[str, str]]
    finding: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    inputs: Mapping[str, str] = field(default_factory=dict)
    volatile: frozenset[str] = frozenset()


def proofs_in(modules: Iterable[ModuleType]) -> dict[str, Proof]:
    """The proofs that stand in the modules, by rule, in order of its number."""
    found = [each for module in modules for each in vars(module).values()]
    proofs = {each.rule: each for each in found if isinstance(each, Proof)}
    return dict(sorted(proofs.items()))
