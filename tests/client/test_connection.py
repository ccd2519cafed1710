"""What goes wrong on the way to a control plane is one clear message, and no number is rounded."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from metersim import Simulator
from metersim.client import Client
from metersim.errors import ControlError


class Echo(BaseHTTPRequestHandler):
    """Sends back what it is sent, as the status that the token names; other paths say other things.

    ``/page`` is for people, ``/moved`` is elsewhere, ``/endless`` goes on, ``/odd`` makes no sense.
    """

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(int(self.headers["Authorization"].removeprefix("Bearer ")))
        if "/page" in self.path:
            content = b"<html>Welcome</html>"
            self.send_header("Content-Type", "text/html; charset=utf-8")
        if "/odd" in self.path:
            content = b": hello\n\nevent: request\ndata: {\n\n"
            self.send_header("Content-Type", "text/event-stream")
        if self.path.endswith("/moved"):
            self.send_header("Location", "/__admin/echo")
        if self.path.endswith("/endless"):
            self.send_header("Content-Encoding", "gzip")
            content = gzip.compress(bytes(10_000_000))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(url: str, token: str, path: str, data: object) -> Any:
    with Client(url, token=token) as client:
        return client.control("POST", path, data)


def test_numbers_go_and_come_as_they_are_written(url: str) -> None:
    data = {"cost": Decimal("0.10"), "tiny": Decimal("1E-30")}
    answered = ask(url, "200", "echo", data)
    assert {key: str(value) for key, value in answered.items()} == {"cost": "0.10", "tiny": "1E-30"}


def test_a_refusal_is_told_in_its_own_words_and_of_which_call(url: str) -> None:
    with pytest.raises(ControlError, match=r"^POST echo: not like this$"):
        ask(url, "400", "echo", {"error": "not like this"})


@pytest.mark.parametrize(
    ("status", "path", "found"),
    [
        ("200", "echo", "expected JSON, found no media type"),
        ("502", "echo", "POST echo got 502 Bad Gateway, no media type"),
        ("200", "page", "expected JSON, found text/html"),
        ("404", "page", "POST page got 404 Not Found, text/html"),
        ("302", "moved", "POST moved got 302 Found to /__admin/echo, no media type"),
        ("200", "endless", "what does goes on for more than 1,000,000 bytes"),
    ],
)
def test_what_answers_otherwise_is_no_simulator(
    url: str, status: str, path: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metersim.client.connection.MOST_BYTES", 1_000_000)
    with pytest.raises(ControlError, match=f"^no simulator answers at {url}: {found}$"):
        ask(url, status, path, ["no object"])


def test_the_url_of_a_vendor_is_told_from_the_simulators_own(url: str) -> None:
    message = "^expected the simulator's own URL, without a vendor's name, found .*/monk: no simul"
    with pytest.raises(ControlError, match=message):
        ask(f"{url}/monk", "404", "page", {})


def test_a_wrong_token_is_told() -> None:
    message = r"^GET health: expected `Authorization: Bearer <admin token>`, found another token$"
    with (
        Simulator("empty") as sim,
        Client(sim.url, token="b") as client,
        pytest.raises(ControlError, match=message),
    ):
        client.health()


def test_why_nothing_answers_is_told_in_words_alone() -> None:
    message = r"^no simulator answers at http://127\.0\.0\.1:1: connection refused$"
    with pytest.raises(ControlError, match=message):
        ask("http://127.0.0.1:1", "any", "echo", {})


def test_who_takes_too_long_is_no_simulator() -> None:
    with HTTPServer(("127.0.0.1", 0), Echo) as silent:  # which accepts, and serves nobody
        address = f"http://127.0.0.1:{silent.server_port}"
        message = f"^no simulator answers at {address} within 0.05 seconds$"
        with (
            Client(address, token="a", timeout=0.05) as client,
            pytest.raises(ControlError, match=message),
        ):
            client.health()


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://not a host", "http://[::", "http://127.0.0.1:x"]
)
def test_an_address_where_nothing_is_is_told(address: str) -> None:
    with pytest.raises(ControlError, match="^no simulator answers at http"):
        ask(address, "any", "echo", {})


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "127.0.0.1:8640", "", "http://", "http://a?b=c"]
)
def test_an_address_that_is_not_of_the_web_is_never_opened(address: str) -> None:
    with pytest.raises(ControlError, match=r"expected a URL such as http://127\.0\.0\.1:8640"):
        ask(address, "any", "echo", {})


@pytest.mark.parametrize("token", ["a\r\nb", "é"])
def test_a_token_that_fits_in_no_header_is_told(token: str) -> None:
    with pytest.raises(ControlError, match=r"^token: expected printable ASCII characters$"):
        Client(token=token)


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda client: client.journal.stream(), "expected text/event-stream, found text/html"),
        (
            lambda client: client.journal.export("curl"),
            "expected text/x-shellscript, found text/html",
        ),
    ],
)
def test_what_is_of_another_kind_is_no_simulators(url: str, call: Any, found: str) -> None:
    with (
        Client(f"{url}/s/page", token="200") as client,
        pytest.raises(ControlError, match=f"no simulator answers at {url}/s/page: {found}"),
    ):
        call(client)


def test_an_answer_that_lacks_what_it_is_for_is_no_simulators(url: str) -> None:
    message = f"^no simulator answers at {url}: POST requests/count got no 'count'$"
    with Client(url, token="200") as client, pytest.raises(ControlError, match=message):
        client.journal.count()


def test_an_event_that_makes_no_sense_is_told(url: str) -> None:
    with (
        Client(f"{url}/s/odd", token="200") as client,
        client.journal.stream() as calls,
        pytest.raises(ControlError, match=r"expected an exchange as an event, found .*'data': '{'"),
    ):
        next(calls)
