"""Mudbase's error shape: what went wrong in words and as a code, and details of it."""

from __future__ import annotations

from http import HTTPStatus

from metersim.reading import Json
from metersim.simulation.problems import Problem

# Mudbase's own words; a status it lists nowhere goes by its name in HTTP.
_WORDS = {
    HTTPStatus.BAD_REQUEST: ("Validation failed", "VALIDATION_ERROR"),
    HTTPStatus.UNAUTHORIZED: ("Authentication required", "UNAUTHORIZED"),
    HTTPStatus.FORBIDDEN: ("Access denied", "FORBIDDEN"),
    HTTPStatus.NOT_FOUND: ("Resource not found", "NOT_FOUND"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("Request body too large", "PAYLOAD_TOO_LARGE"),
    HTTPStatus.TOO_MANY_REQUESTS: ("Rate limit exceeded", "RATE_LIMITED"),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Internal server error", "INTERNAL_ERROR"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Service unavailable", "SERVICE_UNAVAILABLE"),
}


def problem_body(problem: Problem, call_id: str) -> Json:
    """``{"error", "code", "details", "requestId"}``; details name each field of a bad request.

    Its clients read in the body, and not in a header, how long to wait.
    """
    error, code = _WORDS.get(problem.status, (problem.status.phrase, problem.status.name))
    wait = {} if problem.retry_after is None else {"retryAfter": problem.retry_after}
    return {
        "error": error,
        "code": problem.code or code,
        "details": problem.fields or problem.detail,
        "requestId": f"req_{call_id.replace('-', '')[:16]}",
        **wait,
    }
