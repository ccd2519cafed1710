"""The SaaS API's error shape: the envelope of every reply, with an error in the place of data."""

from __future__ import annotations

from http import HTTPStatus

from metersim.reading import Json
from metersim.simulation.problems import Problem

_CODES = {
    HTTPStatus.TOO_MANY_REQUESTS: "RATE_LIMITED",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
}


def problem_body(problem: Problem, call_id: str) -> Json:
    """``{"success": false, "error": {"code": …, "message": …}}``"""
    code = problem.code or _CODES.get(problem.status, problem.status.name)
    return {"success": False, "error": {"code": code, "message": _message(problem)}}


def _message(problem: Problem) -> str:
    # The page prints one body for every 401, whatever is wrong with the token.
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return "Authentication required"
    return problem.detail
