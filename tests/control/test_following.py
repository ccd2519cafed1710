"""Waiting and following over a socket: nobody else is held up, and both end with their client."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from metersim import Simulator
from metersim.app import Application
from metersim.client import SessionHandle
from metersim.server import set_up
from metersim.simulation.call import Request
from metersim.simulation.following import Feed, Waiting

MOST_WAITING = 16


def admin(sim: Simulator) -> dict[str, str]:
    return {"authorization": f"Bearer {sim.admin_token}"}


def ask(handle: SessionHandle) -> httpx.Response:
    return httpx.get(f"{handle.saas.url}/api/billing/usage")


@contextmanager
def following(sim: Simulator, session: str = "") -> Iterator[Iterator[str]]:
    """The lines of a stream, once it has begun."""
    url = f"{sim.url}{session}/__admin/requests/stream"
    with httpx.stream("GET", url, headers=admin(sim), timeout=10) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        lines = reply.iter_lines()
        assert [next(lines), next(lines)] == [": following", ""]
        yield lines


def event(lines: Iterator[str]) -> tuple[str, Any]:
    fields = dict(line.split(": ", 1) for line in iter(lambda: next(lines), ""))
    return fields["event"], json.loads(fields["data"])


def test_a_stream_tells_of_each_call_as_it_is_made_and_of_no_other_session() -> None:
    with Simulator("docs-saas") as sim, following(sim) as lines, following(sim, "/s/b") as others:
        for handle in (sim, sim.session("b"), sim):
            reply = ask(handle)
            kind, told = event(others if handle is not sim else lines)
            assert (kind, told["id"]) == ("request", reply.headers["x-metersim-request-id"])


def test_a_stream_is_behind_the_token() -> None:
    with Simulator("docs-saas") as sim:
        assert httpx.get(f"{sim.url}/__admin/requests/stream").status_code == 401


def test_a_stream_ends_with_its_session() -> None:
    with Simulator("docs-saas") as sim, following(sim, "/s/b") as lines:
        sim.control("DELETE", "sessions", {"name": "b"})
        assert list(lines) == []


def test_an_open_stream_does_not_hold_the_server_up(caplog: pytest.LogCaptureFixture) -> None:
    with ExitStack() as open_longer:
        with Simulator("docs-saas") as sim:
            lines = open_longer.enter_context(following(sim))
        assert list(lines) == []
    assert not caplog.records


def test_who_waits_is_let_go_when_the_server_stops() -> None:
    setup = set_up("docs-saas", admin_token="admin")
    headers = {"authorization": "Bearer admin"}
    asked = Request("POST", "/__admin/requests/wait", "", headers, b'{"pattern": {}}')
    waiting, _ = setup.application.begin(asked)
    assert isinstance(waiting, Waiting)
    setup.application.close()
    assert waiting.met.done()
    assert setup.application.settle(waiting).body["met"] is False


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [("POST", "wait", b'{"pattern": {}}'), ("GET", "stream", b"")],
)
def test_who_comes_as_the_server_stops_waits_for_nothing(
    method: str, route: str, body: bytes
) -> None:
    setup = set_up("docs-saas", admin_token="admin")
    setup.application.close()
    headers = {"authorization": "Bearer admin"}
    for path in (f"/__admin/requests/{route}", f"/s/new/__admin/requests/{route}"):
        begun, _ = setup.application.begin(Request(method, path, "", headers, body))
        assert isinstance(begun, (Feed, Waiting))
        assert begun.ended if isinstance(begun, Feed) else begun.met.done()
    setup.application.open()
    begun, _ = setup.application.begin(Request(method, path, "", headers, body))
    assert isinstance(begun, (Feed, Waiting))
    assert not (begun.ended if isinstance(begun, Feed) else begun.met.done())


def test_a_wait_that_arrives_while_the_server_stops_is_answered_and_no_error(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = Application.close

    def closed(application: Application) -> None:
        close(application)
        late.sendall(b": {}}")

    monkeypatch.setattr(Application, "close", closed)
    with socket.socket() as late:
        with Simulator("docs-saas") as sim:
            host, port = sim.url.removeprefix("http://").split(":")
            late.connect((host, int(port)))
            head = [
                "POST /__admin/requests/wait HTTP/1.1",
                f"Host: {host}",
                f"Authorization: {admin(sim)['authorization']}",
                "Content-Length: 15",
            ]
            late.sendall("\r\n".join([*head, "", '{"pattern"']).encode())
            assert httpx.get(sim.url).status_code == 200  # what was sent before has arrived
        answer = b"".join(iter(lambda: late.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"met":false' in answer
    assert not caplog.records


def test_many_wait_at_once_and_calls_are_answered_meanwhile() -> None:
    with Simulator("docs-saas") as sim, ThreadPoolExecutor(MOST_WAITING) as pool:
        asked = {"pattern": {"urlPath": "/saas/done"}, "timeoutMilliseconds": 60_000}
        waiting = [
            pool.submit(
                httpx.post,
                f"{sim.url}/__admin/requests/wait",
                json=asked,
                headers=admin(sim),
                timeout=15,
            )
            for _ in range(MOST_WAITING)
        ]
        assert ask(sim).status_code == 401
        httpx.get(f"{sim.saas.url}/done")
        assert [each.result().json()["met"] for each in waiting] == [True] * MOST_WAITING


def test_a_wait_over_http_ends_with_its_time() -> None:
    with Simulator("docs-saas") as sim:
        asked = {"pattern": {}, "timeoutMilliseconds": 1}
        reply = httpx.post(f"{sim.url}/__admin/requests/wait", json=asked, headers=admin(sim))
        assert (reply.status_code, reply.json()["met"]) == (200, False)
