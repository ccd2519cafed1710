"""A run: every rule of a vendor that was asked for, at one target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase

from metersim.checker.conformance import departures
from metersim.checker.fuzzing import Fuzzing
from metersim.checker.proving import Prover
from metersim.checker.target import PATIENCE, Target, TooManyCalls, Unanswered
from metersim.checker.values import proofs_of
from metersim.checker.verdict import Departure, Report, Standing, Verdict
from metersim.checker.waivers import Waiver
from metersim.checker.waiving import Waiving
from metersim.checker.wording import counted
from metersim.contract.exchange import Exchange
from metersim.contract.rule import Rule
from metersim.errors import ControlError, nearest
from metersim.simulation.vendor import Vendor


def selected(vendor: Vendor, patterns: Sequence[str]) -> list[Rule]:
    """The rules whose ids match a pattern, all without one; ControlError where none does."""
    found: list[Rule] = []
    for pattern in patterns or ("*",):
        matching = [each for each in vendor.rules if fnmatchcase(each.id, pattern.upper())]
        if not matching:
            known = [rule.id for rule in vendor.rules]
            raise ControlError(
                f"--rules: no rule matches {pattern!r}; {nearest(pattern.upper(), known)}"
            )
        found += [each for each in matching if each not in found]
    return found


@dataclass
class Run:
    """One run of the rule book; ``told`` hears of each verdict as it falls."""

    vendor: Vendor
    target: Target
    rules: Sequence[Rule]
    _: KW_ONLY
    token: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    allow_writes: bool = False
    strict: bool = False
    told: Callable[[Verdict, Report], None] = lambda verdict, report: None
    waivers: Sequence[Waiver] = ()
    today: date = date.min

    def __post_init__(self) -> None:
        self.report = Report(self.vendor.name, self.target.url, self.seed, self.strict)
        self._prover = Prover(
            self.vendor.contract,
            proofs_of(self.vendor),
            self.target,
            values=dict(self.given),
            token=self.token,
            seed=self.seed,
            allow_writes=self.allow_writes,
        )
        self._waiving = Waiving(self.vendor, self.waivers, self.today)
        self._departed: set[tuple[str, ...]] = set()
        self._unanswered = 0
        self._fuzzed = False
        self._statuses: set[int] = set()
        self.target.seen = self._see

    @property
    def most_calls(self) -> int:
        """How many calls it makes at most while the rules hold, and usage shows and stands."""
        finding = self._prover.proofs.finding
        return finding + sum(self._prover.most_calls(rule) for rule in self.rules)

    def prove(self) -> Report:
        """Prove every rule that was asked for; what ends it early stands in the report."""
        report = self.report
        with self._told_when_stopped():
            self._prover.discover()
            for rule in self.rules:
                verdict = self._verdict(rule)
                if verdict.standing is Standing.BROKEN and (closed := self._closed_to_us()):
                    raise ControlError(closed)
                self._told(verdict)
        for rule in self.rules[len(report.verdicts) :]:
            self._told(Verdict(rule, Standing.NOT_RUN, report.stopped))
        report.calls = self.target.calls
        return report

    @property
    def inputs(self) -> dict[str, str]:
        """Values by the names that the document has for them, as far as they are known."""
        prover = self._prover
        return {
            name: prover.values[key]
            for name, key in prover.proofs.inputs.items()
            if key in prover.values
        }

    def fuzz(self, fuzzing: Fuzzing) -> Report:
        """Let Schemathesis look as well; of findings alike, the first is told."""
        with self._told_when_stopped():
            for departure in fuzzing.departures():
                self._depart(departure, departure.check, departure.operation, departure.basis)
            self._fuzzed = True
        self.report.calls = self.target.calls
        return self.report

    def end(self) -> Report:
        """The report, once nothing more is asked: only now is known what became of the waivers."""
        report = self.report
        report.expired = dict(self._waiving.expired)
        if not report.stopped:
            report.idle = list(self._waiving.idle(report.verdicts, self._fuzzed))
        return report

    @contextmanager
    def _told_when_stopped(self) -> Iterator[None]:
        try:
            yield
        except Unanswered as error:
            self.report.stopped = f"the target does not answer: {error}"
        except TooManyCalls:
            most = self.target.most_calls
            were = "was" if most == 1 else "were"
            told = f"the {counted(most, 'call')} that may be made {were} made"
            self.report.stopped = told
        except ControlError as error:
            self.report.stopped = str(error)

    def _closed_to_us(self) -> str:
        """Why rules would be judged by a door that is shut; empty where it is open, or not known.

        By the calls of operations with the checker's own token: what others are told, and who asks
        for what there is not, is for the rules to say.
        """
        if self._statuses and self._statuses <= {401, 403}:
            return "the target does not let the checker in: --token, or METERSIM_TOKEN"
        if self._statuses == {404}:
            return "nothing of the API is found there: --url, what its paths are appended to"
        return ""

    def _depart(self, departure: Departure, *kind: str) -> None:
        if kind not in self._departed:
            self._departed.add(kind)
            waived = self._waiving.of_departure(departure)
            self.report.departures.append(replace(departure, waived=waived))

    def _told(self, verdict: Verdict) -> None:
        if verdict.standing is Standing.BROKEN:
            verdict = replace(verdict, waived=self._waiving.of_verdict(verdict))
        self.report.verdicts.append(verdict)
        self.told(verdict, self.report)

    def _verdict(self, rule: Rule) -> Verdict:
        try:
            verdict = self._prover.prove(rule)
        except Unanswered as error:
            self._unanswered += 1
            if self._unanswered == PATIENCE:
                raise
            return Verdict(rule, Standing.NOT_APPLICABLE, f"needs an answer: {error}")
        if verdict.calls:
            self._unanswered = 0
        return verdict

    def _see(self, exchange: Exchange) -> None:
        """Keep what came back, and hold it to the document."""
        self.report.kept.keep(exchange)
        headers = exchange.asked.headers.values()
        ours = self.token is None or any(self.token in text for text in headers)
        if exchange.operation is not None:
            self._waiving.called.add(exchange.operation.id)
            if ours:
                self._statuses.add(exchange.status)
        for departure in departures(exchange):
            # What was found may differ each time; where it stands does not.
            where = departure.message.partition(": ")[0]
            status = str(exchange.status)
            self._depart(
                departure, departure.check, departure.operation, departure.basis, status, where
            )
