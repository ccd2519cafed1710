"""The package as people install it: what the archives hold, and the wheel at work on its own."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.built import ROOT, Built, Environment, build, environment, install

PLUGIN_TEST = """
import httpx

def test_of_a_user(metersim):
    vendor = metersim.saas
    headers = {"Authorization": f"Bearer {vendor.token}"}
    reply = httpx.get(f"{vendor.url}/api/billing/usage", headers=headers)
    assert reply.json()["success"]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def plain(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return install(built.wheel, tmp_path_factory.mktemp("plain"))


@contextmanager
def serving(installed: Environment) -> Iterator[str]:
    """Its URL, once it says that it answers; then Ctrl-C."""
    command = installed.command("metersim", "serve", "--port", "0", "--announce", "json")
    process = subprocess.Popen(
        command,
        cwd=installed.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield json.loads(line)["url"]
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, "")


def files(folder: str) -> set[str]:
    """Those of the project, without what Python keeps beside them."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in found if "__pycache__" not in path.parts}


def test_the_wheel_holds_the_package_its_documents_and_scenarios_and_nothing_else(
    built: Built,
) -> None:
    code = {name.removeprefix("src/") for name in files("src")}
    data = {f"metersim/{name}" for folder in ("openapi", "scenarios") for name in files(folder)}
    about = {name for name in built.wheel_files if ".dist-info/" in name}
    assert built.wheel_files - about == code | data
    assert {"metersim/py.typed", "metersim/checker/reports/page.css"} <= code
    assert any(name.endswith("/licenses/LICENSE") for name in about)


def test_the_sdist_holds_what_its_own_tests_need(built: Built) -> None:
    folders = ("benchmarks", "docs", "openapi", "scenarios", "src", "tests")
    pages = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "mkdocs.yml"}
    expected = set().union(*(files(folder) for folder in folders))
    assert built.sdist_files >= expected | pages | {"pyproject.toml", "lint/package-lock.json"}


def test_the_wheel_serves_with_nothing_but_what_it_asks_for(plain: Environment) -> None:
    absent = "import schemathesis", "import hypothesis", "import pytest"
    assert [plain.run("python", "-c", each).returncode for each in absent] == [1, 1, 1]
    with serving(plain) as url:
        assert httpx.get(url).status_code == 200
        reply = httpx.get(f"{url}/saas/api/billing/usage", headers={"Authorization": "Bearer no"})
        assert reply.status_code == 401


def test_the_wheels_command_finds_its_vendors_documents_and_scenarios(plain: Environment) -> None:
    vendors = json.loads(plain.run("metersim", "vendors", "--json").stdout)
    assert [each["name"] for each in vendors] == ["metronome", "mkio", "monk", "mudbase", "saas"]
    assert all(each["document"].startswith(str(plain.folder)) for each in vendors)
    document = (ROOT / "openapi" / "mkio.yaml").read_text(encoding="utf-8")
    assert plain.run("metersim", "openapi", "mkio").stdout == document
    assert plain.run("metersim", "scenarios", "tiers").stdout.startswith("# yaml-language-server")


def test_checking_without_its_extra_says_how_to_install_it(plain: Environment) -> None:
    done = plain.run("metersim", "check", "saas", "--url", "http://127.0.0.1:1")
    assert done.returncode == 2
    assert "pip install 'metersim[check]'" in done.stderr


def test_the_check_extra_checks(built: Built, tmp_path: Path, plain: Environment) -> None:
    checking = install(built.wheel, tmp_path / "checking", "check")
    page = tmp_path / "report.html"
    with serving(plain) as url:
        asked = ("--url", f"{url}/saas", "--token", "metersim-token", "--rules", "SAAS-0[12]")
        done = checking.run("metersim", "check", "saas", *asked, "--report", f"html={page}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SAAS-02" in page.read_text(encoding="utf-8")


def test_the_pytest_extra_runs_a_test_with_the_fixture(built: Built, tmp_path: Path) -> None:
    testing = install(built.wheel, tmp_path / "testing", "pytest")
    test = testing.folder / "test_it.py"
    test.write_text(PLUGIN_TEST, encoding="utf-8")
    done = testing.run("python", "-m", "pytest", "-p", "no:cacheprovider", str(test))
    assert "1 passed" in done.stdout, done.stdout + done.stderr
