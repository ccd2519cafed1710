"""A container engine as Testcontainers' own client shows it: a container is a process here."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from testcontainers.core.config import ConnectionMode


class Container:
    """`metersim serve` with a container's environment; what is copied in stands in a folder."""

    id = short_id = "a-container"

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.environment = environment
        self.attrs: dict[str, Any] = {"State": {"Health": {"Status": "starting"}}}
        self.url = ""

    def put_archive(self, path: str, data: bytes) -> bool:
        assert path == "/"
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(self.root, filter="data")
        return True

    def start(self) -> None:
        here = self.root / self.environment["METERSIM_SCENARIO"].removeprefix("/")
        own = {"METERSIM_SCENARIO": str(here)} if here.is_file() else {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "metersim", "serve", "--port", "0", "--announce", "json"],
            env={**os.environ, **self.environment, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def reload(self) -> None:
        if not self.url:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            self.url = json.loads(line)["url"] if line else ""
        self.attrs["State"]["Health"]["Status"] = "healthy" if self.url else "unhealthy"

    @property
    def status(self) -> str:
        return "running" if self.url else "exited"

    def logs(self, *, stdout: bool = True, stderr: bool = True) -> bytes:
        assert self.process.stderr is not None
        return self.process.stderr.read().encode() if stderr else b""

    def remove(self, *, force: bool, v: bool) -> None:
        self.process.kill()
        self.process.communicate()


class Engine:
    """In place of Testcontainers' ``DockerClient``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = io.BytesIO()  # is closed when the container stops, and nothing more

    def create(self, image: str, *, environment: Mapping[str, str], **asked: Any) -> Container:
        self.container = Container(self.root, environment)
        return self.container

    def start(self, container: Container) -> None:
        container.start()

    def get_connection_mode(self) -> ConnectionMode:
        return ConnectionMode.docker_host

    def host(self) -> str:
        return "localhost"

    def port(self, container: str, port: int) -> str:
        return self.container.url.rpartition(":")[2]
