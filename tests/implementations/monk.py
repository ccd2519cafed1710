"""Monk's usage cost and events in Flask and SQLite, by someone who read their pages alone.

A defect is switched on by name; without one, it is right. Its clock stands at NOW.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from simplejson import dumps, loads

from tests.implementations.monk_reading import (
    NOW,
    Refused,
    invalid,
    read_customer,
    read_event,
    read_list,
    read_rate,
    read_span,
    spelt,
    total,
)
from tests.implementations.monk_usage import ADA, BOB, Usage

TOKEN = "mk_live_5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
_BLIND = "mk_live_b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1"
_SCOPES = {TOKEN: {"usage:read", "usage:write"}, _BLIND: {"meters:read"}}
VALUES = {
    "customer_id": ADA,
    "external_customer_id": "acct/ada",
    "other_customer_id": BOB,
    "event_name": "tokens.used",
    "other_event_name": "report.finished",
    "inactive_event_name": "fax.sent",
    "property_key": "tenant",
    "property_value": "north",
    "token_without_scope": _BLIND,
    "since": "2026-04-03T00:00:00Z",
    "until": "2026-05-04T00:00:00Z",
}
# Neither prices nor quantities can be read.
UNPROVEN = {"MONK-19"}

# Defect -> the rule that it breaks.
DEFECTS = {
    "any key will do": "MONK-01",
    "no key will do": "MONK-01",
    "the beginning of a key will do": "MONK-01",
    "a key will do without Bearer": "MONK-01",
    "another code for 401": "MONK-01",
    "a message alone for 401": "MONK-01",
    "403 without a key": "MONK-01",
    "scopes are not looked at": "MONK-02",
    "no scope is named": "MONK-02",
    "401 without the scope": "MONK-02",
    "bare dates are taken": "MONK-03",
    "no end means now": "MONK-03",
    "no start means today": "MONK-03",
    "422 for what is malformed": "MONK-03",
    "offsets are refused": "MONK-03",
    "the end counts": "MONK-04",
    "the start does not count": "MONK-04",
    "the end counts and the start does not": "MONK-04",
    "the end counts until midnight": "MONK-04",
    "bounds are cut to days": "MONK-04",
    "offsets are ignored": "MONK-04",
    "an empty span passes": "MONK-05",
    "a span may run backwards": "MONK-05",
    "nobody in particular is let pass": "MONK-06",
    "customerId goes before the other": "MONK-06",
    "externalCustomerId goes before the other": "MONK-06",
    "any text is an id": "MONK-06",
    "each id has its own events": "MONK-07",
    "an unknown customer used nothing": "MONK-08",
    "400 for an unknown customer": "MONK-08",
    "another code for 404": "MONK-08",
    "event names do not select": "MONK-09",
    "inactive meters count": "MONK-09",
    "without names the first meter alone": "MONK-09",
    "a part of a name suffices": "MONK-09",
    "the case of a name is not looked at": "MONK-09",
    "the first name alone": "MONK-10",
    "the last name alone": "MONK-10",
    "all names must match": "MONK-10",
    "a name given twice counts twice": "MONK-10",
    "51 of eventNames pass": "MONK-11",
    "50 of eventNames are refused": "MONK-11",
    "21 of propertyFilters pass": "MONK-11",
    "20 of propertyFilters are refused": "MONK-11",
    "50 names and filters in all": "MONK-11",
    "filters do not select": "MONK-12",
    "any property may have the value": "MONK-12",
    "one filter suffices": "MONK-12",
    "the last filter alone": "MONK-12",
    "the first filter alone": "MONK-12",
    "a part of the value suffices": "MONK-12",
    "the case of a value is not looked at": "MONK-12",
    "totals in cents": "MONK-13",
    "sums of doubles": "MONK-13",
    "a fee for every question": "MONK-13",
    "currency in lower case": "MONK-14",
    "a rate of null": "MONK-14",
    "unit USD": "MONK-14",
    "whole credits": "MONK-15",
    "credits in cents": "MONK-15",
    "a rate in dollars": "MONK-15",
    "a currency beside credits": "MONK-15",
    "the rate is not told": "MONK-15",
    "a rate of 0 is none": "MONK-16",
    "negative rates pass": "MONK-16",
    "fractions of a rate are cut": "MONK-16",
    "dates without milliseconds": "MONK-17",
    "dates in local time": "MONK-17",
    "queried at the end": "MONK-17",
    "404 for no usage": "MONK-18",
    "null for no usage": "MONK-18",
    "an event sent twice counts twice": "MONK-20",
    "the first event of a key stays": "MONK-20",
    "the largest event of a key stays": "MONK-20",
    "an event keeps its first time": "MONK-20",
    "an event keeps its first properties": "MONK-20",
    "a known key is refused": "MONK-20",
    "keys are not looked at in batches": "MONK-20",
    "10,001 events are taken": "MONK-21",
    "10,000 events are refused": "MONK-21",
    "the first 10,000 events are stored": "MONK-21",
    "the count is of names": "MONK-21",
    "events of tomorrow are taken": "MONK-22",
    "events of two hours ahead are taken": "MONK-22",
    "batches are not looked at": "MONK-22",
    "nothing ahead is taken": "MONK-22",
    "events are limited too": "MONK-23",
}

_LIMIT = 100
_AHEAD = {
    "events of tomorrow are taken": timedelta(days=2),
    "events of two hours ahead are taken": timedelta(hours=2),
    "nothing ahead is taken": timedelta(0),
}


def create(defect: str | None = None) -> Flask:
    """The app, with one defect or none."""
    app, usage, count = Flask(__name__), Usage(defect), _limit()

    @app.post("/v1/usage/cost")
    def cost() -> Response:
        count()
        _let_in("usage:read", defect)
        return _json(_cost(usage, _body(), defect), 200)

    @app.post("/v1/events")
    def event() -> Response:
        if defect == "events are limited too":
            count()
        _let_in("usage:write", defect)
        ahead = _AHEAD.get(defect or "", timedelta(hours=1))
        read = read_event(_body(), usage.customer, defect, ahead)
        if defect == "a known key is refused" and usage.has(read.get("idempotencyKey")):
            raise Refused(409, "CONFLICT", "we had that one")
        [key] = usage.add([read])
        return _accepted(idempotencyKey=key)

    @app.post("/v1/events/batch")
    def batch() -> Response:
        _let_in("usage:write", defect)
        return _accepted(count=_store(usage, _body().get("events"), defect))

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        if defect == "a message alone for 401" and error.status == 401:
            return _json({"message": str(error)}, 401)
        said = {"message": str(error), "code": error.code, "retryable": error.status == 429}
        reply = _json({"error": said}, error.status)
        if error.status == 429:
            reply.headers["Retry-After"] = "0"
        return reply

    return app


def _json(body: object, status: int) -> Response:
    return Response(dumps(body, use_decimal=True), status, mimetype="application/json")


def _accepted(**more: Any) -> Response:
    return _json({"status": "accepted", **more, "requestId": "req_0123456789abcdef"}, 200)


def _limit() -> Callable[[], None]:
    """Counts calls. No clock runs here: a minute has passed when somebody was refused twice."""
    calls = 0

    def count() -> None:
        nonlocal calls
        calls = 1 if calls == _LIMIT + 2 else calls + 1
        if calls > _LIMIT:
            raise Refused(429, "TOO_MANY_REQUESTS", "slow down")

    return count


def _let_in(scope: str, defect: str | None) -> None:
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if defect == "any key will do" and token or defect == "no key will do" and not header:
        return
    if defect == "the beginning of a key will do":
        token = next((key for key in _SCOPES if token.startswith(key)), token)
    if defect == "a key will do without Bearer" and header in _SCOPES:
        scheme, token = "bearer", header
    if scheme.lower() != "bearer" or token not in _SCOPES:
        code = "INVALID_KEY" if defect == "another code for 401" else "UNAUTHORIZED"
        status = 403 if defect == "403 without a key" and not header else 401
        raise Refused(status, code, "that is none of our keys")
    if scope not in _SCOPES[token] and defect != "scopes are not looked at":
        named = "more" if defect == "no scope is named" else scope
        status = 401 if defect == "401 without the scope" else 403
        raise Refused(status, "FORBIDDEN", f"your key would need {named}")


def _body() -> dict[str, Any]:
    try:
        found = loads(request.get_data(), use_decimal=True)
    except ValueError:
        raise invalid("that is no JSON") from None
    if not isinstance(found, dict):
        raise invalid("expected an object")
    return found


def _cost(usage: Usage, body: dict[str, Any], defect: str | None) -> dict[str, Any]:
    start, end = read_span(body, defect)
    customer = read_customer(body, usage.customer, defect)
    names = read_list(body, "eventNames", 50, defect)
    filters = read_list(body, "propertyFilters", 20, defect)
    rate = read_rate(body, defect)
    if defect == "50 names and filters in all" and len(names or []) + len(filters or []) > 50:
        raise invalid("more than 50 of both")
    by_external = "customerId" not in body
    dollars = usage.cost(customer, start, end, names, filters, by_external)
    if defect == "404 for no usage" and not dollars:
        raise Refused(404, "NO_USAGE", "nothing was used")
    queried = end if defect == "queried at the end" else NOW
    dates = {"startDate": start, "endDate": end, "queriedAt": queried}
    told = {name: spelt(name, instant, defect) for name, instant in dates.items()}
    return {**total(dollars, rate, defect), **told}


def _store(usage: Usage, events: Any, defect: str | None) -> int:
    if not isinstance(events, list) or not events:
        raise invalid("a batch holds events")
    looks = defect != "batches are not looked at"
    ahead = timedelta(hours=1) if looks else None
    read = [read_event(event, usage.customer, defect, ahead) for event in events]
    most = 9_999 if defect == "10,000 events are refused" else 10_000
    if len(read) > most and defect != "10,001 events are taken":
        if defect == "the first 10,000 events are stored":
            usage.add(read[:most])
        raise invalid(f"more than {most} events")
    if defect == "keys are not looked at in batches":
        usage.add([{**event, "idempotencyKey": None} for event in read])
    else:
        usage.add(read)
    return len(
        {event["eventName"] for event in read} if defect == "the count is of names" else read
    )
