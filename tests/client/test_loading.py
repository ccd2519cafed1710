"""What is loaded when."""

from __future__ import annotations

import subprocess
import sys

import pytest

import metersim

SERVE = """
import sys
from metersim.cli import main
from metersim.server import Server
Server.serve_until_stopped = Server.close
main(["serve", "--port", "0", "--scenario", "empty"], standalone_mode=False)
extras = {"docker", "hypothesis", "schemathesis", "requests", "pytest", "httpx", "metersim.client"}
print({"uvicorn", *extras} & sys.modules.keys())
"""


def test_serving_loads_no_http_client_and_nothing_of_an_extra() -> None:
    done = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, check=True)
    assert done.stdout == "{'uvicorn'}\n"


def test_the_package_knows_no_other_names() -> None:
    with pytest.raises(AttributeError, match=r"module 'metersim' has no attribute 'Simulater'"):
        metersim.Simulater  # type: ignore[attr-defined]  # noqa: B018
