"""What an attacker has: requests that no client library would make, and eyes on what they touch."""

from __future__ import annotations

import builtins
import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

import metersim
from metersim.bundled import bundled

# Where a name is expected: a path, an address, a template, and each in disguise.
NAMES = (
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "~/.ssh/id_rsa",
    "file:///etc/passwd",
    "scenarios/default.yaml",
    "./default",
    "../scenarios/default",
    "default\0.yaml",
    "http://127.0.0.1:1/scenario.yaml",
    "http://169.254.169.254/latest/meta-data",
    "default@127.0.0.1:1",
    "//127.0.0.1/share",
    "$(id)",
    "${HOME}",
    "{{7*7}}",
)

# What comes with metersim or Python, as those name it: in full, and without a way out.
_OWN = (
    Path(metersim.__file__).parent,
    bundled("scenarios"),
    Path(sys.prefix),
    Path(sys.base_prefix),
)

_TOUCHING: tuple[tuple[Any, str], ...] = (
    (builtins, "open"),
    (io, "open"),
    (os, "open"),
    (os, "stat"),
    (os, "scandir"),
    (os, "listdir"),
    (os, "system"),
    (subprocess, "Popen"),
    (socket, "getaddrinfo"),
    (socket, "create_connection"),
    (socket.socket, "connect"),
)


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The files, hosts and commands that are touched within the block, our own aside."""
    touched: list[str] = []

    def watching(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if not _is_own(args):
                touched.append(f"{name}{args}")
            return real(*args, **more)

        return call

    with monkeypatch.context() as patch:
        for owner, name in _TOUCHING:
            patch.setattr(owner, name, watching(name, getattr(owner, name)))
        yield touched


def _is_own(args: tuple[Any, ...]) -> bool:
    if not args or not isinstance(args[0], str | Path):
        return False
    path = Path(args[0])
    # An import looks at each folder that modules may come from.
    return str(path) in sys.path or (".." not in path.parts and any(map(path.is_relative_to, _OWN)))


class Attacker:
    """Sends a request line and headers to the letter, where clients would tidy them up."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._line = HTTPConnection(host, int(port), timeout=30)
        # It sends any target, but for this check of its.
        self._line._validate_path = lambda url: None  # type: ignore[attr-defined]

    def send(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, str]:
        """Status and body of the answer."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        self._line.putrequest(method, target, skip_host="host" in sent, skip_accept_encoding=True)
        for name, value in {"content-length": str(len(body)), **sent}.items():
            self._line.putheader(name, value)
        self._line.endheaders(body)
        reply = self._line.getresponse()
        return reply.status, reply.read().decode(errors="replace")

    def close(self) -> None:
        """Leave."""
        self._line.close()
