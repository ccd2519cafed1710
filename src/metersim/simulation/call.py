"""What behaviour is given and what it returns: a call, and a reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from metersim.contract.operation import Operation
from metersim.exact_json import encode
from metersim.reading import Json
from metersim.simulation.transmission import UNDISTURBED, Transmission
from metersim.world.opening import Credential

# Of every reply to a call to a vendor: the id of its entry in the journal.
REQUEST_ID_HEADER = "X-Metersim-Request-Id"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came over the wire, its path below the vendor's base URL and still encoded.

    Header names are lower case. ``body`` is None when it was larger than the server takes.
    ``client`` is the address that it came from.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = b""
    base_url: str = ""
    client: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the contract, as behaviour sees it.

    ``path``, ``query`` and ``body`` hold decoded, validated values. ``credential`` is None only
    where the operation is public. ``base_url`` is the vendor's base URL as the caller wrote it.
    """

    operation: Operation
    path: Mapping[str, Json]
    query: Mapping[str, Json]
    body: Json
    credential: Credential | None
    base_url: str
    id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: JSON data, or text of another media type. Only faults touch its transmission."""

    body: Json
    status: int = HTTPStatus.OK
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    transmission: Transmission = UNDISTURBED


def content_type(reply: Reply) -> str | None:
    """The header of that name, None where there is no body; text says how it is encoded."""
    if reply.body is None:
        return None
    unsaid = reply.media_type.startswith("text/") and "charset=" not in reply.media_type
    return f"{reply.media_type}; charset=utf-8" if unsaid else reply.media_type


def as_bytes(reply: Reply) -> bytes:
    """The body as it goes over the wire: JSON with every decimal spelt as it is, text, nothing."""
    if reply.body is None:
        return b""
    if reply.media_type in ("application/json", "application/problem+json"):
        return encode(reply.body)
    return str(reply.body).encode()
