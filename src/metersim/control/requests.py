"""What was asked of one session: the journal, in the words of WireMock's admin API."""

from __future__ import annotations

from http import HTTPStatus

from metersim.billing.instants import parse_date_or_instant
from metersim.control.call import ControlCall
from metersim.reading import Json
from metersim.simulation import logged
from metersim.simulation.call import Reply
from metersim.simulation.following import Feed, Waiting
from metersim.simulation.har import har
from metersim.simulation.journal import Journal
from metersim.simulation.matching import Pattern
from metersim.simulation.near_misses import offers
from metersim.simulation.replay import curl_script, pytest_script


def list_requests(call: ControlCall) -> Json:
    """The newest first, as WireMock lists them."""
    since = call.query.get("since")
    return logged.requests(
        _journal(call),
        limit=call.query.get("limit"),
        since=None if since is None else parse_date_or_instant(since),
        unmatched=call.query.get("unmatched", False),
    )


def search_requests(call: ControlCall) -> Json:
    """WireMock finds requests alone; here their answers come along."""
    return logged.events(_journal(call), Pattern(call.body))


def clear_requests(call: ControlCall) -> Json:
    """Forgotten, and counted anew."""
    _journal(call).clear()
    return {}


def get_request(call: ControlCall) -> Json | Reply:
    """By the id that the reply bore."""
    entry = _journal(call).get(call.path["id"])
    return _not_kept(call) if entry is None else logged.serve_event(entry)


def remove_request(call: ControlCall) -> Json | Reply:
    """By the id that the reply bore."""
    return {} if _journal(call).remove(call.path["id"]) else _not_kept(call)


def count_requests(call: ControlCall) -> Json:
    """Of those that are kept; how many were dropped is told."""
    return logged.counted(_journal(call), Pattern(call.body))


def find_requests(call: ControlCall) -> Json:
    """The oldest first."""
    return logged.found(_journal(call), Pattern(call.body))


def remove_matching_requests(call: ControlCall) -> Json:
    """Which they were is told."""
    return logged.removed(_journal(call), Pattern(call.body))


def list_unmatched_requests(call: ControlCall) -> Json:
    """Those no operation is for."""
    return logged.unmatched_requests(_journal(call))


def list_unmatched_near_misses(call: ControlCall) -> Json:
    """Which operations they may have meant."""
    return logged.unmatched_near_misses(_journal(call), offers(call.vendors.values()))


def find_near_misses(call: ControlCall) -> Json:
    """Why the calls that come nearest to a pattern do not match it."""
    return logged.near_misses(_journal(call), Pattern(call.body))


def wait_for_requests(call: ControlCall) -> Waiting:
    """The plane's caller waits, and holds up nobody meanwhile."""
    asked = call.body
    # A whole number may come as 3.0.
    count, milliseconds = int(asked["count"]), int(asked["timeoutMilliseconds"])
    return Waiting(_journal(call), Pattern(asked["pattern"]), count, milliseconds)


def export_requests(call: ControlCall) -> Json | Reply:
    """For other tools, or to be made again; the oldest first."""
    journal = _journal(call)
    match call.query["format"]:
        case "curl":
            script = curl_script(journal, journal.redaction, journal.dropped)
            return Reply(script, media_type="text/x-shellscript")
        case "pytest":
            script = pytest_script(journal, journal.redaction, journal.dropped)
            return Reply(script, media_type="text/x-python")
        case _:
            return har(journal, journal.dropped)


def stream_requests(call: ControlCall) -> Feed:
    """From now on, until the client leaves."""
    return Feed(_journal(call))


def _journal(call: ControlCall) -> Journal:
    return call.session.journal


def _not_kept(call: ControlCall) -> Reply:
    journal = _journal(call)
    told = f"no request {call.path['id']!r} is kept, and {journal.dropped} were dropped"
    return Reply({"error": told}, HTTPStatus.NOT_FOUND)
