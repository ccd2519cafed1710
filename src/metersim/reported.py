"""What a failed test's report says of its session: what was asked, and what of it was wrong."""

from __future__ import annotations

from collections.abc import Iterator

from metersim.client.exchanges import Event, NearMiss
from metersim.client.session import SessionHandle


def sections(session: SessionHandle, most: int) -> list[tuple[str, str]]:
    """Headings and texts; nothing where nothing was asked."""
    latest = session.journal.latest(most)
    parts = {
        "metersim journal": "\n".join(map(_line, reversed(latest))),
        "metersim: no operation is for": "\n".join(map(_near, session.journal.meant())),
        "metersim: departs from the contract": departures(session),
    }
    return [(heading, text) for heading, text in parts.items() if text]


def departures(session: SessionHandle) -> str:
    """A line for each departure of the client from a contract: unknown, ill-typed, deprecated."""
    return "\n".join(line for event in session.journal.requests() for line in _departures(event))


def _departures(event: Event) -> Iterator[str]:
    for violation in event["metersim"]["violations"]:
        yield f"{_called(event)}: {violation['path']}: {violation['message']}"


def _line(event: Event) -> str:
    about = event["metersim"]
    answered = event.get("response")
    status = "no answer" if answered is None else str(answered["status"])
    fault = f", fault {about['fault']}" if about["fault"] else ""
    return f"{about['at']} {_called(event)} → {status}{fault}: {'; '.join(about['trace'][1:])}"


def _called(event: Event) -> str:
    return f"{event['request']['method']} {event['request']['url']}"


def _near(miss: NearMiss) -> str:
    request, operation = miss["request"], miss.get("stubMapping", {})
    meant = operation.get("request", {})
    path = meant.get("urlPathTemplate") or meant.get("urlPath") or "nothing that is known"
    return f"{request['method']} {request['url']} comes near {meant.get('method', '')} {path}"
