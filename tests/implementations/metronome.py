"""Metronome's API in some hundred lines of Flask, by someone who read its pages alone.

A defect is switched on by name; without one, it is right. Its clock stands at NOW; for its limit it
takes two requests that differ to be a second apart.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request

from tests.implementations.metronome_customers import answer, serve_customers, serve_lists
from tests.implementations.metronome_reading import Refused, instant, sent
from tests.implementations.metronome_store import ADA, BO, KEPT, METRICS, NOW, Store
from tests.implementations.metronome_usage import page

TOKEN = "token-of-the-account"
VALUES = {
    "since": "2025-04-01",
    "until": "2025-06-01",
    "customer_id": ADA,
    "other_customer_id": BO,
    "metric_id": METRICS["Compute"][0],
    "property_key": "region",
}
UNPROVEN: set[str] = set()

# Defect -> the rule that it breaks.
DEFECTS = {
    "any token will do": "METRONOME-01",
    "a missing token is let in": "METRONOME-01",
    "401 without a message": "METRONOME-01",
    "any scheme will do": "METRONOME-01",
    "a token may go on": "METRONOME-01",
    "lists are open to anybody": "METRONOME-01",
    "a token needs no scheme": "METRONOME-01",
    "the window size is day by default": "METRONOME-02",
    "422 for what is missing": "METRONOME-02",
    "a start may be missing": "METRONOME-02",
    "Hour is taken for day": "METRONOME-03",
    "title case is refused": "METRONOME-03",
    "week is taken for day": "METRONOME-03",
    "case does not matter": "METRONOME-03",
    "lower case is refused": "METRONOME-03",
    "spaces do not matter": "METRONOME-03",
    "hours may start at any time": "METRONOME-04",
    "bounds are cut to their day": "METRONOME-04",
    "bounds are read without their offset": "METRONOME-04",
    "an end is cut to its hour": "METRONOME-04",
    "an empty span passes": "METRONOME-05",
    "a span of a day is refused": "METRONOME-05",
    "a span that is turned round is empty": "METRONOME-05",
    "the last day is left out": "METRONOME-06",
    "windows include their end": "METRONOME-06",
    "windows end a second early": "METRONOME-06",
    "one window spans what was used": "METRONOME-06",
    "thirty days are enough": "METRONOME-06",
    "none ends now at the latest": "METRONOME-06",
    "midnight is of the day before": "METRONOME-06",
    "hours are rounded": "METRONOME-07",
    "the last hour of a day counts nothing": "METRONOME-07",
    "none leaves its last day out": "METRONOME-07",
    "the last row of a page comes again": "METRONOME-08",
    "a row is lost between two pages": "METRONOME-08",
    "the last pair is missing": "METRONOME-08",
    "a row is lost after the second page": "METRONOME-08",
    "the last pair is missing where all are meant": "METRONOME-08",
    "the last page has an empty cursor": "METRONOME-08",
    "the last page leads to itself": "METRONOME-08",
    "the last page leads to the first": "METRONOME-08",
    "customers within metrics": "METRONOME-09",
    "the latest first": "METRONOME-09",
    "pages of two pairs": "METRONOME-09",
    "pages of single windows are of two pairs": "METRONOME-09",
    "all on one page": "METRONOME-09",
    "cursors count pairs": "METRONOME-10",
    "cursors end with the next event": "METRONOME-10",
    "cursors fit any query": "METRONOME-11",
    "cursors know their bounds alone": "METRONOME-11",
    "an unknown cursor starts anew": "METRONOME-11",
    "customer_ids does not select": "METRONOME-12",
    "only the first customer counts": "METRONOME-12",
    "all customers but the last are meant": "METRONOME-12",
    "an unknown customer is refused": "METRONOME-12",
    "any text is an id": "METRONOME-12",
    "billable_metrics does not select": "METRONOME-13",
    "only the first metric counts": "METRONOME-13",
    "an unknown metric means all": "METRONOME-13",
    "two metrics are enough": "METRONOME-13",
    "archived metrics are shown": "METRONOME-13",
    "nothing is 0": "METRONOME-14",
    "gaps are 0": "METRONOME-14",
    "a sum of 0 is null": "METRONOME-14",
    "nothing has no value": "METRONOME-14",
    "group_by is ignored": "METRONOME-15",
    "groups are always shown": "METRONOME-15",
    "groups are empty": "METRONOME-15",
    "all are grouped where one is": "METRONOME-15",
    "values that are not found are left out": "METRONOME-15",
    "values do not select": "METRONOME-15",
    "any group key will do": "METRONOME-15",
    "events without the property are in no group": "METRONOME-16",
    "groups stand for the value": "METRONOME-16",
    "no next_page on the last page": "METRONOME-17",
    "limit is let pass": "METRONOME-17",
    "an empty batch is taken": "METRONOME-18",
    "any number of events is taken": "METRONOME-18",
    "a hundredth event is lost": "METRONOME-18",
    "what was one too many is remembered": "METRONOME-18",
    "ingestion answers with what it took": "METRONOME-18",
    "the last one wins": "METRONOME-19",
    "repeated events count again": "METRONOME-19",
    "each customer has its own transactions": "METRONOME-19",
    "each type has its own transactions": "METRONOME-19",
    "repeated events are refused": "METRONOME-19",
    "good events of a bad batch are kept": "METRONOME-20",
    "bad events are passed over": "METRONOME-20",
    "good events of a bad batch are remembered": "METRONOME-20",
    "an event needs no type": "METRONOME-20",
    "a transaction_id may be long": "METRONOME-20",
    "the future is open": "METRONOME-21",
    "nothing may be ahead": "METRONOME-21",
    "old events count": "METRONOME-21",
    "old events are refused": "METRONOME-21",
    "events are old in a week": "METRONOME-21",
    "usage is matched when it comes": "METRONOME-22",
    "usage stays with its first customer": "METRONOME-22",
    "one alias is enough": "METRONOME-22",
    "an alias cannot be moved": "METRONOME-22",
    "an alias stays with who was there before": "METRONOME-22",
    "sums of floats": "METRONOME-23",
    "numbers are doubles": "METRONOME-23",
    "sums are rounded": "METRONOME-23",
    "credits are charged": "METRONOME-23",
    "MAX is summed": "METRONOME-24",
    "MAX goes by the text": "METRONOME-24",
    "LATEST is the first": "METRONOME-24",
    "UNIQUE counts events": "METRONOME-24",
    "UNIQUE is the most of a day": "METRONOME-24",
    "LATEST is the last to come": "METRONOME-24",
    "archived customers stay in the list": "METRONOME-25",
    "only_archived is ignored": "METRONOME-25",
    "archived metrics are listed": "METRONOME-25",
    "an alias may be anybody's": "METRONOME-25",
    "one alias is compared": "METRONOME-25",
    "who clashes is made all the same": "METRONOME-25",
    "429 without Retry-After": "METRONOME-26",
    "429 without a message": "METRONOME-26",
    "503 for one too many": "METRONOME-26",
    "Retry-After is a word": "METRONOME-26",
    "the eighth request is one too many": "METRONOME-26",
    "ten requests pass": "METRONOME-26",
    "unknown paths are told in HTML": "METRONOME-27",
    "unknown paths are answered": "METRONOME-27",
}
_REQUIRED = ("transaction_id", "customer_id", "event_type", "timestamp")


def create(defect: str | None = None) -> Flask:
    """The app, with one defect or none."""
    app, store = Flask(__name__), Store(defect)
    recent: list[tuple[str, bytes]] = []

    @app.before_request
    def admitted() -> Response | None:
        if not _let_in(defect):
            return answer({} if defect == "401 without a message" else _says("Who are you?"), 401)
        if request.path == "/v1/ingest":
            return None
        asked = request.full_path, request.data
        recent[:] = [*recent, asked] if recent[-1:] == [asked] else [asked]
        most = {"the eighth request is one too many": 7, "ten requests pass": 10}.get(
            defect or "", 8
        )
        if len(recent) <= most:
            return None
        status = 503 if defect == "503 for one too many" else 429
        reply = answer({} if defect == "429 without a message" else _says("Slow down."), status)
        if defect != "429 without Retry-After":
            reply.headers["Retry-After"] = "soon" if defect == "Retry-After is a word" else "1"
        return reply

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return answer(_says(error.message), error.status)

    @app.errorhandler(404)
    def unknown(error: object) -> Response:
        if defect == "unknown paths are told in HTML":
            return Response("<h1>Not found</h1>", 404)
        known = defect == "unknown paths are answered"
        return answer(_says(f"there is no {request.path}"), 200 if known else 404)

    @app.post("/v1/usage")
    def usage() -> Response:
        if "limit" in request.args and defect != "limit is let pass":
            raise Refused("limit is not for you to choose")
        return answer(page(store, sent(), request.args.get("next_page")), 200)

    _serve_ingestion(app, store)
    serve_customers(app, store)
    serve_lists(app, store)
    return app


def _let_in(defect: str | None) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if defect == "lists are open to anybody" and request.method == "GET":
        return True
    if defect == "a token needs no scheme" and scheme == TOKEN.partition(" ")[0]:
        return True
    if defect == "any scheme will do":
        return token == TOKEN
    if defect == "a token may go on":
        return scheme == "Bearer" and token.startswith(TOKEN)
    if defect == "any token will do":
        return bool(token)
    if defect == "a missing token is let in" and not scheme:
        return True
    return scheme == "Bearer" and token == TOKEN


def _says(message: str) -> dict[str, Any]:
    return {"message": message, "documentation": "https://example.com/errors"}


def _serve_ingestion(app: Flask, store: Store) -> None:
    @app.post("/v1/ingest")
    def ingest() -> Response:
        events, defect = request.get_json(force=True, silent=True), store.defect
        most = 10_000 if defect == "any number of events is taken" else 100
        least = 0 if defect == "an empty batch is taken" else 1
        if not isinstance(events, list) or not least <= len(events) <= most:
            if defect == "what was one too many is remembered":
                store.remember(events or [])
            raise Refused("send 1 to 100 events")
        good = []
        for event in events:
            try:
                good.append(_event(event, store))
            except Refused:
                if defect == "good events of a bad batch are kept":
                    store.record(good)
                if defect == "good events of a bad batch are remembered":
                    store.remember(events)
                if defect != "bad events are passed over":
                    raise
        store.record(good[:99] if defect == "a hundredth event is lost" else good)
        if defect == "ingestion answers with what it took":
            return answer({"taken": len(good)}, 200)
        return Response(status=200)


def _event(event: Any, store: Store) -> Any:
    if not isinstance(event, dict) or not isinstance(event.get("properties", {}), dict):
        raise Refused("an event is an object, and so are its properties")
    if store.defect == "an event needs no type":
        event = {"event_type": "none", **event}
    for name in _REQUIRED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise Refused(f"an event needs its {name}")
    most = 256 if store.defect == "a transaction_id may be long" else 128
    if len(event["transaction_id"]) > most:
        raise Refused("a transaction_id has 128 characters at most")
    at, ahead = instant(event["timestamp"]), timedelta(hours=24)
    if store.defect == "nothing may be ahead":
        ahead = timedelta(0)
    if at > NOW + ahead and store.defect != "the future is open":
        raise Refused("that is still to come")
    if at < NOW - KEPT and store.defect == "old events are refused":
        raise Refused("that was long ago")
    known = "select 1 from events where transaction_id=?"
    again = store.db.execute(known, (event["transaction_id"],)).fetchone()
    if again and store.defect == "repeated events are refused":
        raise Refused("that came before", 409)
    named, kind = event["customer_id"], event["event_type"]
    return event["transaction_id"], named, kind, at, event.get("properties", {})
