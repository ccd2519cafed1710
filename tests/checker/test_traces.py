"""A check leaves nothing behind but the reports that were asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from metersim import Simulator


def test_nothing_is_left_in_the_folder_that_it_is_run_from(tmp_path: Path) -> None:
    with Simulator() as sim:
        where = ("saas", "--url", sim.saas.url, "--token", sim.saas.token)
        command = [sys.executable, "-m", "metersim", "check", *where, "--max-examples", "1"]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert list(tmp_path.iterdir()) == []
