"""The command line, run as people run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from metersim.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def listed(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "metersim", "serve", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_the_first_line_announces_a_server_that_answers() -> None:
    with serving("--announce", "json", "--scenario", "docs-monk", "--admin-token", "a") as process:
        announced = json.loads(first_line(process))
        assert announced["scenario"] == "docs-monk"
        assert announced["admin"] == {"url": f"{announced['url']}/__admin", "token": "a"}
        monk = announced["vendors"]["monk"]
        reply = httpx.post(
            f"{monk['url']}/v1/usage/cost",
            headers={"Authorization": f"Bearer {monk['token']}"},
            json={
                "startDate": "2026-03-01T00:00:00Z",
                "endDate": "2026-03-31T23:59:59Z",
                "customerId": "550e8400-e29b-41d4-a716-446655440000",
            },
        )
        assert reply.json()["totalAmount"] == 15


def test_the_text_announcement_shows_vendors_clock_and_a_line_to_try() -> None:
    with serving("--now", "2026-03-20", "--seed", "7") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().rstrip() for _ in range(12)]
    text = "\n".join(lines)
    assert "scenario default · seed 7 · 2026-03-20T00:00:00Z" in text
    assert "/metronome  metersim-token" in text
    assert "control plane" in text
    assert 'Try:  curl -H "Authorization: Bearer metersim-token" http://127.0.0.1:' in text


def test_ctrl_c_stops_at_once_and_quietly() -> None:
    with serving("--announce", "json") as process:
        first_line(process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_the_real_clock_is_not_the_scenarios_own_and_ticks() -> None:
    with serving("--announce", "json", "--now", "real", "--admin-token", "a") as process:
        admin = json.loads(first_line(process))["admin"]
        headers = {"Authorization": "Bearer a"}
        clock = httpx.get(f"{admin['url']}/clock", headers=headers).json()
    assert clock["now"] != "2026-03-18T09:30:00.000Z"
    assert (clock["rate"], clock["mode"]) == (1, "ticking")


def test_vendor_limits_are_enforced_where_they_are_asked_for() -> None:
    for options, expected in (((), 401), (("--vendor-limits",), 429)):
        with serving("--announce", "json", *options) as process:
            metronome = json.loads(first_line(process))["vendors"]["metronome"]["url"]
            statuses = [httpx.post(f"{metronome}/v1/usage").status_code for _ in range(9)]
        assert statuses == [401] * 8 + [expected]


def test_a_taken_port_is_said_in_one_line() -> None:
    with serving("--announce", "json") as process:
        port = json.loads(first_line(process))["url"].rpartition(":")[2]
        result = run("serve", "--port", port)
    assert result.exit_code == 2
    assert result.output.startswith(f"Error: cannot listen on 127.0.0.1:{port}:")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--scenario", "defualt"), "did you mean 'default'?"),
        (("--scenario", "defualt", "--host", "localhost"), "did you mean 'default'?"),
        (("--scenario", "defualt", "--host", "::1"), "did you mean 'default'?"),
        (("--now", "yesterday"), "expected `real`, a date or an instant"),
        (("--host", "0.0.0.0"), "name a token with --admin-token"),
        (("--host", "example.test"), "name a token with --admin-token"),
        (("--store", "sqlite:///x"), "not available in this version"),
        (("--seed", "x"), "is not a valid integer"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_reason(
    arguments: tuple[str, ...], message: str
) -> None:
    result = run("serve", *arguments)
    assert result.exit_code == 2
    assert message in result.output


ROW = json.dumps(
    {
        "projectName": "app",
        "paymentMethodId": "pm-direct",
        "meter": "graduated",
        "startDate": "2026-03-01",
        "endDate": "2026-04-01",
    }
)


def test_a_row_is_explained_in_a_world_opened_for_it() -> None:
    result = run("explain", "mkio", ROW, "--scenario", "tiers")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "cost    270  USD")
    assert listed("explain", "mkio", ROW, "--scenario", "tiers")["amount"] == 270
    read = CliRunner().invoke(main, ["explain", "mkio", "-", "--scenario", "tiers"], input=ROW)
    assert read.output == result.output
    before = ("--scenario", "tiers", "--now", "2026-03-15", "--seed", "7")
    assert listed("explain", "mkio", ROW, *before)["amount"] == 0


def test_a_row_is_explained_by_a_simulator_that_runs() -> None:
    arguments = ("--announce", "json", "--scenario", "tiers", "--admin-token", "a")
    with serving(*arguments) as process:
        url = json.loads(first_line(process))["url"]
        there = ("--url", url, "--admin-token", "a")
        here = run("explain", "mkio", ROW, "--scenario", "tiers", "--json")
        assert run("explain", "mkio", ROW, *there, "--json").output == here.output
        clock = f"{url}/s/past/__admin/clock"
        httpx.put(clock, headers={"Authorization": "Bearer a"}, json={"now": "2026-03-15"})
        assert listed("explain", "mkio", ROW, *there, "--session", "past")["amount"] == 0
        session = ("--url", f"{url}/s/past/", "--admin-token", "a")
        assert listed("explain", "mkio", ROW, *session)["amount"] == 0
        for asked, message in (
            (("mkoi", ROW, *there), "no vendor 'mkoi'; did you mean 'mkio'?"),
            (("mkio", ROW, "--url", url), "--url needs --admin-token"),
            (
                ("mkio", ROW, "--url", url, "--admin-token", "b"),
                "expected `Authorization: Bearer <admin token>`",
            ),
            (
                ("mkio", ROW, "--url", f"{url}/mkio", "--admin-token", "a"),
                "expected the simulator's own URL, without a vendor's name, found",
            ),
            (("mkio", ROW, *there, "--session", "no/name"), "'no%2Fname' is no name of a session"),
        ):
            result = run("explain", *asked)
            assert (result.exit_code, message in result.output) == (2, True), result.output
    result = run("explain", "mkio", ROW, *there)
    assert (result.exit_code, "no simulator answers at" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{", "--scenario", "tiers"), "row: expected JSON, found '{'"),
        ((ROW,), "row.projectName: 'app' is not known; allowed:"),
        ((ROW, "--session", "mine"), "expected --scenario, --seed, --now or --url"),
        ((ROW, "--url", "http://localhost:1", "--seed", "7"), "expected --scenario, --seed"),
        (
            (ROW, "--url", "localhost:8640", "--admin-token", "a"),
            "expected a URL such as http://127.0.0.1:8640",
        ),
    ],
)
def test_what_cannot_be_explained_is_refused_with_the_reason(
    arguments: tuple[str, ...], message: str
) -> None:
    result = run("explain", "mkio", *arguments)
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_vendors_are_listed_with_their_operations() -> None:
    found = {vendor["name"]: vendor for vendor in listed("vendors")}
    assert found.keys() >= {"metronome", "mkio", "monk", "mudbase", "saas"}
    assert found["metronome"]["operations"][0] == {
        "id": "listUsage",
        "method": "POST",
        "path": "/v1/usage",
        "summary": found["metronome"]["operations"][0]["summary"],
        "basis": "documented",
        "simulated": True,
    }
    assert "listUsage" in run("vendors").output


def test_rules_are_listed_by_vendor() -> None:
    assert {rule["id"].split("-")[0] for rule in listed("rules", "monk")} == {"MONK"}
    assert {rule["id"].split("-")[0] for rule in listed("rules")} >= {"MKIO", "WORLD"}
    assert [line.split()[0] for line in run("rules", "saas").output.splitlines()[1:]] == [
        f"SAAS-{number:02}" for number in range(1, 19)
    ]
    result = run("rules", "mnok")
    assert (result.exit_code, "did you mean 'monk'?" in result.output) == (2, True)


def test_scenarios_are_listed_and_shown() -> None:
    assert {"default", "docs-mkio"} <= {each["name"] for each in listed("scenarios")}
    assert "docs-saas" in run("scenarios").output
    assert listed("scenarios", "docs-saas")["plans"]["starter"]["price"] == 29
    assert "price: 29.00" in run("scenarios", "docs-saas").output


def test_a_scenario_file_is_validated_with_line_and_nearest_key(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("clock: 2026-01-01\nmeters: {calls: {}}\ncustomers:\n  acme: {plann: x}\n")
    result = run("validate", str(file))
    assert result.exit_code == 1
    assert result.output.startswith(f"{file}:4: customers.acme.plann: is not known; did you mean")
    file.write_text("clock: 2026-01-01\nmeters: {calls: {}}\n")
    assert run("validate", str(file)).output.startswith(
        f"{file}: sound; 0 customers, 0 projects, 1 meter, "
    )
    assert listed("validate", str(file)) == {"valid": True, "errors": []}


def test_a_vendors_document_is_printed() -> None:
    assert listed("openapi", "mudbase")["openapi"] == "3.1.0"
    assert run("openapi", "mudbase").output.startswith("openapi: 3.1.0")
    assert "did you mean 'mudbase'?" in run("openapi", "mudbas").output
