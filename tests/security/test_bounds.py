"""Nothing that is sent takes for ever, nor room without end.

Here is what crosses the whole simulator; what one part bounds stands with that part. Patterns:
``simulation/test_matchers.py``. Bodies: ``test_server.py``, ``simulation/test_bodies.py``. YAML:
``test_reading.py``. Journals: ``simulation/test_journal.py``, ``test_ceiling.py``. Sessions:
``test_server.py``. Uploads: ``control/test_openings.py``.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from metersim import Simulator
from metersim.errors import ControlError
from metersim.simulation.journal import BOUNDS
from metersim.transmitting import MOST_HEAD_BYTES
from tests.wire import simulate

pytestmark = pytest.mark.inside

PIECE = b"a" * 10_000
# A backtracking engine needs longer than the universe is old for each of these.
CATASTROPHIC = ("(a+)+$", "(a|a)*b", "([a-z]+)*=", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){25}b")
LONG = "a" * 50_000 + "!"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator("docs-saas") as running:
        yield running


def cut_off(sim: Simulator, *head: bytes) -> bool:
    """Whether the server hangs up on a head while it is still sent."""
    host, port = sim.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        try:
            for piece in head:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            return client.recv(65_536).startswith(b"HTTP/1.1 431")
        except OSError:  # a reset, which may take the answer along
            return True


@pytest.mark.parametrize(
    "begin",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-",
    ],
    ids=["target", "value", "name"],
)
def test_a_head_that_does_not_end_is_cut_off(sim: Simulator, begin: bytes) -> None:
    assert cut_off(sim, begin, *[PIECE] * 800)
    assert httpx.get(sim.url).status_code == 200


def test_headers_without_end_are_cut_off(sim: Simulator) -> None:
    many = (b"X-%d: %b\r\n" % (number, PIECE) for number in range(800))
    assert cut_off(sim, b"GET / HTTP/1.1\r\nHost: localhost\r\n", *many)


def test_a_large_head_that_ends_and_a_body_in_many_pieces_are_no_endless_head(
    sim: Simulator,
) -> None:
    headers = {"x-long": "a" * (MOST_HEAD_BYTES // 2)}
    with httpx.Client(headers=headers) as client:
        for _ in range(3):
            reply = client.post(f"{sim.saas.url}/x", content=(PIECE for _ in range(100)))
            assert reply.status_code == 404
            assert client.get(sim.url).status_code == 200


@pytest.mark.parametrize("expression", CATASTROPHIC)
def test_no_pattern_takes_for_ever_wherever_one_is_taken(expression: str) -> None:
    sim = simulate("docs-saas")
    pattern = {
        "urlPathPattern": expression,
        "headers": {"x-long": {"matches": expression}},
        "bodyPatterns": [
            {"matches": expression},
            {"matchesJsonPath": f"$[?@.a == '{LONG[:900]}']"},
        ],
    }
    sim.faults.add(fault="EMPTY_RESPONSE", request={"urlPathPattern": expression})
    saas = sim.caller("saas")
    saas.send("GET", f"/api/billing/usage/{LONG}", headers={"x-long": LONG})
    assert saas.send("GET", "/api/billing/usage", headers={"x-long": LONG}).status == 200
    assert sim.control("POST", "requests/find", pattern)["requests"] == []
    assert len(sim.control("POST", "near-misses/request-pattern", pattern)["nearMisses"]) == 2
    waited = {"pattern": pattern, "timeoutMilliseconds": 0}
    assert sim.control("POST", "requests/wait", waited)["met"] is False


@pytest.mark.parametrize(
    "path", ["$" + "..*" * 300, "$[?" + "@..a && " * 100 + "@.a]", "$[?match(@.a, '(a+)+$')]"]
)
def test_no_path_takes_for_ever(path: str) -> None:
    sim = simulate("docs-saas")
    sim.caller("saas").post("/x", {"a": [[{"a": [1] * 30}] * 30] * 30})
    pattern = {"bodyPatterns": [{"matchesJsonPath": path}]}
    with pytest.raises(
        ControlError, match=r"takes more than|searches too deep|expected a JSONPath"
    ):
        sim.control("POST", "requests/find", pattern)


def test_what_a_session_keeps_of_endless_calls_has_an_end() -> None:
    sim = simulate("docs-saas")
    for _ in range(300):
        sim.caller("saas").send("POST", "/x", b"a" * BOUNDS.body)
    told = sim.control("POST", "requests/count", {})
    assert told["count"] * BOUNDS.body <= BOUNDS.bytes
    assert told["count"] + told["meta"]["dropped"] == 300
