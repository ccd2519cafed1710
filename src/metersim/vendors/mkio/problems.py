"""MK.IO's error shape: one envelope for every failure."""

from __future__ import annotations

from http import HTTPStatus

from metersim.reading import Json
from metersim.simulation.problems import Problem

# Spelt here and not taken from HTTPStatus, whose names for 413 differ between versions of Python.
_CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "payload_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many_requests",
}


def problem_body(problem: Problem, call_id: str) -> Json:
    """``ref`` is the id of the call, by which the vendor's support would find it."""
    error = {
        "code": problem.code or _CODES.get(problem.status, "internal_error"),
        "detail": problem.detail,
        "extraDetail": problem.fields or None,
    }
    return {"error": error, "status": int(problem.status), "ref": call_id}
