"""A simulator that runs elsewhere, over HTTP."""

from __future__ import annotations

import re
from types import TracebackType

import httpx

from metersim.client.connection import Connection
from metersim.client.simulator import SimulatorHandle
from metersim.errors import ControlError

# Of the simulator or of a session of it, with or without the door to the control plane.
_ADDRESS = re.compile(r"(https?://[^/?#]+(?:/[^?#]+?)??)(/s/[^/?#]+)?(?:/__admin)?/*")
# A connection idle for longer is not used again: the server is about to close it.
_IDLE_SECONDS = 2


class Client(SimulatorHandle):
    """A simulator that runs elsewhere; ``url`` is its own, or the base URL of a session of it.

    ``token`` is the control plane's, which ``metersim serve`` prints; ``timeout`` is the seconds
    that a call may take. To be closed, or used in a ``with`` block.
    """

    def __init__(
        self, url: str = "http://127.0.0.1:8640", *, token: str, timeout: float = 30
    ) -> None:
        found = _ADDRESS.fullmatch(url)
        if found is None:
            raise ControlError(f"expected a URL such as http://127.0.0.1:8640, found {url!r}")
        if not (token.isascii() and token.isprintable()):
            raise ControlError("token: expected printable ASCII characters")
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
            timeout=timeout,
            limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
            # Reading the machine's certificates takes longer than a hundred calls.
            verify=url.startswith("https:"),
            # The machine's proxy knows nothing of a simulator beside it, and gets no token.
            trust_env=False,
        )
        connection = Connection(self._http, found[1], found[2] or "")
        super().__init__(connection, connection.url)

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
