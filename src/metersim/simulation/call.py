"""What behaviour is given and what it returns: a call, and a reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from metersim.contract.operation import Operation
from metersim.reading import Json
from metersim.world.opening import Credential


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
    """An answer: JSON data, or text of another media type."""

    body: Json
    status: int = HTTPStatus.OK
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
