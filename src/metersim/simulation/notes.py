"""What is learnt of a call on its way: the entry that the journal is to have of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from metersim.contract.document import Route
from metersim.contract.operation import Operation
from metersim.contract.rule import Rule
from metersim.simulation.citing import cited
from metersim.simulation.problems import Problem
from metersim.simulation.transmission import Transmission
from metersim.validation import Violation
from metersim.world.opening import Credential

# These refuse in the vendor's words, and for no reason of its.
_OURS = ("a fault", "the caller's preference")


class Notes:
    """How a call is decided, step by step and in words. A secret is in none of them.

    ``fault`` names the deliberate trouble that the call was given, if any, and ``delay`` is how
    much later its answer comes for it. ``took`` is as an exchange has it.
    """

    def __init__(self) -> None:
        self.operation: str | None = None
        self.violations: list[Violation] = []
        self.fault: str | None = None
        self.delay = timedelta(0)
        self.took = 0
        self.trace: list[str] = []
        self._asked = "the routes"

    def matched(self, operation: Operation) -> None:
        """There is an operation that the caller means."""
        self.operation = operation.id
        self.trace.append(f"is {operation.id}: {operation.method} {operation.path}")

    def asks(self, who: str) -> None:
        """It is now for these to say whether the call goes on."""
        self._asked = who

    def let_in(self, credential: Credential | None) -> None:
        """The caller may; a credential is told by what it allows, as its text is the secret."""
        if credential is None:
            self.trace.append("let in without a credential: the operation is public")
            return
        whose = {"customer": credential.customer, "project": credential.project}
        owners = "".join(f", of {kind} {key}" for kind, key in whose.items() if key)
        scopes = " ".join(credential.scopes) or "none"
        self.trace.append(f"let in by a credential with the scopes {scopes}{owners}")

    def departs(self, violations: Iterable[Violation]) -> None:
        """The request departs from the contract, whether that is refused or let pass."""
        self.violations += violations

    def refused(
        self,
        problem: Problem,
        method: str,
        meant: Operation | Route | None = None,
        rules: Iterable[Rule] = (),
    ) -> None:
        """Who was asked last said no; if it was the vendor, for the sake of these rules."""
        # What a field holds is told with the violations, which the journal redacts.
        why = "" if self.violations else f": {problem.detail}"
        objections = self.violations if self._asked == "the contract" else []
        book = () if self._asked in _OURS else rules
        ids = ", ".join(cited(problem, objections, method, meant, book))
        status = f"{int(problem.status)} ({ids})" if ids else str(int(problem.status))
        self.trace.append(f"refused by {self._asked} with {status}{why}")
        if not self.violations:
            self.departs(Violation((name,), text) for name, text in problem.fields.items())

    def answered(self, status: int) -> None:
        """It has passed all of them."""
        self.trace.append(f"answered by {self._asked} with {int(status)}")

    def disturbed(self, how: Transmission) -> None:
        """Faults may have had a hand in it."""
        self.delay = timedelta(milliseconds=how.delay + how.spread)
        if how.faults:
            self.fault = ", ".join(how.faults)
            self.trace += [f"disturbed by fault {id}" for id in how.faults]
            if how.breakage is not None:
                self.trace.append(f"sent as {how.breakage}")

    def failed(self, error: Exception) -> None:
        """We have a defect."""
        self.trace.append(f"metersim defect: {error!r}")
