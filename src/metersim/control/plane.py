"""From a request to the control plane to the function that answers it, by its own contract."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import parse_qsl

from metersim.bundled import bundled
from metersim.contract.document import load
from metersim.contract.operation import Operation
from metersim.control import clock, faults, history, requests, server, sessions, world
from metersim.control.call import ControlCall
from metersim.errors import ContractError, ControlError, DefectError, ScenarioError, nearest
from metersim.exact_json import decode
from metersim.reading import Json
from metersim.simulation.call import Reply, Request
from metersim.simulation.following import Feed, Waiting
from metersim.simulation.pipeline import content_encoding
from metersim.simulation.sessions import Sessions
from metersim.simulation.vendor import Vendor

_log = logging.getLogger("metersim")

# Most answer at once; what is waited for or streamed, whoever has the connection carries out.
_BEHAVIOURS: Mapping[str, Callable[[ControlCall], Json | Reply | Waiting | Feed]] = {
    "getHealth": server.get_health,
    "getVersion": server.get_version,
    "getFidelity": server.get_fidelity,
    "listSessions": sessions.list_sessions,
    "openSession": sessions.open_session,
    "closeSession": sessions.close_session,
    "reset": world.reset,
    "getScenario": sessions.get_scenario,
    "replaceScenario": sessions.replace_scenario,
    "getState": world.get_state,
    "getInvariants": world.get_invariants,
    "listChanges": history.list_changes,
    "replayChanges": history.replay_changes,
    "listSnapshots": history.list_snapshots,
    "takeSnapshot": history.take_snapshot,
    "clearSnapshots": history.clear_snapshots,
    "removeSnapshot": history.remove_snapshot,
    "restoreSnapshot": history.restore_snapshot,
    "explain": world.explain,
    "getSettings": world.get_settings,
    "updateSettings": world.update_settings,
    "getClock": clock.get_clock,
    "setClock": clock.set_clock,
    "advanceClock": clock.advance_clock,
    "listFaults": faults.list_faults,
    "addFault": faults.add_fault,
    "clearFaults": faults.clear_faults,
    "removeFault": faults.remove_fault,
    "listRequests": requests.list_requests,
    "searchRequests": requests.search_requests,
    "clearRequests": requests.clear_requests,
    "resetRequests": requests.clear_requests,
    "countRequests": requests.count_requests,
    "findRequests": requests.find_requests,
    "removeRequests": requests.remove_matching_requests,
    "listUnmatchedRequests": requests.list_unmatched_requests,
    "listUnmatchedNearMisses": requests.list_unmatched_near_misses,
    "findNearMisses": requests.find_near_misses,
    "waitForRequests": requests.wait_for_requests,
    "exportRequests": requests.export_requests,
    "streamRequests": requests.stream_requests,
    "getRequest": requests.get_request,
    "removeRequest": requests.remove_request,
}


class ControlPlane:
    """Answers ``/__admin/…``, of one session or of the default one, to whoever holds the token."""

    def __init__(self, sessions: Sessions, vendors: Mapping[str, Vendor], token: str) -> None:
        self._sessions = sessions
        self._vendors = vendors
        self._token = token
        self._contract = load(bundled("openapi") / "control.yaml", own=True)
        for operation in sorted(self._contract.operations.keys() ^ _BEHAVIOURS.keys()):
            raise ContractError(f"control plane: {operation!r} is in document or code alone")

    @property
    def operations(self) -> Sequence[Operation]:
        """What it does, in the order of its document."""
        return list(self._contract.operations.values())

    def answer(self, session: str, request: Request) -> Reply | Waiting | Feed:
        """Answer one request; its path is what follows ``/__admin``. Never raises."""
        try:
            return self._answered(session, request)
        except (ControlError, ScenarioError) as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        except Exception as error:
            return _defect(error, f"{request.method} {request.path}")

    def _answered(self, session: str, request: Request) -> Reply | Waiting | Feed:
        presented = request.headers.get("authorization", "")
        if not compare_digest(presented.encode(), f"Bearer {self._token}".encode()):
            return _refusal(
                HTTPStatus.UNAUTHORIZED, "expected `Authorization: Bearer <admin token>`"
            )
        found = self._contract.match(request.path.rstrip("/"))
        if found is None:
            known = sorted({operation.path for operation in self.operations})
            told = f"no route {request.path!r}; {nearest(request.path, known)}"
            return _refusal(HTTPStatus.NOT_FOUND, told)
        route, path = found
        if request.method not in route.operations:
            allowed = ", ".join(sorted(route.operations))
            told = f"allowed: {allowed}"
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, told, {"Allow": allowed})
        if request.body is None:
            return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request body is too large")
        if request.body and (encoding := content_encoding(request)) is not None:
            told = f"expected a body without content encoding, found {encoding}"
            return _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told)
        return self._behave(route.operations[request.method], session, path, request)

    def settle(self, waiting: Waiting) -> Reply:
        """Answer what was waited for, whether or not it came."""
        operation = self._contract.operations["waitForRequests"]
        try:
            return _judged(operation, Reply(waiting.answer()))
        except ControlError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        except Exception as error:
            return _defect(error, operation.id)

    def _behave(
        self, operation: Operation, name: str, path: Mapping[str, str], request: Request
    ) -> Reply | Waiting | Feed:
        body, query = _parsed(operation, request)
        inputs, violations = operation.read(path, query, body)
        if violations:
            raise ControlError("; ".join(map(str, violations)))
        call = ControlCall(
            self._sessions, self._vendors, name, inputs.path, inputs.query, inputs.body
        )
        answer = _BEHAVIOURS[operation.id](call)
        if isinstance(answer, (Waiting, Feed)):
            return answer
        return _judged(operation, answer if isinstance(answer, Reply) else Reply(answer))


def _parsed(operation: Operation, request: Request) -> tuple[Json, list[tuple[str, str]]]:
    """Body and query as data; ControlError where they are none."""
    try:
        body = decode(request.body) if request.body else {} if operation.body else None
    except ValueError as error:
        raise ControlError(f"body: expected JSON, found otherwise: {error}") from None
    try:
        return body, parse_qsl(request.query, keep_blank_values=True, max_num_fields=1_000)
    except ValueError as error:
        raise ControlError(f"query: cannot be read: {error}") from None


def _judged(operation: Operation, reply: Reply) -> Reply:
    violations = operation.judge_reply(reply.status, reply.media_type, reply.body, reply.headers)
    if violations:
        raise DefectError(f"{operation.id}: {'; '.join(map(str, violations))}")
    return reply


def _defect(error: Exception, where: str) -> Reply:
    """What went wrong here is said to be ours, and not the caller's."""
    _log.error("defect in the control plane: %s", where, exc_info=error)
    return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, f"metersim defect: {error!r}")


def _refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply({"error": message}, status, headers=headers or {})
