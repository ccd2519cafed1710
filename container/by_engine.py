"""Runs the image by a Docker engine, as people do, and says what holds of it.

``container/engine.sh FOLDER python container/by_engine.py FOLDER``, with a Python that has metersim
and its extra `[dev]`: what the engine does with the image, Testcontainers, Compose, and the suite
that a simulator passes wherever it runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import httpx

from metersim.client import Client
from metersim.errors import ControlError
from metersim.testcontainers import MetersimContainer

PROJECT = Path(__file__).parent.parent
WORK = Path(sys.argv[1]).resolve()
TOKEN = "of-this-test"
CONFINED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}

# After so many seconds the engine kills what it was to stop.
PATIENCE = 2

# What searches with a hundred calls for one is left out.
SUITE = "three_ways and not hypothesis"

ENGINE = docker.from_env()


def holds(law: str, found: object = True) -> None:
    if not found:
        sys.exit(f"✗ {law}")
    print(f"✓ {law}", flush=True)


def within(*command: str) -> subprocess.CompletedProcess[str]:
    """What the engine's own machine says to a command; the project is its folder there."""
    return subprocess.run(
        [str(PROJECT / "container/within.sh"), str(WORK), *command],
        env={**os.environ, "DOCKER_HOST": "unix:///inside/engine.sock"},
        capture_output=True,
        text=True,
    )


@contextmanager
def container(**asked: Any) -> Iterator[Any]:
    environment = {"METERSIM_ADMIN_TOKEN": TOKEN, **asked.pop("environment", {})}
    made = ENGINE.containers.run("metersim", detach=True, environment=environment, **asked)
    try:
        yield made
    finally:
        made.remove(force=True)


def healthy(made: Any) -> None:
    while made.health not in ("healthy", "unhealthy"):
        time.sleep(0.1)
        made.reload()
    told = "" if made.health == "healthy" else f"; it says {made.logs().decode()}"
    holds(f"the engine finds it {made.health}{told}", not told)


def stopped(made: Any) -> int:
    """Its exit code."""
    made.stop(timeout=PATIENCE)
    return int(made.wait()["StatusCode"])


def confined_it_serves_a_scenario_that_is_mounted() -> None:
    (WORK / "mine.yaml").write_text("include: overage\nseed: 5\n")
    mounted = {"/inside/mine.yaml": {"bind": "/mine.yaml", "mode": "ro"}}
    named = {"METERSIM_SCENARIO": "/mine.yaml"}
    ports = {"8640/tcp": ("127.0.0.1", None)}
    with container(environment=named, volumes=mounted, ports=ports, **CONFINED) as made:
        healthy(made)
        port = made.ports["8640/tcp"][0]["HostPort"]
        with Client(f"http://127.0.0.1:{port}", token=TOKEN) as sim:
            found = sim.scenario["name"], sim.scenario["seed"]
            holds(f"read-only and without a capability it serves {found}", found == ("mine", 5))
        code = stopped(made)
        holds(f"within {PATIENCE} s it is stopped, with code {code}", code == 0)


def it_is_stopped_while_it_starts() -> None:
    with container() as made:
        code = stopped(made)
        holds(f"so it is before it listens, with code {code}", code == 0)


def other_commands_work() -> None:
    told = ENGINE.containers.run("metersim", ["rules", "saas"], remove=True).decode()
    holds("`docker run metersim rules saas` tells the rules", "SAAS-01" in told)


def testcontainers_start_it() -> None:
    asked = MetersimContainer(
        scenario="overage", seed=7, now="2026-05-01", vendor_limits=True
    ).with_kwargs(**CONFINED)
    with asked as sim:
        holds(f"Testcontainers have it healthy at {sim.url}", sim.health()["status"] == "healthy")
        opened = (sim.scenario["name"], sim.scenario["seed"], sim.settings["vendor_limits"])
        holds(f"it opened with {opened}", opened == ("overage", 7, True))
        now = sim.clock.advance(days=1)["now"]
        holds(f"its clock is moved to {now}", now.startswith("2026-05-02"))
        bearer = {"Authorization": f"Bearer {sim.saas.token}"}
        reply = httpx.get(f"{sim.saas.url}/api/billing/usage", headers=bearer)
        holds("a vendor's call answers", reply.json()["success"])
        holds("the call is in the journal", len(sim.journal.requests()) == 1)
    holds("it is gone thereafter", not ENGINE.containers.list(all=True))


def testcontainers_copy_a_scenario_in() -> None:
    with MetersimContainer(scenario=WORK / "mine.yaml") as sim:
        found = sim.scenario["name"], sim.scenario["seed"]
        holds(f"a scenario's file is copied in, with what it includes: {found}", found[1] == 5)
    with MetersimContainer(scenario={"include": "overage", "seed": 6}) as sim:
        holds("a scenario that is data is copied in", sim.scenario["seed"] == 6)


def what_keeps_it_from_starting_is_told() -> None:
    expected = {"metersim:latest": "found 'lately'", "nowhere/to/be/found:1": "no container came"}
    for image, told in expected.items():
        try:
            with MetersimContainer(image, now="lately"):
                holds("it starts where it cannot", False)
        except ControlError as error:
            holds(f"{image} does not start, and it is told why", told in str(error))
    holds("nothing is left of it", not ENGINE.containers.list(all=True))


def compose_runs_the_app_beside_it() -> None:
    checked = within("docker", "compose", "config", "--quiet")
    holds(f"compose.yaml is sound {checked.stderr}", checked.returncode == 0)
    up = within("docker", "compose", "up", "--exit-code-from", "app")
    holds("`docker compose up` ends with the app's own code, 0", up.returncode == 0)
    holds("the app read its usage by the vendor's own name", "API Calls" in up.stdout)
    holds("`docker compose down`", within("docker", "compose", "down").returncode == 0)


def tests_pass_with_it(law: str, *asked: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *asked]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    passed = done.returncode == 0
    holds(f"{law}: {done.stdout.splitlines()[-1] if passed else done.stdout}", passed)


def the_suite_passes() -> None:
    with MetersimContainer(admin_token=TOKEN) as sim:
        at = ("--metersim-url", sim.url, "--metersim-admin-token", TOKEN)
        tests_pass_with_it("the suite that has three ways in", "-n", "2", "-m", SUITE, *at)


def main() -> None:
    # Its reaper is an image of its own, which a network of our own does not get.
    os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
    confined_it_serves_a_scenario_that_is_mounted()
    it_is_stopped_while_it_starts()
    other_commands_work()
    testcontainers_start_it()
    testcontainers_copy_a_scenario_in()
    what_keeps_it_from_starting_is_told()
    compose_runs_the_app_beside_it()
    tests_pass_with_it("the examples with Testcontainers", "examples/testcontainers")
    the_suite_passes()


if __name__ == "__main__":
    main()
