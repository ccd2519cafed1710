"""What the waivers of a run let pass, which of them have ended, and which nothing needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from metersim.checker.conformance import CONFORMS, NO_SERVER_ERROR
from metersim.checker.verdict import Departure, Standing, Verdict
from metersim.checker.waivers import Waiver
from metersim.contract.operation import Operation
from metersim.simulation.vendor import Vendor, installed_vendors


@dataclass
class Waiving:
    """The waivers of one run of a vendor's rules, as of a day.

    ``expired`` says of those that were needed, and have ended, so. ``called`` are the operations
    that were asked.
    """

    vendor: Vendor
    waivers: Sequence[Waiver]
    today: date
    expired: dict[str, str] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._needed: set[Waiver] = set()

    def of_verdict(self, verdict: Verdict) -> str | None:
        """Why a broken rule is let pass; None where it is not."""
        last = verdict.exchanges[-1].operation if verdict.exchanges else None
        known = self.vendor.contract.operations
        operations = [last] if last else [known[each] for each in verdict.rule.operations]
        return self._reason(
            each
            for each in self.waivers
            if each.names_rule(verdict.rule.id) and _is_of(each, operations)
        )

    def of_departure(self, departure: Departure) -> str | None:
        """Why a departure is let pass; None where it is not."""
        known = self.vendor.contract.operations.values()
        # Schemathesis has the one name for an operation, and we have the other.
        operations = [each for each in known if departure.operation in each.names]
        return self._reason(
            each
            for each in self.waivers
            if each.names_check(departure.check) and _is_of(each, operations)
        )

    def _reason(self, covering: Iterable[Waiver]) -> str | None:
        """Of those that cover it; one that has ended is told, and waives nothing."""
        reason = None
        for each in covering:
            self._needed.add(each)
            if self.today <= each.until:
                reason = each.reason
            else:
                told = f"the waiver of {each.about} ended on {each.until}: {each.reason}"
                self.expired[each.about] = told
        return reason

    def idle(self, verdicts: Sequence[Verdict], fuzzed: bool) -> Iterator[str]:
        """What may be deleted: waivers that nothing needs, as far as the run can tell."""
        for each in self.waivers:
            if each not in self._needed and (why := self._why_idle(each, verdicts, fuzzed)):
                yield f"the waiver of {each.about} {why}: it may be deleted"

    def _why_idle(self, waiver: Waiver, verdicts: Sequence[Verdict], fuzzed: bool) -> str:
        vendors = installed_vendors().values()
        rules = [rule for vendor in vendors for rule in vendor.rules]
        if waiver.rule and not any(waiver.names_rule(rule.id) for rule in rules):
            return "is about no rule of any vendor"
        everywhere = [each for vendor in vendors for each in vendor.contract.operations.values()]
        if not any(map(waiver.names, everywhere)):
            return "is about no operation of any vendor"
        judged = self._judges_rules(waiver, verdicts)
        if waiver.check:
            judged = self._judges_checks(waiver, verdicts, fuzzed)
        return "matched nothing" if judged else ""

    def _judges_rules(self, waiver: Waiver, verdicts: Sequence[Verdict]) -> bool:
        known = {Standing.HOLDS, Standing.BROKEN}
        named = [each for each in verdicts if waiver.names_rule(each.rule.id)]
        return bool(named) and all(each.standing in known for each in named)

    def _judges_checks(self, waiver: Waiver, verdicts: Sequence[Verdict], fuzzed: bool) -> bool:
        """Whether all was asked that the waiver may be about."""
        whole = len(verdicts) == len(self.vendor.rules)
        if not fuzzed and not (whole and waiver.check in (CONFORMS, NO_SERVER_ERROR)):
            return False
        known = self.vendor.contract.operations.values()
        named = {each.id for each in known if waiver.names(each)}
        return bool(named) and named <= self.called


def _is_of(waiver: Waiver, operations: Collection[Operation]) -> bool:
    return waiver.operation == "*" or any(map(waiver.names, operations))
