"""The journal in the JSON of WireMock's admin API, so that its clients can read ours.

What WireMock has no word for stands under ``metersim``, and how much was dropped in ``meta``.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice

from metersim.billing.instants import to_exact, to_seconds
from metersim.reading import Json
from metersim.simulation.exchange import Body, Entry
from metersim.simulation.journal import Journal
from metersim.simulation.matching import Pattern
from metersim.simulation.near_misses import Offer, nearest_offers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# Of so many unmatched requests at a time near misses are told.
MOST_STRAYS = 100


def requests(
    journal: Journal,
    *,
    limit: int | None = None,
    since: datetime | None = None,
    unmatched: bool = False,
) -> Json:
    """``GET requests``: events, the newest first; ``total`` counts those beyond the limit too."""
    entries = journal.requests(since=since, unmatched=unmatched)
    shown = [serve_event(entry) for entry in entries[:limit]]
    return _answer(journal, len(entries), requests=shown)


def events(journal: Journal, pattern: Pattern) -> Json:
    """``POST requests``: the events whose requests match, the oldest first."""
    entries = journal.find(pattern)
    return _answer(journal, len(entries), requests=[serve_event(entry) for entry in entries])


def found(journal: Journal, pattern: Pattern) -> Json:
    """``POST requests/find``: the requests that match, the oldest first."""
    entries = journal.find(pattern)
    return _answer(journal, len(entries), requests=[logged_request(each) for each in entries])


def counted(journal: Journal, pattern: Pattern) -> Json:
    """``POST requests/count``: how many match."""
    count = len(journal.find(pattern))
    return _answer(journal, count, count=count)


def removed(journal: Journal, pattern: Pattern) -> Json:
    """``POST requests/remove``: the events that matched and are no longer kept."""
    entries = journal.remove_matching(pattern)
    return _answer(journal, len(entries), serveEvents=[serve_event(each) for each in entries])


def unmatched_requests(journal: Journal) -> Json:
    """``GET requests/unmatched``: the requests that no operation is for, the newest first."""
    entries = journal.requests(unmatched=True)
    return _answer(journal, len(entries), requests=[logged_request(each) for each in entries])


def near_misses(journal: Journal, pattern: Pattern) -> Json:
    """``POST near-misses/request-pattern``: the three requests that come nearest to matching."""
    misses = [
        {
            "request": logged_request(miss.entry),
            "requestPattern": pattern.data,
            "matchResult": {"distance": miss.distance},
            "metersim": {"mismatches": [asdict(each) for each in miss.mismatches]},
        }
        for miss in journal.near_misses(pattern)
    ]
    return _answer(journal, len(misses), nearMisses=misses)


def unmatched_near_misses(journal: Journal, known: Iterable[Offer]) -> Json:
    """``GET requests/unmatched/near-misses``: what those requests may have meant, three of each."""
    known = list(known)
    misses = [
        {
            "request": logged_request(entry),
            "stubMapping": {
                "name": meant.offer.operation,
                "request": {"method": meant.offer.method, "urlPathTemplate": meant.offer.path},
            },
            "matchResult": {"distance": meant.distance},
        }
        for entry in islice(journal.requests(unmatched=True), MOST_STRAYS)
        for meant in nearest_offers(entry.request, known)
    ]
    return _answer(journal, len(misses), nearMisses=misses)


def serve_event(entry: Entry) -> Json:
    """A request, its response and all that is known of how it came about."""
    response = entry.response
    event: dict[str, Json] = {
        "id": entry.id,
        "request": logged_request(entry),
        "responseDefinition": {
            "status": response.status if response else None,
            "fromConfiguredStub": entry.matched,
        },
        "wasMatched": entry.matched,
        "timing": _timing(entry),
        "metersim": about(entry),
    }
    if response:
        headers = dict(response.headers)
        event["response"] = {"status": response.status, "headers": headers, **_body(response.body)}
    return event


def logged_request(entry: Entry) -> Json:
    """A request as WireMock logs it, on the world's clock."""
    request = entry.request
    return {
        "url": request.url,
        "absoluteUrl": request.absolute_url,
        "method": request.method,
        "clientIp": request.client,
        "headers": dict(request.headers),
        "cookies": {},
        "browserProxyRequest": False,
        "loggedDate": (entry.at - _EPOCH) // _MILLISECOND,
        "loggedDateString": to_seconds(entry.at),
        **_body(request.body),
        "queryParams": {
            name: {"key": name, "values": values} for name, values in request.query.items()
        },
        "formParams": {},
    }


def about(entry: Entry) -> Json:
    """What only we know of an entry."""
    bodies = {"request": entry.request.body}
    if entry.response:
        bodies["response"] = entry.response.body
    return {
        "number": entry.number,
        "at": to_exact(entry.at),
        "session": entry.session,
        "vendor": entry.vendor,
        "operationId": entry.operation,
        "violations": [
            {"path": violation.where, "message": violation.message}
            for violation in entry.violations
        ],
        "fault": entry.fault,
        "trace": list(entry.trace),
        "bodies": {
            side: {"size": body.size, "cut": body.cut, "binary": body.binary}
            for side, body in bodies.items()
        },
    }


def _body(body: Body) -> dict[str, str]:
    text = "" if body.binary else body.text
    return {"bodyAsBase64": b64encode(body.content).decode(), "body": text}


def _timing(entry: Entry) -> Json:
    delay, took = entry.delay // _MILLISECOND, entry.took // 1_000
    return {
        "addedDelay": delay,
        "processTime": took,
        "responseSendTime": 0,
        "serveTime": took,
        "totalTime": delay + took,
    }


def _answer(journal: Journal, total: int, **content: Json) -> Json:
    return {
        **content,
        "meta": {"total": total, "dropped": journal.dropped},
        "requestJournalDisabled": not journal.enabled,
    }
