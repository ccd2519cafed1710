"""The command that asks after the simulator, as a container's health check does."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address

import click

from metersim import options

_SECONDS = 2
_MAX_BYTES = 100_000


@click.command(cls=options.FromEnvironment)
@options.host
@options.port
def health(host: str, port: int) -> None:
    """Ask whether the simulator answers where `serve` with the same options listens."""
    if port == 0:
        told = "expected the port that the simulator listens on, found 0, which takes a free one"
        raise click.ClickException(told)
    there = _within_reach(host)
    trouble = _trouble(there, port)
    if trouble is not None:
        raise click.ClickException(f"no simulator answers at {there}, port {port}: {trouble}")


def _within_reach(host: str) -> str:
    """Where to ask for what listens at the address: every address is none that can be asked."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"


def _trouble(host: str, port: int) -> str | None:
    # Without urllib or httpx: they would ask a proxy that the environment names.
    connection = HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        body = response.read(_MAX_BYTES)
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        return f"expected 200, found {response.status}"
    return None if _is_ours(body) else "another program does"


def _is_ours(body: bytes) -> bool:
    try:
        found = json.loads(body)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("simulator") == "metersim"
