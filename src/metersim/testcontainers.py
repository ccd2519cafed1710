"""A simulator in a container of its own, for those who test with Testcontainers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from metersim.client import Client
from metersim.client.clock import as_text
from metersim.errors import ControlError
from metersim.exact_json import encode
from metersim.scenario import load_scenario, read_scenario, scenario_names

try:
    from docker.errors import DockerException
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HealthcheckWaitStrategy
except ModuleNotFoundError as error:
    told = f"{error.name} is missing: pip install 'metersim[testcontainers]'"
    raise ModuleNotFoundError(told, name=error.name) from None


class MetersimContainer(DockerContainer):
    """A container of Testcontainers; its ``with`` block is given the client of the simulator in it.

    ``scenario`` is a bundled one's name, a file of your own, or the data of one; the last two are
    copied in. The control plane's token is minted unless given. More keywords are what
    ``DockerContainer`` takes.
    """

    def __init__(
        self,
        image: str = "metersim:latest",
        *,
        scenario: str | Path | Mapping[str, object] = "default",
        seed: int | None = None,
        now: datetime | str | None = None,
        vendor_limits: bool = False,
        admin_token: str | None = None,
        port: int = 8640,
        **kwargs: Any,
    ) -> None:
        name, data = _opening(scenario)
        try:
            super().__init__(image, **kwargs)
        except DockerException as error:
            where = "start Docker or Podman, or say with DOCKER_HOST where it is"
            raise ControlError(f"no container engine answers; {where}: {error}") from None
        self.admin_token = admin_token or secrets.token_urlsafe(24)
        self._port = port
        self._client: Client | None = None
        given = {
            "ADMIN_TOKEN": self.admin_token,
            "NOW": None if now is None else as_text(now),
            "PORT": port,
            "SCENARIO": name,
            "SEED": seed,
            "VENDOR_LIMITS": vendor_limits or None,
        }
        self.with_envs(
            **{f"METERSIM_{key}": str(value) for key, value in given.items() if value is not None}
        )
        if data is not None:
            self.with_copy_into_container(data, name)
        self.with_exposed_ports(port)
        self.waiting_for(HealthcheckWaitStrategy().with_poll_interval(0.1))

    def start(self) -> Self:
        """Start it and wait until it is healthy; ControlError says why it is not."""
        try:
            super().start()
            host, port = self.get_container_host_ip(), self.get_exposed_port(self._port)
        except (DockerException, RuntimeError, OSError) as error:
            raise ControlError(self._failure(error)) from None
        self._client = Client(f"http://{host}:{port}", token=self.admin_token)
        return self

    @property
    def client(self) -> Client:
        """Of the simulator in it, while it runs."""
        if self._client is None:
            told = "the simulator runs between start() and stop(), as in a `with` block"
            raise ControlError(told)
        return self._client

    # Whose tests use it are about the simulator, and not about its container.
    def __enter__(self) -> Client:  # type: ignore[override]
        super().__enter__()
        return self.client

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """Remove it; until it is started again there is no simulator in it."""
        if self._client is not None:
            self._client.close()
            self._client = None
        super().stop(force, delete_volume)

    def _configure(self) -> None:
        """Let it know the names that it is called by, by this machine and on its network."""
        names = self.env.get("METERSIM_ALLOWED_HOST", "").split()
        names += [self.get_docker_client().host(), *(self._network_aliases or ())]
        names += [self._name] if self._name else []
        self.with_env("METERSIM_ALLOWED_HOST", " ".join(dict.fromkeys(names)))

    def _failure(self, error: Exception) -> str:
        if self._container is None:
            hint = "`docker build --tag metersim .` makes the image"
            if "ryuk" in str(error):
                hint = (
                    "TESTCONTAINERS_RYUK_DISABLED=true does without Ryuk, which removes containers"
                )
            return f"no container came of image {self.image!r}: {error}; {hint}"
        told = b"".join(self.get_logs()).decode(errors="replace").strip()
        return f"no simulator came of image {self.image!r}: {told or error}"


def _opening(scenario: str | Path | Mapping[str, object]) -> tuple[str, bytes | None]:
    """What the container knows it by: a name, or a path at which this is to stand."""
    if isinstance(scenario, Mapping):
        found = read_scenario(dict(scenario), "scenario")
    elif str(scenario) in scenario_names():
        return str(scenario), None
    else:
        found = load_scenario(scenario)
    # With what it includes, which lies beside it here and not there.
    return f"/{found.name}.json", encode(found.source.data)
