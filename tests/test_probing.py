"""``metersim health``, and the options that a container gives by its environment."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from metersim.cli import main
from metersim.probing import health
from metersim.serving import serve
from metersim.simulator import Simulator
from tests.checker.hostile import hostile, reply
from tests.test_cli import first_line, serving


@pytest.fixture(autouse=True)
def an_environment_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("METERSIM_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with Simulator("empty") as sim:
        yield int(sim.url.rpartition(":")[2])


def asked(**environment: object) -> Result:
    told = {f"METERSIM_{name.upper()}": str(value) for name, value in environment.items()}
    return CliRunner().invoke(main, ["health"], env=told)


def test_health_asks_where_the_environment_says(port: int) -> None:
    assert asked(port=port).exit_code == 0
    assert asked(port=port, host="localhost").exit_code == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = free.getsockname()[1]
    found = asked(port=other)
    assert found.exit_code == 1
    assert f"no simulator answers at 127.0.0.1, port {other}: " in found.output


@pytest.mark.parametrize(
    ("host", "there"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("::", "::1"),
        ("::1", "::1"),
        ("127.0.0.2", "127.0.0.2"),
        ("localhost", "localhost"),
    ],
)
def test_health_reaches_whatever_address_is_bound(host: str, there: str) -> None:
    with serving("--announce", "json", "--host", host, "--admin-token", "a") as process:
        bound = json.loads(first_line(process))["url"].rpartition(":")[2]
        assert asked(port=bound, host=host).exit_code == 0
    found = asked(port=bound, host=host)
    assert found.exit_code == 1
    assert f"no simulator answers at {there}, port {bound}: " in found.output


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (reply("200 OK", b"[1]"), "another program does"),
        (reply("200 OK", b"hello"), "another program does"),
        (reply("421 Misdirected Request", b"{}"), "expected 200, found 421"),
        (b"no HTTP\r\n\r\n", "no HTTP"),
        (b"", "Remote end closed connection"),
    ],
)
def test_health_takes_no_other_program_for_the_simulator(answer: bytes, told: str) -> None:
    with hostile(answer) as url:
        found = asked(port=url.rpartition(":")[2])
    assert (found.exit_code, told in found.output) == (1, True), found.output


def test_health_asks_no_proxy(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert asked(port=port).exit_code == 0


def test_health_cannot_know_a_port_that_was_free() -> None:
    found = asked(port=0)
    assert (found.exit_code, "found 0, which takes a free one" in found.output) == (1, True)


def test_every_option_of_serve_may_stand_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {
        "METERSIM_PORT": "0",
        "METERSIM_SCENARIO": "docs-monk",
        "METERSIM_SEED": "7",
        "METERSIM_NOW": "2026-03-20",
        "METERSIM_ADMIN_TOKEN": "of-the-environment",
        "METERSIM_VENDOR_LIMITS": "true",
        "METERSIM_NO_REQUEST_JOURNAL": "0",
        "METERSIM_MAX_REQUEST_JOURNAL_ENTRIES": "5",
        "METERSIM_ALLOWED_HOST": "metersim api.metronome.com",
        "METERSIM_ANNOUNCE": "json",
    }
    names = {option.envvar for option in serve.params}
    assert names >= told.keys()
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    context = serve.make_context("serve", [])
    expected = {
        "port": 0,
        "scenario": "docs-monk",
        "seed": 7,
        "admin_token": "of-the-environment",
        "vendor_limits": True,
        "no_request_journal": False,
        "journal_entries": 5,
        "allowed_hosts": ("metersim", "api.metronome.com"),
        "announce": "json",
    }
    assert {key: context.params[key] for key in expected} == expected
    assert serve.make_context("serve", ["--seed", "8"]).params["seed"] == 8


def test_the_checkers_tokens_are_no_options_of_serve_or_health() -> None:
    for command in (serve, health):
        names = {option.envvar for option in command.params}
        assert not names & {"METERSIM_TOKEN", "METERSIM_TOKEN_B"}


def test_what_is_wrong_in_the_environment_is_told_by_its_name() -> None:
    # So it comes to a pod beside a Kubernetes service of this name.
    found = asked(port="tcp://10.0.0.1:8640")
    assert (found.exit_code, "METERSIM_PORT" in found.output) == (2, True)


def test_no_address_of_others_is_listened_on_without_a_token() -> None:
    told = {"METERSIM_HOST": "0.0.0.0"}
    found = CliRunner().invoke(main, ["serve", "--scenario", "empty"], env=told)
    assert found.exit_code == 2
    assert "name a token with --admin-token or METERSIM_ADMIN_TOKEN" in found.output
