"""What the control plane answers of a journal, under the names that its document has for it."""

# No `from __future__ import annotations`: it would hide from a class which of its keys may lack.

from typing import NotRequired, TypedDict

from metersim.client.replies import Number, Object


class Nothing(TypedDict):
    """That it is done."""


class Meta(TypedDict):
    """How many entries there are, and how many went to stay within the bounds."""

    total: int
    dropped: int


class LoggedRequest(TypedDict):
    """A request as WireMock logs it, without secrets."""

    url: str
    absoluteUrl: str
    method: str
    clientIp: str
    headers: dict[str, str]
    cookies: NotRequired[dict[str, str]]
    browserProxyRequest: NotRequired[bool]
    loggedDate: int
    loggedDateString: NotRequired[str]
    bodyAsBase64: str
    body: str
    queryParams: NotRequired[Object]
    formParams: NotRequired[Object]


class About(TypedDict):
    """What WireMock has no word for."""

    number: int
    at: str
    session: str
    vendor: str | None
    operationId: str | None
    violations: list[Object]
    fault: str | None
    trace: list[str]
    bodies: Object


class Event(TypedDict):
    """An exchange as WireMock tells of one; ``response`` lacks where a fault took it away."""

    id: str
    request: LoggedRequest
    responseDefinition: Object
    response: NotRequired[Object]
    wasMatched: bool
    timing: Object
    metersim: About


class _OfJournal(TypedDict):
    meta: Meta
    requestJournalDisabled: bool


class Events(_OfJournal):
    """Exchanges."""

    requests: list[Event]


class RemovedEvents(_OfJournal):
    """Exchanges that are no more."""

    serveEvents: list[Event]


class Requests(_OfJournal):
    """Requests alone."""

    requests: list[LoggedRequest]


class Count(_OfJournal):
    """How many."""

    count: int


class MatchResult(TypedDict):
    """From nothing, which is the same, to one."""

    distance: Number


class NearMiss(TypedDict):
    """A request, and the pattern or the operation that it nearly matches."""

    request: LoggedRequest
    requestPattern: NotRequired[Object]
    stubMapping: NotRequired[Object]
    matchResult: MatchResult
    metersim: NotRequired[Object]


class NearMisses(_OfJournal):
    """What came close."""

    nearMisses: list[NearMiss]


class Waited(_OfJournal):
    """How many there were in the end, and what came close where it was not enough."""

    count: int
    met: bool
    nearMisses: list[NearMiss]


class Archive(TypedDict):
    """An HTTP archive (HAR 1.2)."""

    log: Object
