"""Faults as they are seen from outside, by a plain socket."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from starlette.testclient import TestClient

from metersim import Simulator
from metersim.errors import ControlError
from metersim.server import set_up
from tests.simulation.trouble import USAGE

BEFORE = ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "RANDOM_DATA_THEN_CLOSE"]
AFTER = ["MALFORMED_RESPONSE_CHUNK", "TRUNCATED_BODY", "ANSWER_LOST"]


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator("docs-metronome") as sim:
        yield sim


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    yield running
    running.reset()


def connected(sim: Simulator) -> socket.socket:
    host, _, port = sim.url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)))


def request(path: str = "/metronome/v1/usage", body: Any = USAGE) -> bytes:
    content = json.dumps(body).encode()
    head = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Authorization: Bearer metersim-token",
        f"Content-Length: {len(content)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + content


def received(there: socket.socket) -> bytes:
    """All that comes until the other side closes; OSError where it is reset."""
    return b"".join(iter(lambda: there.recv(65_536), b""))


def exchanged(sim: Simulator, sent: bytes | None = None) -> tuple[bytes, bytes]:
    """Head and body of what comes back, as it came."""
    with connected(sim) as there:
        there.sendall(request() if sent is None else sent)
        head, _, body = received(there).partition(b"\r\n\r\n")
    return head, body


def length(head: bytes) -> int:
    found = re.search(rb"content-length: (\d+)", head)
    assert found
    return int(found[1])


def test_a_reset_is_a_reset_and_no_end(sim: Simulator) -> None:
    sim.faults.add(fault="CONNECTION_RESET_BY_PEER")
    with pytest.raises(ConnectionResetError):
        exchanged(sim)


@pytest.mark.parametrize("fault", ["EMPTY_RESPONSE", "ANSWER_LOST"])
def test_nothing_comes_back(sim: Simulator, fault: str) -> None:
    sim.faults.add(fault=fault)
    assert exchanged(sim) == (b"", b"")


def test_garbage_is_no_http_and_the_same_again(sim: Simulator) -> None:
    sim.faults.add(fault="RANDOM_DATA_THEN_CLOSE")
    garbage, _ = exchanged(sim)
    assert len(garbage) == 64
    assert min(garbage) >= 0x80
    assert exchanged(sim) == (garbage, b"")


def test_a_malformed_chunk_follows_a_sound_one(sim: Simulator) -> None:
    whole = exchanged(sim)[1]
    sim.faults.add(fault="MALFORMED_RESPONSE_CHUNK")
    head, body = exchanged(sim)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"transfer-encoding: chunked" in head
    size, _, rest = body.partition(b"\r\n")
    chunk, end, garbage = rest[: int(size, 16)], rest[int(size, 16) :][:2], rest[-64:]
    assert (chunk, end) == (whole[: len(chunk)], b"\r\n")
    assert min(garbage) >= 0x80


def test_a_truncated_body_is_shorter_than_it_says(sim: Simulator) -> None:
    whole = exchanged(sim)[1]
    sim.faults.add(fault="TRUNCATED_BODY")
    head, body = exchanged(sim)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert length(head) == len(whole)
    assert body == whole[: len(whole) // 2]


@pytest.mark.parametrize("count", [1, 3, 7])
def test_a_dribble_comes_in_so_many_chunks(sim: Simulator, count: int) -> None:
    whole = exchanged(sim)[1]
    dribble = {"numberOfChunks": count, "totalDuration": 5}
    sim.faults.add(delay={"fixedDelayMilliseconds": 1, "chunkedDribbleDelay": dribble})
    head, body = exchanged(sim)
    assert b"transfer-encoding: chunked" in head
    chunks = []
    while body != b"0\r\n\r\n":
        size, _, body = body.partition(b"\r\n")
        chunks.append(body[: int(size, 16)])
        body = body[int(size, 16) + 2 :]
    assert (len(chunks), b"".join(chunks)) == (count, whole)
    assert max(map(len, chunks)) - min(map(len, chunks)) <= 1


def test_of_a_body_that_is_smaller_than_its_chunks_each_byte_is_one(sim: Simulator) -> None:
    dribble = {"numberOfChunks": 1_000, "totalDuration": 1}
    sim.faults.add(problem={"status": 500, "message": "x"}, times=1)
    sim.faults.add(delay={"chunkedDribbleDelay": dribble})
    head, body = exchanged(sim)
    assert head.startswith(b"HTTP/1.1 500")
    assert body.count(b"1\r\n") == len(b'{"message":"x"}')


def test_who_waits_keeps_nobody_waiting(sim: Simulator) -> None:
    sim.faults.add(id="late", delay={"fixedDelayMilliseconds": 60_000}, times=1)
    with connected(sim) as late:
        late.sendall(request())
        sim.journal.wait(1)
        assert exchanged(sim)[0].startswith(b"HTTP/1.1 200 OK")
        late.setblocking(False)
        with pytest.raises(BlockingIOError):
            late.recv(1)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_after_a_broken_connection_the_next_is_sound(
    sim: Simulator, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    sim.faults.add(fault=fault, times=1)
    for expected in (b"", b"HTTP/1.1 200 OK"):
        try:
            head, _ = exchanged(sim)
        except ConnectionResetError:
            head = b""
        assert head.startswith(expected)
    # The server takes nothing of it for a defect.
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def test_a_caller_that_sends_its_next_call_along_is_cut_off_too(sim: Simulator) -> None:
    sim.faults.add(fault="EMPTY_RESPONSE")
    two = request().replace(b"Connection: close", b"Connection: keep-alive") * 2
    with suppress(ConnectionResetError):  # as the second may not have been read
        assert exchanged(sim, two) == (b"", b"")


def test_in_process_a_broken_connection_is_told_and_a_delay_is_kept() -> None:
    setup = set_up("docs-metronome", admin_token="admin")
    client = TestClient(setup.application.asgi, base_url="http://127.0.0.1")
    admin, token = ({"authorization": f"Bearer {each}"} for each in ("admin", "metersim-token"))
    client.post("/__admin/faults", headers=admin, json={"fault": "EMPTY_RESPONSE", "times": 1})
    with pytest.raises(ControlError, match="EMPTY_RESPONSE breaks a connection, and there is none"):
        client.post("/metronome/v1/usage", headers=token, json=USAGE)
    delay = {"fixedDelayMilliseconds": 1}
    client.post("/__admin/faults", headers=admin, json={"delay": delay})
    assert client.post("/metronome/v1/usage", headers=token, json=USAGE).status_code == 200
