"""What a fault does to a call it hits: one of four kinds of trouble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TypeAlias

from metersim.contract.document import JSON
from metersim.contract.operation import Operation
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.defects import Defect, read_defect
from metersim.simulation.delays import Delay, read_delay
from metersim.simulation.problems import Problem, deliberate
from metersim.simulation.transmission import Breakage
from metersim.simulation.vendor import Vendor

# Stands for the id of a call where an answer is only tried out.
_SOME_CALL = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The vendor answers with a problem, and may have done the work all the same."""

    status: HTTPStatus
    message: str | None = None
    code: str | None = None
    retry_after: int | None = None
    after_work: bool = False

    def problem(self) -> Problem:
        """To be raised once."""
        return deliberate(self.status, self.message, self.code, self.retry_after)

    def objection(self, vendor: Vendor, operation: Operation) -> str | None:
        """Why the vendor could never answer so; None if it could."""
        if self.status not in operation.responses:
            known = map(str, operation.responses)
            return f"{self.status} is not documented; {nearest(str(self.status), known)}"
        problem = self.problem()
        body = vendor.problem_body(problem, _SOME_CALL)
        uncoded = replace(self, code=None).problem()
        if self.code is not None and body == vendor.problem_body(uncoded, _SOME_CALL):
            return f"its errors are told apart by no code but their own, so not by {self.code!r}"
        violations = operation.judge_reply(self.status, JSON, body, problem.headers)
        return "; ".join(map(str, violations)) or None


Effect: TypeAlias = Refusal | Delay | Breakage | Defect


def read_effect(data: Mapping[str, Json]) -> Effect:
    """The effect of a rule; ControlError for one that cannot be."""
    if "delay" in data:
        return read_delay(data["delay"])
    if "defect" in data:
        return read_defect(data["defect"])
    if "fault" in data:
        return Breakage(data["fault"])
    problem = data["problem"]
    return Refusal(
        status=_status(int(problem["status"])),
        message=problem.get("message"),
        code=problem.get("code"),
        retry_after=int(problem["retryAfter"]) if "retryAfter" in problem else None,
        after_work=problem.get("after_work", False),
    )


def _status(number: int) -> HTTPStatus:
    try:
        return HTTPStatus(number)
    except ValueError:
        known = (str(int(each)) for each in HTTPStatus if each >= HTTPStatus.BAD_REQUEST)
        told = nearest(str(number), known)
        raise ControlError(f"problem.status: {number} is no status of HTTP; {told}") from None
