"""A simulator in a container: all but the container, which the image's own tests have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from docker.errors import ImageNotFound
from testcontainers.core.config import testcontainers_config

from metersim.client import Client
from metersim.errors import ControlError, ScenarioError
from metersim.scenario import load_scenario, scenario_names
from metersim.testcontainers import MetersimContainer
from tests.engine import Engine

WITHOUT_THE_EXTRA = """
import sys
sys.modules["docker"] = None
import metersim.testcontainers
"""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    engine = Engine(tmp_path / "root")
    monkeypatch.setattr("testcontainers.core.container.DockerClient", lambda: engine)
    monkeypatch.setattr(testcontainers_config, "_ryuk_disabled", True)
    return engine


@pytest.mark.usefixtures("engine")
def test_a_container_is_the_handle_of_the_simulator_in_it() -> None:
    asked = MetersimContainer(
        scenario="overage", seed=7, now="2026-05-01", vendor_limits=True, admin_token="mine"
    )
    with asked as sim:
        assert (sim.scenario["name"], sim.scenario["seed"]) == ("overage", 7)
        assert sim.settings["vendor_limits"]
        assert sim.clock.advance(days=1)["now"] == "2026-05-02T00:00:00.000Z"
        assert sim.metronome.url == f"{sim.url}/metronome"
        with Client(sim.url, token="mine") as client:
            assert client.clock.now == sim.clock.now


@pytest.mark.usefixtures("engine")
def test_it_holds_a_simulator_only_while_it_runs() -> None:
    asked = MetersimContainer(scenario="empty")
    for _ in range(2):
        with asked as sim:
            assert sim.health()["status"] == "healthy"
            assert asked.client is sim
        with pytest.raises(ControlError, match="as in a `with` block"):
            _ = asked.client


@pytest.mark.usefixtures("engine")
def test_a_scenario_of_ones_own_goes_in_with_what_it_includes(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("include: overage\nseed: 5\n", encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text("include: ours.yaml\n", encoding="utf-8")
    with MetersimContainer(scenario=mine) as sim:
        assert (sim.scenario["name"], sim.scenario["seed"]) == ("mine", 5)


@pytest.mark.usefixtures("engine")
def test_a_scenario_that_is_data_goes_in_as_a_file_of_it_would(tmp_path: Path) -> None:
    mine = tmp_path / "scenario.yaml"
    mine.write_text("include: overage\nseed: 5\n", encoding="utf-8")
    as_data = MetersimContainer(scenario={"include": "overage", "seed": 5})
    as_file = MetersimContainer(scenario=mine)
    assert as_data._transferable_specs == as_file._transferable_specs
    assert as_data.env["METERSIM_SCENARIO"] == "/scenario.json"


@pytest.mark.parametrize("name", scenario_names())
def test_what_is_copied_in_says_what_the_file_said(
    name: str, engine: Engine, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(f"include: {name}\n", encoding="utf-8")
    asked = MetersimContainer(scenario=mine)
    ((data, path),) = [each[:2] for each in asked._transferable_specs]
    assert path == "/mine.json"
    assert isinstance(data, bytes)
    copied = tmp_path / "mine.json"
    copied.write_bytes(data)
    assert load_scenario(copied).source.data == load_scenario(mine).source.data


def test_a_scenario_that_is_unsound_is_told_before_there_is_a_container(engine: Engine) -> None:
    with pytest.raises(ScenarioError, match="did you mean 'overage'"):
        MetersimContainer(scenario="overag")
    with pytest.raises(ScenarioError, match=r"scenario\.sed"):
        MetersimContainer(scenario={"sed": 1})
    assert not hasattr(engine, "container")


@pytest.mark.usefixtures("engine")
def test_why_it_does_not_start_is_told_in_the_simulators_own_words() -> None:
    told = r"no simulator came of image 'metersim:latest': (.|\n)*'--now' .*found 'lately'"
    with pytest.raises(ControlError, match=told), MetersimContainer(now="lately"):
        pass


@pytest.mark.parametrize(
    ("missing", "hint"),
    [("mine", "`docker build --tag metersim"), ("testcontainers/ryuk", "TESTCONTAINERS_RYUK_DIS")],
)
def test_an_image_that_is_nowhere_is_told_with_what_helps(
    missing: str, hint: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(*_: object, **__: object) -> None:
        raise ImageNotFound(f"no access to {missing}")

    monkeypatch.setattr(engine, "create", create)
    told = f"no container came of image 'mine:1': no access to {missing}; {hint}"
    with pytest.raises(ControlError, match=told), MetersimContainer("mine:1"):
        pass


def test_without_an_engine_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "nowhere")
    with pytest.raises(ControlError, match="no container engine answers; start Docker or Podman"):
        MetersimContainer()


def test_without_its_extra_it_says_how_to_install_it() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_THE_EXTRA], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.endswith(" is missing: pip install 'metersim[testcontainers]'\n")


@pytest.mark.usefixtures("engine")
def test_each_container_has_a_token_of_its_own() -> None:
    first, second = MetersimContainer(), MetersimContainer()
    assert first.admin_token != second.admin_token
    assert first.env["METERSIM_ADMIN_TOKEN"] == first.admin_token


@pytest.mark.usefixtures("engine")
def test_it_answers_by_every_name_that_it_has_on_its_network() -> None:
    named = MetersimContainer(
        scenario="empty", name="billing", env={"METERSIM_ALLOWED_HOST": "mine"}
    ).with_network_aliases("api.metronome.com")
    for _ in range(2):
        named._configure()
        assert named.env["METERSIM_ALLOWED_HOST"] == "mine localhost api.metronome.com billing"
