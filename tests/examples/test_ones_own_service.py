"""Holds one's own service to the contract that it promises, as CI does."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from tests.implementations import saas  # stands for your own service
from tests.implementations.serving import served


def test_our_service_keeps_the_rule_book(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    with served(saas.create()) as url:
        values = ["--set", "since=2025-04-01", "--set", "until=2025-06-01"]  # with usage
        arguments = ["--url", url, *values, "--no-fuzz", "--report", f"junit={report}"]
        done = subprocess.run(
            [sys.executable, "-m", "metersim", "check", "saas", *arguments],
            env={**os.environ, "METERSIM_TOKEN": saas.TOKEN},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    suites = ET.parse(report).getroot()
    assert [suite.get("failures") for suite in suites] == ["0", "0"]  # rules, schema
