"""Makes an implementation show usage late, as one does that writes here and reads there."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.test import TestResponse

# What is read there, and what takes its time to come there.
_READS = ("/v1/usage", "/v1/usage/cost")
_TAKES_TIME = ("/v1/ingest", "/v1/events", "/v1/events/batch")


def lagging(front: Flask, back: Flask, lag: float, now: Callable[[], float]) -> Flask:
    """The front, which answers for usage as the back does, where events come so much later."""
    there = back.test_client()
    coming: list[tuple[float, Callable[[], object]]] = []

    def arrive() -> Response | None:
        while coming and coming[0][0] <= now():
            coming.pop(0)[1]()
        if request.path not in _READS:
            return None
        # Its limit takes two requests that differ to be a while apart, as these are.
        there.get("/", headers=dict(request.headers))
        reply = _passed_on()()
        return Response(reply.data, reply.status_code, reply.headers)

    @front.after_request
    def leave(reply: Response) -> Response:
        if request.method == "POST" and request.path not in _READS:
            late = lag if request.path in _TAKES_TIME else 0.0
            coming.append((now() + late, _passed_on()))
            coming.sort(key=lambda each: each[0])
        return reply

    def _passed_on() -> Callable[[], TestResponse]:
        path, method, data = request.full_path, request.method, request.get_data()
        headers = dict(request.headers)
        return lambda: there.open(path, method=method, data=data, headers=headers)

    # Before its own limit, which is of all that is read here.
    front.before_request_funcs.setdefault(None, []).insert(0, arrive)
    return front
