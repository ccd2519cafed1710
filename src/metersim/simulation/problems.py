"""A vendor's refusal: behaviour raises it, each vendor's ``problems.py`` words it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from metersim.errors import cut
from metersim.validation import Violation


class Problem(Exception):
    """An answer other than success: its status, why, and the fields that are to blame.

    ``fields`` maps the name of a body key or parameter to what is wrong with it. ``retry_after`` is
    in how many seconds another try is worth it. ``code`` stands in for the vendor's own. ``rule``
    is the id of the one that asks for it, where the book's own words do not tell.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after: int | None = None,
        code: str | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})
        self.retry_after = retry_after
        self.code = code
        self.rule = rule
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)


def invalid(field: str, message: str, *, rule: str | None = None) -> Problem:
    """400: one field, and what was expected of it."""
    detail, fields = f"{field}: {message}", {field: message}
    return Problem(HTTPStatus.BAD_REQUEST, detail, fields=fields, rule=rule)


def unauthorized(detail: str, challenge: str | None = None, *, rule: str | None = None) -> Problem:
    """401: the caller is not known; ``challenge`` names the HTTP authentication scheme to use."""
    headers = {} if challenge is None else {"WWW-Authenticate": challenge}
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers=headers, rule=rule)


def forbidden(detail: str, *, rule: str | None = None) -> Problem:
    """403: the caller is known, and may not."""
    return Problem(HTTPStatus.FORBIDDEN, detail, rule=rule)


def not_found(detail: str) -> Problem:
    """404: a thing that is named does not exist."""
    return Problem(HTTPStatus.NOT_FOUND, detail)


def conflict(detail: str) -> Problem:
    """409: the state of things forbids it."""
    return Problem(HTTPStatus.CONFLICT, detail)


def too_many_requests(wait: int) -> Problem:
    """429: nothing is wrong with the call, and it may be made again in so many seconds."""
    detail = f"Too many requests; try again in {wait} s"
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, retry_after=wait)


def unavailable(detail: str) -> Problem:
    """503: the vendor answers nobody here, whatever is asked."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)


def deliberate(
    status: HTTPStatus,
    detail: str | None = None,
    code: str | None = None,
    retry_after: int | None = None,
) -> Problem:
    """Any status, because somebody wants to see it.

    Of a 429 vendors say how long it lasts, and of a 400 which part of the request is to blame.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        retry_after = 1 if retry_after is None else retry_after
        detail = detail or too_many_requests(retry_after).detail
    detail = detail or status.phrase
    fields = {"body": detail} if status == HTTPStatus.BAD_REQUEST else {}
    return Problem(status, detail, fields=fields, retry_after=retry_after, code=code)


def violated(violations: Sequence[Violation]) -> Problem:
    """400: the request departs from the contract in these places."""
    fields: dict[str, str] = {}
    for violation in violations:
        # The caller knows its body's keys and its parameters by name, not by where we read them.
        name = ".".join(cut(str(step)) for step in violation.path[1:]) or str(violation.path[0])
        fields.setdefault(name, violation.message)
    detail = "; ".join(f"{field}: {message}" for field, message in fields.items())
    return Problem(HTTPStatus.BAD_REQUEST, detail, fields=fields)
