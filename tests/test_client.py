"""Asking a control plane over HTTP: exact both ways, and one clear message when none answers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from metersim.client import ask_control_plane
from metersim.errors import ControlError


class Echo(BaseHTTPRequestHandler):
    """Sends back what it is sent, as the status that the token names."""

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.headers["Authorization"].removeprefix("Bearer ")))
        self.end_headers()
        self.wfile.write(content if self.path == "/__admin/echo" else self.path.encode())

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


def test_numbers_go_and_come_as_they_are_written(url: str) -> None:
    data = {"cost": Decimal("0.10"), "tiny": Decimal("1E-30")}
    answered = ask_control_plane(url, "200", "POST", "echo", data)
    assert {key: str(value) for key, value in answered.items()} == {"cost": "0.10", "tiny": "1E-30"}


def test_a_refusal_is_told_in_its_own_words(url: str) -> None:
    with pytest.raises(ControlError, match=r"^not like this$"):
        ask_control_plane(url, "400", "POST", "echo", {"error": "not like this"})


@pytest.mark.parametrize(
    ("status", "path"), [("200", "nowhere"), ("502", "nowhere"), ("502", "echo")]
)
def test_what_answers_otherwise_is_no_simulator(url: str, status: str, path: str) -> None:
    with pytest.raises(ControlError, match=f"^no simulator answers at {url}"):
        ask_control_plane(url, status, "POST", path, ["no object"])


def test_the_url_of_a_vendor_is_told_from_the_simulators_own(url: str) -> None:
    message = "^expected the simulator's own URL, without a vendor's name, found .*/monk: no simul"
    with pytest.raises(ControlError, match=message):
        ask_control_plane(f"{url}/monk", "404", "POST", "echo", {})


def test_why_nothing_answers_is_told_in_words_alone() -> None:
    message = r"^no simulator answers at http://127\.0\.0\.1:1: connection refused$"
    with pytest.raises(ControlError, match=message):
        ask_control_plane("http://127.0.0.1:1", "any", "POST", "echo", {})


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://not a host", "http://[::", "http://127.0.0.1:x"]
)
def test_an_address_where_nothing_is_is_told(address: str) -> None:
    with pytest.raises(ControlError, match="^no simulator answers at http"):
        ask_control_plane(address, "any", "POST", "echo", {})


@pytest.mark.parametrize("address", ["file:///etc/hostname", "127.0.0.1:8640", ""])
def test_an_address_that_is_not_of_the_web_is_never_opened(address: str) -> None:
    with pytest.raises(ControlError, match=r"expected a URL such as http://127\.0\.0\.1:8640"):
        ask_control_plane(address, "any", "POST", "echo", {})
