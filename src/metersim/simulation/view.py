"""What a vendor's replies say of one world, in words that all vendors share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import urlencode

from metersim.billing.accounts import Customer, Project
from metersim.billing.facts import Selection
from metersim.billing.instants import Span
from metersim.billing.meters import Meter
from metersim.errors import DefectError
from metersim.exact_json import encode
from metersim.reading import Json
from metersim.simulation.call import Reply, Request, as_bytes
from metersim.world.opening import Credential
from metersim.world.world import World


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply says that so much of a meter was used in a span, of what a selection selects.

    ``shown_within`` is how long this vendor takes at most to show what was accepted.
    """

    meter: Meter
    selection: Selection
    span: Span
    quantity: Decimal
    shown_within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A reply says a whole, and the same or another one its parts."""

    what: str
    whole: Decimal
    parts: Sequence[Decimal]


@dataclass(frozen=True, slots=True)
class Sample:
    """Whom and what a view is about; the first of its months is the current one."""

    customers: Sequence[Customer]
    projects: Sequence[Project]
    meters: Sequence[Meter]
    months: Sequence[Span]


@dataclass(frozen=True)
class Viewer:
    """Asks one vendor, as any of its customers, and keeps what it answered byte for byte."""

    world: World
    sample: Sample
    send: Callable[[Request, World], Reply]
    transcript: list[tuple[str, bytes]] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        query: Mapping[str, str] | None = None,
        customer: str | None = None,
    ) -> Json:
        """The body of the reply; DefectError for a refusal, as all that is asked can be answered.

        With a customer's key the caller is one whose session is that customer's.
        """
        token = f"viewer of {customer or 'all'}"
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        content = b"" if body is None else encode(body)
        request = Request(method, path, urlencode(query or {}), headers, content)
        admitting = self.world.admitting(Credential(token, ("*",), customer))
        reply = self.send(request, admitting)
        asked = f"{method} {path} {request.query or content.decode()}".rstrip()
        self.transcript.append((asked, as_bytes(reply)))
        if reply.status != HTTPStatus.OK:
            raise DefectError(f"{asked}: expected 200, found {reply.status}: {reply.body}")
        return reply.body


# Asked of a world that it leaves as it is.
View: TypeAlias = Callable[[Viewer], Iterator[Shown | Sum]]
