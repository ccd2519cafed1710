"""The recipes for CI and containers: their scripts are run as they stand, against a simulator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from metersim.reading import read_file
from metersim.serving import serve
from metersim.simulator import Simulator
from tests.implementations import saas
from tests.implementations.serving import served
from tests.test_cli import first_line, serving

ROOT = Path(__file__).parent.parent
VALUES = "\n".join(f"--set={key}={value}" for key, value in saas.VALUES.items())
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


def read(name: str) -> Any:
    return read_file(ROOT / name).data


ACTION = read("action.yml")
COMPOSE = read("compose.yaml")["services"]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as sim:
        yield sim


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A runner's folder, in which the first step has installed metersim."""
    (tmp_path / "metersim").mkdir()
    (tmp_path / "metersim/bin").symlink_to(Path(sys.executable).parent)
    return tmp_path


def step(steps: list[dict[str, Any]], name: str) -> dict[str, Any]:
    (found,) = [each for each in steps if each.get("id") == name]
    return found


def shell(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script as the hosted services run it, in the folder."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def acted(runner: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Exit code, outputs and text of the action's check, with these inputs."""
    known = {name: each.get("default", "") for name, each in ACTION["inputs"].items()} | inputs
    assert known.keys() == ACTION["inputs"].keys()
    check = step(ACTION["runs"]["steps"], "check")
    environment = {
        name: INPUT.sub(lambda found: known[found[1]], text) for name, text in check["env"].items()
    }
    output = runner / "output"
    output.write_text("")
    files = {"RUNNER_TEMP": str(runner), "GITHUB_OUTPUT": str(output)}
    done = shell(check["run"], runner, **environment, **files)
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return done.returncode, outputs, done.stdout + done.stderr


def test_the_action_passes_what_conforms(runner: Path) -> None:
    with served(saas.create()) as url:
        inputs = {"vendor": "saas", "url": url, "token": saas.TOKEN}
        code, outputs, told = acted(runner, **inputs, options=f"--no-fuzz\n{VALUES}\n")
    assert (code, outputs["conforms"]) == (0, "true"), told
    assert list(ET.parse(runner / outputs["junit"]).getroot().iter("testcase"))
    assert json.loads((runner / outputs["sarif"]).read_text())["version"] == "2.1.0"


def test_the_action_fails_what_does_not_conform_and_reports_it(runner: Path) -> None:
    with served(saas.create("the total leaves the base out")) as url:
        inputs = {"vendor": "saas", "url": url, "token": saas.TOKEN, "folder": "their reports"}
        code, outputs, told = acted(runner, **inputs, options=f"--no-fuzz\n{VALUES}")
    assert (code, outputs["conforms"]) == (1, "false"), told
    assert "SAAS-12" in (runner / outputs["junit"]).read_text()
    (run,) = json.loads((runner / outputs["sarif"]).read_text())["runs"]
    assert "SAAS-12" in {result["ruleId"] for result in run["results"]}
    assert saas.TOKEN not in told


def test_the_action_says_so_where_nobody_can_say(runner: Path) -> None:
    code, outputs, told = acted(runner, vendor="sass", url="http://127.0.0.1:1")
    assert (code, outputs) == (2, {"conforms": "unknown"}), told
    assert "saas" in told


def test_an_input_of_the_action_is_never_run(runner: Path) -> None:
    trap = "$(touch trapped)`touch trapped`;touch trapped"
    code, _, _ = acted(runner, vendor=trap, url=trap, token=trap, options=trap)
    assert (code, (runner / "trapped").exists()) == (2, False)


def test_every_output_of_the_action_is_one_of_a_step() -> None:
    steps = {each["id"]: each["run"] for each in ACTION["runs"]["steps"]}
    for name, output in ACTION["outputs"].items():
        found = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}", output["value"])
        assert found is not None
        assert (found[2], f'echo "{name}=' in steps[found[1]]) == (name, True)


def test_no_script_of_the_action_has_an_expression_in_it() -> None:
    assert [each["id"] for each in ACTION["runs"]["steps"] if "${{" in each["run"]] == []
    assert {each["shell"] for each in ACTION["runs"]["steps"]} == {"bash"}


