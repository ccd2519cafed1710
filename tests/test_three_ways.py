"""The suite that has three ways in is answered by the simulator that is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from metersim import Simulator

ROOT = Path(__file__).parent.parent
SOME_OF_IT = "tests/test_printed_requests.py"
NONE_OF_IT = "tests/test_world_rules.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_is_answered_there_and_leaves_no_session_behind() -> None:
    with Simulator() as sim:
        told = run(SOME_OF_IT, "--metersim-url", sim.url, "--metersim-admin-token", sim.admin_token)
        assert (told.returncode, sim.sessions()) == (0, []), told.stdout


def test_it_is_answered_nowhere_else() -> None:
    with Simulator() as sim:
        told = run(SOME_OF_IT, "--metersim-url", sim.url, "--metersim-admin-token", "of-another")
    assert (told.returncode, " passed" in told.stdout) == (1, False), told.stdout
    assert "found another token" in told.stdout


def test_a_server_of_its_own_is_started_where_sockets_are_wanted() -> None:
    told = run(SOME_OF_IT, NONE_OF_IT, "--over-sockets", "--verbose")
    assert told.returncode == 0, told.stdout + told.stderr
    assert (SOME_OF_IT in told.stdout, NONE_OF_IT in told.stdout) == (True, False), told.stdout


def test_a_url_without_a_token_is_no_way_in() -> None:
    told = run(SOME_OF_IT, "--metersim-url", "http://127.0.0.1:1")
    assert (told.returncode, "needs --metersim-admin-token" in told.stderr) == (4, True)
