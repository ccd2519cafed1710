"""Whatever a target does, a call to it ends in bounded time and memory, in plain words."""

from __future__ import annotations

import gzip
import socket

import pytest

from metersim.checker.pace import Pace, interval
from metersim.checker.target import Target, TooManyCalls, Unanswered
from metersim.contract.exchange import Asked
from metersim.errors import ControlError
from tests.checker.hostile import JSON_HEAD, hostile, reply
from tests.checker.machine import Machine

ASKED = Asked("GET", "/api/billing/usage?metrics=api_calls")


def unanswered(url: str, seconds: float = 5.0) -> str:
    with Target(url, seconds=seconds) as target, pytest.raises(Unanswered) as raised:
        target.send(ASKED)
    return raised.value.reason


def test_a_host_that_nobody_listens_at_is_named_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert "refused" in unanswered(f"http://127.0.0.1:{port}").lower()


def test_a_name_that_nobody_has_is_no_traceback() -> None:
    assert unanswered("http://no-such-host.invalid")


def test_a_connection_that_closes_at_once_is_no_answer() -> None:
    with hostile(b"") as url:
        assert unanswered(url).startswith("no HTTP")


def test_what_is_no_http_is_no_answer() -> None:
    with hostile(b"\x00\xff" * 100) as url:
        assert unanswered(url).startswith("no HTTP")


def test_plain_text_where_tls_is_expected_is_no_answer() -> None:
    with hostile(reply("200 OK")) as url:
        assert unanswered(url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"", b""),
        (JSON_HEAD + b"\r\n", b" "),
        (JSON_HEAD + b"X-Long: ", b"a"),
    ],
    ids=("silent", "body without end", "header without end"),
)
def test_a_reply_without_end_ends_with_the_time_for_it(first: bytes, then: bytes) -> None:
    with hostile(first, then, pause=0.01, stays=True) as url:
        assert unanswered(url, seconds=0.2) == "no whole reply within 0.2 s"


def test_a_reply_of_a_gigabyte_is_not_read_to_its_end() -> None:
    head = JSON_HEAD + b"Content-Length: 1000000000\r\n\r\n"
    with hostile(head, b" " * 1_000_000) as url:
        assert unanswered(url).startswith("a reply of more than")


def test_a_packed_reply_is_bounded_by_what_comes_out_of_it() -> None:
    packed = gzip.compress(b" " * 20_000_000)
    with hostile(reply("200 OK", packed, "Content-Encoding: gzip")) as url:
        assert unanswered(url).startswith("a reply of more than")


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with (
        hostile(reply("302 Found", b"", "Location: http://127.0.0.1:1/")) as url,
        Target(url) as target,
    ):
        assert target.send(ASKED).status == 302


def test_no_more_calls_are_made_than_may_be() -> None:
    with hostile(reply("200 OK")) as url, Target(url, most_calls=2) as target:
        target.send(ASKED)
        target.send(ASKED)
        with pytest.raises(TooManyCalls):
            target.send(ASKED)
    assert target.calls == 2


def test_a_429_is_waited_out_as_long_as_it_says_and_asked_again() -> None:
    machine = Machine()
    pace = Pace(now=machine.now, pause=machine.pause)
    with (
        hostile(reply("429 Too Many Requests", b"", "Retry-After: 7")) as url,
        Target(url, pace) as target,
    ):
        answered = target.send(ASKED)
    assert answered.status == 429
    assert machine.waits == [7.0] * 5
    assert target.calls == 6


def test_an_impatient_call_takes_a_429_for_its_answer() -> None:
    machine = Machine()
    pace = Pace(interval("1/h"), now=machine.now, pause=machine.pause)
    with (
        hostile(reply("429 Too Many Requests", b"", "Retry-After: 7")) as url,
        Target(url, pace) as target,
    ):
        target.send(Asked("GET", "/", patient=False))
    assert machine.waits == []


def test_a_429_that_asks_for_an_hour_is_not_waited_for() -> None:
    machine = Machine()
    pace = Pace(now=machine.now, pause=machine.pause)
    assert not pace.asked_to_wait(429, {"retry-after": "3600"})
    assert not pace.asked_to_wait(429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"})
    assert machine.waits == []


def test_calls_go_out_at_the_rate_that_was_asked_for() -> None:
    machine = Machine()
    pace = Pace(interval("4/s"), now=machine.now, pause=machine.pause)
    for _ in range(4):
        pace.wait()
    assert machine.waits == [0.25, 0.25, 0.25]


@pytest.mark.parametrize(("rate", "seconds"), [("5/s", 0.2), ("30/m", 2.0), ("0.5/h", 7_200.0)])
def test_a_rate_is_calls_in_a_unit_of_time(rate: str, seconds: float) -> None:
    assert interval(rate) == pytest.approx(seconds)


@pytest.mark.parametrize("rate", ["fast", "0/s", "5", "5/d", "-1/s"])
def test_a_rate_that_is_none_says_what_one_looks_like(rate: str) -> None:
    with pytest.raises(ControlError, match="expected calls per s, m or h, as 5/s; found"):
        interval(rate)
