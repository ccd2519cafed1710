"""Asks the control plane of a simulator that runs elsewhere, over HTTP."""

from __future__ import annotations

import re
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import msgspec

from metersim.billing.quantity import exact
from metersim.errors import ControlError
from metersim.reading import Json

_SECONDS = 30
# Of the simulator, or of a session of it; a vendor's goes on.
_OWN_PATH = re.compile(r"(/s/[^/]+)?/*")

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=exact).decode


def ask_control_plane(
    url: str, token: str, method: str, path: str, data: Json, session: str | None = None
) -> Json:
    """What it answers, numbers exact; ControlError with its words, or because it does not answer.

    ``url`` is the simulator's, or the base URL of a session.
    """
    if not url.startswith(("http://", "https://")):
        raise ControlError(f"expected a URL such as http://127.0.0.1:8640, found {url!r}")
    base = url.rstrip("/") + (f"/s/{quote(session, safe='')}" if session else "")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        request = Request(f"{base}/__admin/{path}", _encode(data), headers, method=method)
        with urlopen(request, timeout=_SECONDS) as reply:
            return _decode(reply.read())
    except HTTPError as refusal:
        with refusal:
            words = _words(refusal)
        if not _OWN_PATH.fullmatch(urlsplit(url).path):
            words = (
                f"expected the simulator's own URL, without a vendor's name, found {url}: {words}"
            )
        raise ControlError(words) from None
    except (OSError, HTTPException, ValueError) as error:
        raise ControlError(f"no simulator answers at {url}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """As a person would say it, without the number that the system has for it."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return str(cause)


def _words(refusal: HTTPError) -> str:
    try:
        return str(_decode(refusal.read())["error"])
    except (LookupError, TypeError, ValueError):
        return f"no simulator answers at {refusal.url}: {refusal}"
