"""What came of a rule, and of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from metersim.billing.quantity import ZERO, divide
from metersim.checker.keeping import Kept
from metersim.contract.exchange import Exchange
from metersim.contract.rule import Basis, Rule

CONFORMS, FAILURES, COULD_NOT_RUN = 0, 1, 2


class Standing(StrEnum):
    """How a rule stands at the target."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one rule stands, and why.

    ``reason`` says what would make it applicable or run. Of a broken one, ``expected`` and
    ``found`` are compared in the last of the exchanges, ``basis`` says on whose word, and
    ``waived`` is the reason for which it does not count.
    """

    rule: Rule
    standing: Standing
    reason: str = ""
    expected: str = ""
    found: str = ""
    exchanges: Sequence[Exchange] = ()
    basis: Basis | None = None
    calls: int = 0
    waived: str | None = None

    @property
    def fails(self) -> bool:
        """Whether a published word is broken; of an assumed rule it is a notice."""
        broken = self.standing is Standing.BROKEN and self.waived is None
        return broken and self.basis is not Basis.ASSUMED

    @property
    def noticed(self) -> bool:
        """Whether it is broken on nobody's word but ours."""
        broken = self.standing is Standing.BROKEN and self.waived is None
        return broken and self.basis is Basis.ASSUMED


@dataclass(frozen=True, slots=True)
class Departure:
    """A reply that the document does not allow; ``check`` says who found it, and as what.

    ``basis`` is on whose word, and ``waived`` the reason for which it does not count.
    """

    check: str
    operation: str
    message: str
    exchange: Exchange
    basis: Basis = Basis.DOCUMENTED
    waived: str | None = None


@dataclass
class Report:
    """All that a run found out."""

    vendor: str
    url: str
    seed: int
    strict: bool = False
    verdicts: list[Verdict] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    calls: int = 0
    kept: Kept = field(default_factory=Kept)
    # Waivers that were needed and have ended, by what they are about.
    expired: dict[str, str] = field(default_factory=dict)
    # What is said of waivers that nothing needs.
    idle: list[str] = field(default_factory=list)
    # Why the run ended before its end; empty where it did not.
    stopped: str = ""

    @property
    def index(self) -> Decimal:
        """What could be proven or refuted here, in percent of the rules that were asked for."""
        return self._percent(Standing.HOLDS, Standing.BROKEN)

    @property
    def score(self) -> Decimal:
        """What was proven here, in percent of the rules that were asked for."""
        return self._percent(Standing.HOLDS)

    def _percent(self, *standings: Standing) -> Decimal:
        if not self.verdicts:
            return ZERO
        return divide(Decimal(100 * self.count(*standings)), Decimal(len(self.verdicts)), 1)

    def count(self, *standings: Standing) -> int:
        """How many rules stand so."""
        return sum(verdict.standing in standings for verdict in self.verdicts)

    @property
    def failures(self) -> list[Verdict]:
        """The broken rules that count."""
        strict = self.strict
        return [each for each in self.verdicts if each.fails or strict and each.noticed]

    @property
    def notices(self) -> list[Verdict]:
        """The broken rules that do not."""
        return [each for each in self.verdicts if each.noticed and not self.strict]

    @property
    def departed(self) -> list[Departure]:
        """The departures that count."""
        return [
            each
            for each in self.departures
            if each.waived is None and (self.strict or each.basis is not Basis.ASSUMED)
        ]

    @property
    def exit_code(self) -> int:
        """0 conforms, 1 does not, 2 nobody can say."""
        if self.failures or self.departed or self.expired:
            return FAILURES
        known = self.count(Standing.HOLDS, Standing.BROKEN) or not self.verdicts
        return COULD_NOT_RUN if self.stopped or not known else CONFORMS
