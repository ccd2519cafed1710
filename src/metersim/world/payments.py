"""Which payment method carries a project's usage when, and whose terms were accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from metersim.billing.accounts import PaymentMethod, Project
from metersim.billing.facts import Moment
from metersim.billing.instants import EARLIEST, LATEST


@dataclass(frozen=True, slots=True)
class Assignment:
    """A payment method carries a project's usage from one moment up to another."""

    payment_method: PaymentMethod
    since: Moment
    until: Moment


class Payments:
    """What was assigned and accepted since a world opened, on top of what it opened with."""

    def __init__(self, methods: Mapping[str, PaymentMethod]) -> None:
        self._methods = methods
        self._assigned: dict[str, list[tuple[Moment, str]]] = {}
        self._accepted: set[str] = set()

    def assign(self, project: str, method: str, at: datetime, sequence: int) -> None:
        """The method carries the project's usage from now on."""
        moment = (at, sequence)
        # The clock may have been set back: what was assigned after `at` is not to come.
        history = [past for past in self._assigned.get(project, []) if past[0] < moment]
        self._assigned[project] = [*history, (moment, method)]

    def accept(self, method: str) -> None:
        """The method's terms are accepted."""
        self._accepted.add(method)

    def terms_accepted(self, method: PaymentMethod) -> bool:
        """Whether the method may be assigned."""
        return method.terms_accepted or method.key in self._accepted

    def assignments(self, project: Project) -> list[Assignment]:
        """Which method carries the project's usage when, in order of time; none while inactive."""
        history: list[tuple[Moment, str]] = []
        if project.payment_method is not None:
            history.append(((EARLIEST, 0), project.payment_method))
        history += self._assigned.get(project.key, [])
        history.append(((LATEST, 0), ""))
        return [
            Assignment(self._methods[key], since, until)
            for (since, key), (until, _) in pairwise(history)
        ]
