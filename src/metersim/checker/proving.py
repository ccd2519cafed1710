"""From a rule and its proof to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass

from metersim.checker.differing import figures
from metersim.checker.drawing import attempted
from metersim.checker.target import Target, Unanswered
from metersim.checker.verdict import Standing, Verdict
from metersim.contract.document import Contract
from metersim.contract.exchange import Asked, Broken, Exchange, Unproven
from metersim.contract.operation import Operation
from metersim.contract.proof import Proof, Proofs
from metersim.contract.rule import Effect, Rule
from metersim.contract.trial import Draw, Send, Trial

# So often is attempted what may be broken only because usage is recorded meanwhile.
_TRIES = 3
# What reading a reply raises that has not the form which the document promises.
_MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@dataclass(frozen=True)
class Prover:
    """Proves a vendor's rules at a target, with these values, one after the other."""

    contract: Contract
    proofs: Proofs
    target: Target
    _: KW_ONLY
    values: dict[str, str]
    token: str | None
    seed: int
    allow_writes: bool = False

    def trial(self, draw: Draw, send: Send | None = None, *, writes: bool = False) -> Trial:
        """An attempt's calls and values; the calls go to the target, unless elsewhere."""
        send, pace = send or self.target.send, self.target.pace
        return Trial(self.contract, send, self.values, draw, self.token, pace, writes)

    def why_not(self, rule: Rule) -> str:
        """Why the rule's proof is not run; empty where it is."""
        proof = self.proofs.by_rule.get(rule.id)
        if proof is None:
            unseen = self.proofs.unseen.get(rule.id, "no proof is known")
            return f"cannot be seen from outside: {unseen}"
        if rule.effect is Effect.WRITE and not self.allow_writes:
            return "it writes: --allow-writes"
        missing = [f"--set {key}=…" for key in proof.needs if key not in self.values]
        return f"needs values: {' '.join(missing)}" if missing else ""

    def most_calls(self, rule: Rule) -> int:
        """How many calls the rule's proof makes at most while the rule holds."""
        proof = self.proofs.by_rule.get(rule.id)
        runs = proof is not None and (self.allow_writes or rule.effect is Effect.READ)
        return proof.calls * proof.examples if proof and runs else 0

    def discover(self) -> None:
        """Find by reading what nobody gave, as far as it can be found."""

        def send(asked: Asked, operation: Operation | None) -> Exchange:
            # One question too large to be answered does not end the search.
            try:
                return self.target.send(asked, operation)
            except Unanswered as error:
                raise Unproven(f"needs an answer: {error}") from None

        def discover(draw: Draw) -> None:
            found = self.proofs.discover(self.trial(draw, send))
            self.values.update({key: found[key] for key in found.keys() - self.values.keys()})

        # What is not found, the proofs that need it say themselves.
        with suppress(Unproven, *_MALFORMED):
            attempted(discover, 1, self.seed)

    def prove(self, rule: Rule) -> Verdict:
        """The verdict on one rule; Unanswered and TooManyCalls where no one can say."""
        if reason := self.why_not(rule):
            return Verdict(rule, Standing.NOT_RUN, reason)
        proof, before = self.proofs.by_rule[rule.id], self.target.calls
        try:
            self._attempt_at_rest(rule, proof)
        except Broken as broken:
            return Verdict(
                rule,
                Standing.BROKEN,
                expected=broken.expected,
                found=broken.found,
                exchanges=list(broken.exchanges),
                basis=broken.basis or rule.bases[0],
                calls=self.target.calls - before,
            )
        except Unproven as unproven:
            reason = str(unproven)
            calls = self.target.calls - before
            return Verdict(rule, Standing.NOT_APPLICABLE, reason, calls=calls)
        return Verdict(rule, Standing.HOLDS, calls=self.target.calls - before)

    def _attempt_at_rest(self, rule: Rule, proof: Proof) -> None:
        """Attempt it anew where replies disagree between which usage was recorded."""
        told: list[str] = []
        for _ in range(_TRIES):
            before = self.target.calls
            try:
                return self._attempt(proof)
            except Broken as broken:
                # What writes knows itself what changes by it.
                if rule.effect is Effect.WRITE or not self._moves(broken.exchanges):
                    raise
                # It may be beside what was compared that replies change, such as a projection.
                told.append(str(broken))
                if len(told) == _TRIES and len(set(told)) == 1:
                    raise
                self.target.pace.again += self.target.calls - before
        raise Unproven(
            "needs usage that stands still: it changed while it was looked at, "
            "--set since=… until=… of a span that is over"
        )

    def _moves(self, compared: Sequence[Exchange]) -> bool:
        """Whether what was compared has changed for good, by asking for all of it again."""
        if len(compared) == 1:
            return False
        for before in compared:
            operation = before.operation
            if operation is None or not operation.safe or not before.asked.patient:
                continue
            now = self.target.send(before.asked, operation)
            if before.succeeded and now.succeeded and figures(now) != figures(before):
                # What comes back to what it was has not grown: it wavers.
                return figures(self.target.send(before.asked, operation)) != figures(before)
        return False

    def _attempt(self, proof: Proof) -> None:
        def attempt(draw: Draw) -> None:
            try:
                proof.attempt(self.trial(draw, writes=self.allow_writes))
            except _MALFORMED as error:
                # That it has not is told beside, as a departure.
                raise Unproven(f"needs replies as the document has them: {error!r}") from error

        attempted(attempt, proof.examples, self.seed)
