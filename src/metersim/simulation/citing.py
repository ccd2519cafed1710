"""Which rules of a vendor's book ask for a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from metersim.contract.document import Route
from metersim.contract.operation import Operation
from metersim.contract.rule import Rule
from metersim.simulation.problems import Problem
from metersim.validation import Violation


def cited(
    problem: Problem,
    violations: Sequence[Violation],
    method: str,
    meant: Operation | Route | None,
    rules: Iterable[Rule],
) -> list[str]:
    """Their ids, in the order of the book.

    ``meant`` is a route where it has no such method, and None where nobody knows the path.
    ``violations`` are what the refusal is for, if it is for any.
    """
    if problem.rule is not None:
        return [problem.rule]
    ids = _ids(meant)
    said = list(_said(problem, violations, meant.id if isinstance(meant, Operation) else method))
    return [
        rule.id
        for rule in rules
        if (ids & set(rule.operations) or not (ids or rule.operations))
        and any(each.startswith(rule.refuses) for each in said)
    ]


def _ids(meant: Operation | Route | None) -> set[str]:
    if isinstance(meant, Operation):
        return {meant.id}
    return set() if meant is None else {each.id for each in meant.operations.values()}


def _said(problem: Problem, violations: Sequence[Violation], whom: str) -> Iterator[str]:
    for violation in violations:
        path = ".".join("*" if isinstance(step, int) else step for step in violation.path)
        yield f"{path}: {violation.message}"
    if not violations:
        yield f"{int(problem.status)} {whom}"
