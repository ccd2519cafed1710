"""Monk's error shape: a message for people and a code for programs."""

from __future__ import annotations

from http import HTTPStatus

from metersim.reading import Json
from metersim.simulation.problems import Problem

# Every other code is the status's name in HTTP, as in the two that Monk publishes.
_CODES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE",
    HTTPStatus.TOO_MANY_REQUESTS: "RATE_LIMITED",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
}


def problem_body(problem: Problem, call_id: str) -> Json:
    """``{"error": {"message": …, "code": …}}``"""
    code = problem.code or _CODES.get(problem.status, problem.status.name)
    return {"error": {"message": problem.detail, "code": code}}