def test_the_workflow_that_checks_gives_the_action_what_it_takes() -> None:
    (job,) = read("examples/ci/check.yaml")["jobs"].values()
    contract = step(job["steps"], "contract")
    required = {name for name, each in ACTION["inputs"].items() if each.get("required")}
    assert required <= contract["with"].keys() <= ACTION["inputs"].keys()
    used = set(re.findall(r"steps\.contract\.outputs\.(\w+)", json.dumps(job)))
    assert used == {"junit", "sarif"}
    assert used <= ACTION["outputs"].keys()


A_TEST = """
def test_the_clock_moves(metersim):
    metersim.clock.advance(days=1)
    assert metersim.clock.now.day == 19
"""


def beside_a_service(
    folder: Path, script: str, told: Mapping[str, str], served: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a recipe's tests with a simulator that has the environment of the recipe's service."""
    (folder / "test_mine.py").write_text(A_TEST)
    arguments = ("--announce", "json", "--admin-token", served["METERSIM_ADMIN_TOKEN"])
    with serving(*arguments) as process:
        url = json.loads(first_line(process))["url"]
        return shell(script, folder, **{**told, "SIMULATOR": url})


def test_a_service_container_serves_the_tests_beside_it(tmp_path: Path) -> None:
    (job,) = read("examples/ci/service.yaml")["jobs"].values()
    service = job["services"]["metersim"]
    done = beside_a_service(
        tmp_path, step(job["steps"], "tests")["run"], job["env"], service["env"]
    )
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    port = job["env"]["SIMULATOR"].rpartition(":")[2]
    assert service["ports"] == [f"{port}:8640"]


def test_a_service_at_gitlab_serves_the_tests_beside_it(tmp_path: Path) -> None:
    job = read("examples/ci/gitlab.yaml")["tests"]
    (service,) = job["services"]
    script = "\n".join(job["script"])
    done = beside_a_service(tmp_path, script, job["variables"], service["variables"])
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    assert job["variables"]["SIMULATOR"] == f"http://{service['alias']}:8640"
    assert service["alias"] in service["variables"]["METERSIM_ALLOWED_HOST"].split()


def test_the_job_at_gitlab_leaves_the_reports_that_it_names(tmp_path: Path) -> None:
    job = read("examples/ci/gitlab.yaml")["contract"]
    (tmp_path / "metersim.toml").write_text("[check]\nno-fuzz = true\n")
    with served(saas.create("the total leaves the base out")) as url:
        told = {"URL": url, "METERSIM_TOKEN": saas.TOKEN}
        done = shell("\n".join(job["script"]), tmp_path, **told)
    assert done.returncode == 1, done.stdout + done.stderr
    for name in (job["artifacts"]["reports"]["junit"], *job["artifacts"]["paths"]):
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize(
    "settings",
    [
        COMPOSE["metersim"]["environment"],
        read("examples/ci/service.yaml")["jobs"]["tests"]["services"]["metersim"]["env"],
        read("examples/ci/gitlab.yaml")["tests"]["services"][0]["variables"],
    ],
    ids=["compose", "service", "gitlab"],
)
def test_every_setting_of_a_recipe_is_an_option_of_serve(settings: Mapping[str, str]) -> None:
    assert settings.keys() <= {option.envvar for option in serve.params}
    assert "METERSIM_ADMIN_TOKEN" in settings  # or it would not listen where others reach it


def test_the_app_of_the_compose_file_reads_the_vendors_usage(simulator: Simulator) -> None:
    app = COMPOSE["app"]
    name = app["entrypoint"][1].removeprefix("/app/")
    (volume,) = app["volumes"]
    told = {**app["environment"], "METRONOME_URL": simulator.metronome.url}
    done = shell(f"python {ROOT / volume.split(':')[0] / name}", ROOT, **told)
    assert "API Calls: " in done.stdout, done.stderr


def test_the_sidecar_answers_by_the_vendors_own_host_name() -> None:
    service = COMPOSE["metersim"]
    names = service["environment"]["METERSIM_ALLOWED_HOST"].split()
    url = httpx.URL(COMPOSE["app"]["environment"]["METRONOME_URL"])
    assert [url.host] == service["networks"]["default"]["aliases"]
    options = [word for name in names for word in ("--allowed-host", name)]
    with serving("--announce", "json", "--scenario", "empty", *options) as process:
        there = json.loads(first_line(process))["url"]
        for host, status in ((url.host, 200), ("metersim", 200), ("api.example.com", 421)):
            assert httpx.get(there, headers={"Host": f"{host}:8640"}).status_code == status
