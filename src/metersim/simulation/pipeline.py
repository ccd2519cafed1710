"""How a call travels: every vendor's every call takes these steps, in this order."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from metersim.contract.document import Route
from metersim.contract.operation import Operation
from metersim.errors import ControlError, DefectError
from metersim.exact_json import decode, levels
from metersim.reading import Json
from metersim.simulation.call import Call, Reply, Request
from metersim.simulation.credentials import authenticate
from metersim.simulation.faults import FaultPlan
from metersim.simulation.limits import Limiter
from metersim.simulation.notes import Notes
from metersim.simulation.problems import Problem, invalid, violated
from metersim.simulation.steering import steered, unheeded
from metersim.simulation.trouble import NO_ANSWER, Trouble
from metersim.simulation.vendor import Vendor
from metersim.world.world import World

_log = logging.getLogger("metersim")


def answer(
    vendor: Vendor,
    request: Request,
    world: World,
    call_id: str,
    limiter: Limiter | None = None,
    notes: Notes | None = None,
    faults: FaultPlan | None = None,
) -> Reply:
    """Answer one request to a vendor from a world; without a limiter, as often as asked.

    How that was decided goes into the notes. Never raises.
    """
    notes = notes or Notes()
    try:
        reply = _answered(vendor, request, world, call_id, limiter, notes, faults or FaultPlan())
        notes.disturbed(reply.transmission)
        return reply
    except ControlError as error:
        # Who steers or disturbs the call wants what cannot be; no vendor has words for that.
        notes.trace.append(str(error))
        return unheeded(error)
    except Exception as error:
        notes.failed(error)
        # A defect of ours is said in plain words and never dressed up as the vendor's.
        _log.exception("defect in %s: %s %s", vendor.name, request.method, request.path)
        defect = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"metersim defect: {error!r}")
        try:
            return Reply(vendor.problem_body(defect, call_id), defect.status)
        except Exception:  # which may have been the defect
            return Reply({"error": defect.detail}, defect.status)


def _answered(
    vendor: Vendor,
    request: Request,
    world: World,
    call_id: str,
    limiter: Limiter | None,
    notes: Notes,
    faults: FaultPlan,
) -> Reply:
    route: Route | None = None
    operation: Operation | None = None
    trouble = Trouble()
    try:
        # 1. Find the operation: an unknown path is 404, a known one with another method 405.
        route, path = _match(vendor, request)
        operation = _operation(route, request)
        notes.matched(operation)
        # 2. Ask the fault plan what stands in the way, whoever calls and whatever for.
        notes.asks("a fault")
        trouble = faults.meet(vendor.name, operation, request, world)
        if trouble.cuts_off():
            return trouble.befalls(NO_ANSWER, operation, request)
        # 3. Answer as the caller prefers, or as the vendor would.
        notes.asks("the caller's preference")
        reply = steered(operation, request)
        if reply is None:
            reply = _worked(vendor, operation, path, request, world, call_id, limiter, notes)
        notes.answered(reply.status)
        # The work is done, and a fault may have the vendor say otherwise.
        notes.asks("a fault")
        trouble.denies()
    except Problem as problem:
        # 8. A refusal, in the vendor's own words.
        notes.refused(problem, request.method, operation or route, vendor.rules)
        body = vendor.problem_body(problem, call_id)
        reply = Reply(body, problem.status, headers=problem.headers)
        # No document says how to answer what is in none, or what is in one and not simulated.
        if operation is None or problem.status == HTTPStatus.NOT_IMPLEMENTED:
            return reply
    # 9. Hold our own reply to the contract.
    if any(isinstance(value, float) for level in levels(reply.body) for value in level):
        raise DefectError(f"{operation.id}: a float in the reply, where every number is exact")
    violations = operation.judge_reply(reply.status, reply.media_type, reply.body, reply.headers)
    if violations:
        raise DefectError(f"{operation.id}: {'; '.join(map(str, violations))}")
    # 10. Ask the fault plan again: what is right may yet be late, cut, lost or defective.
    return trouble.befalls(reply, operation, request)


def _worked(
    vendor: Vendor,
    operation: Operation,
    path: Mapping[str, str],
    request: Request,
    world: World,
    call_id: str,
    limiter: Limiter | None,
    notes: Notes,
) -> Reply:
    """What the vendor itself does with a call, or a Problem."""
    # 4. Count the call, where the vendor's rate limits are on: whoever makes it.
    if limiter is not None:
        notes.asks("the rate limits")
        limiter.admit(vendor.limits, operation, path, request, world.now)
    # 5. Let the caller in.
    notes.asks("the credentials")
    credential = authenticate(operation, request.headers, world)
    vendor.admit(path, credential, world)
    notes.let_in(credential)
    # 6. Read the request and hold it to the contract.
    notes.asks("the contract")
    body, query = _parsed_body(operation, request), _parsed_query(request)
    inputs, violations = operation.read(path, query, body)
    notes.departs(violations or operation.let_pass(query, body))
    if violations:
        raise violated(violations)
    # 7. Behave.
    notes.asks("the behaviour")
    if operation.id not in vendor.behaviours:
        reason = vendor.not_simulated[operation.id]
        raise Problem(HTTPStatus.NOT_IMPLEMENTED, f"{operation.id} is not simulated: {reason}")
    call = Call(
        operation, inputs.path, inputs.query, inputs.body, credential, request.base_url, call_id
    )
    return vendor.behaviours[operation.id](call, world)


def _match(vendor: Vendor, request: Request) -> tuple[Route, dict[str, str]]:
    found = vendor.contract.match(request.path)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"Unknown path: {request.path}")
    return found


def _operation(route: Route, request: Request) -> Operation:
    operation = route.operations.get(request.method)
    if operation is None:
        allowed = ", ".join(sorted(route.operations))
        raise Problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"{request.method} is not allowed here; allowed: {allowed}",
            headers={"Allow": allowed},
        )
    return operation


def _parsed_query(request: Request) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            request.query, keep_blank_values=True, errors="strict", max_num_fields=1_000
        )
    except ValueError as error:
        raise invalid("query", f"cannot be read: {error}") from None


def _parsed_body(operation: Operation, request: Request) -> Json:
    """The body as exact JSON data; None when there is none."""
    if operation.body is None:
        return None
    if request.body is None:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request body is too large")
    if not request.body:
        return None
    if (encoding := content_encoding(request)) is not None:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Expected a body without content encoding, found {encoding}",
            headers={"Accept-Encoding": "identity"},
        )
    # A body without a content type is taken for what the operation takes.
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given and given not in operation.body.media:
        expected = ", ".join(operation.body.media)
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Expected content type {expected}, found {given}"
        )
    try:
        return decode(request.body)
    except ValueError as error:
        raise invalid("body", f"expected JSON, found otherwise: {error}") from None


def content_encoding(request: Request) -> str | None:
    """What the body is packed with, None where it is not: nobody here unpacks it."""
    found = request.headers.get("content-encoding", "").strip().lower()
    return None if found in ("", "identity") else found
