"""One reply as its caller wants it: ``Prefer: code=…, example=…``, as Prism has it.

Who cannot set headers puts ``__code`` and ``__example`` into the query.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import parse_qsl

from metersim.contract.operation import Operation
from metersim.errors import ControlError, nearest
from metersim.simulation.call import Reply, Request
from metersim.simulation.problems import deliberate

_KEYS = ("code", "example")
# RFC 7240; whatever else is preferred there is not for us.
_PREFERENCE = re.compile(r'(?:^|[,;\s])(code|example)\s*=\s*(?:"([^"]*)"|([^\s,;"]*))', re.I)


def steered(operation: Operation, request: Request) -> Reply | None:
    """The reply that the caller prefers, None where the vendor is to decide.

    Problem, for the vendor to word, where that is what is preferred; ControlError for a preference
    that the document has nothing for.
    """
    wanted = _preferences(operation, request)
    if not wanted:
        return None
    status = None if "code" not in wanted else _documented(operation, wanted["code"])
    if "example" in wanted:
        return _example(operation, status, wanted["example"])
    assert status is not None
    if status >= HTTPStatus.BAD_REQUEST:
        raise deliberate(HTTPStatus(status))
    if not operation.responses[status]:
        return Reply(None, status)
    if not operation.examples.get(status):
        raise ControlError(f"code: {operation.id} prints no example of {status}")
    return _example(operation, status, None)


def unheeded(error: ControlError) -> Reply:
    """A problem document (RFC 9457): what was asked of the simulator, and not of the vendor."""
    status = HTTPStatus.BAD_REQUEST
    body = {"type": "about:blank", "title": status.phrase, "status": 400, "detail": str(error)}
    return Reply(body, status, "application/problem+json")


def _preferences(operation: Operation, request: Request) -> dict[str, str]:
    header = request.headers.get("prefer", "")
    if not header and "__" not in request.query:
        return {}
    found = {key.lower(): quoted or bare for key, quoted, bare in _PREFERENCE.findall(header)}
    declared = {each.name for each in operation.parameters}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name.startswith("__") and name not in declared:
            if name[2:] not in _KEYS:
                told = nearest(name, (f"__{key}" for key in _KEYS))
                raise ControlError(f"{name!r} is not known here; {told}")
            found[name[2:]] = value
    return found


def _documented(operation: Operation, code: str) -> int:
    known = {str(status): status for status in operation.responses}
    if code not in known:
        raise ControlError(f"code: {operation.id} never answers {code!r}; {nearest(code, known)}")
    return known[code]


def _example(operation: Operation, status: int | None, name: str | None) -> Reply:
    """The example of this name, or else the first, of the status or else of any."""
    statuses = operation.examples if status is None else [status]
    shown: dict[str, Reply] = {}
    for each in statuses:
        for key, example in operation.examples.get(each, {}).items():
            shown.setdefault(key, Reply(example.value, each, example.media_type))
    chosen = next(iter(shown), "") if name is None else name
    if chosen not in shown:
        told = nearest(chosen, shown)
        raise ControlError(f"example: {operation.id} prints no {chosen!r} there; {told}")
    return shown[chosen]
