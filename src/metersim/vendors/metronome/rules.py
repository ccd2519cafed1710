"""Metronome's rule book: the laws that its document cannot express."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_D, _C, _A = Basis.DOCUMENTED, Basis.CONFIRMED, Basis.ASSUMED
_R, _W = Effect.READ, Effect.WRITE
_PAGE = "Metronome API reference, usage"
_OPENAPI = "Metronome OpenAPI document (metronome-node)"
_STATUS_CODES = "Metronome documentation, status codes"
_EVENTS = "Metronome documentation, sending usage events"
_CLIENT = "PostHog source connector"
_LIVE = f"{_CLIENT}, observed live"
_SDK = "metronome-sdk 4.12.0"
_USAGE = ("listUsage",)
_INGEST = ("ingestUsage",)
_LISTED = (
    *("listCustomers", "createCustomer", "archiveCustomer"),
    *("listBillableMetrics", "archiveBillableMetric"),
)

RULES = (
    Rule(
        "METRONOME-01",
        "A missing, blank or wrong Bearer token → 401 (or 403) with {message}",
        (_D, _C),
        f"{_PAGE}; the reply: {_STATUS_CODES}; 403: {_CLIENT}",
        _R,
        _USAGE,
        refuses=("401", "403"),
    ),
    Rule(
        "METRONOME-02",
        "window_size, starting_on and ending_before are required; without one → 400 with {message}",
        (_D,),
        f"{_PAGE}; the reply: {_STATUS_CODES}",
        _R,
        _USAGE,
        refuses=(
            "body.window_size: is required",
            "body.starting_on: is required",
            "body.ending_before: is required",
        ),
    ),
    Rule(
        "METRONOME-03",
        "window_size has nine spellings, and spellings of one size give equal answers; anything "
        "else → 400",
        (_D,),
        f"{_PAGE}; 400: {_STATUS_CODES}",
        _R,
        _USAGE,
        refuses=("body.window_size: expected", "body.window_size: found"),
    ),
    Rule(
        "METRONOME-04",
        "A bound off UTC midnight → 400, whatever the window size",
        (_C,),
        f"{_SDK}; {_LIVE}",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-05",
        "ending_before less than a day after starting_on → 400",
        (_C,),
        f"{_SDK}; {_LIVE}",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-06",
        "N days are N windows by day and 24 N by hour per customer and metric, contiguous and "
        "half-open; none is one window with the bounds asked for",
        (_D,),
        f"{_PAGE} (text and printed rows); rows where nothing was ever used: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-07",
        "Windows add up: for a summed metric the hours of a day equal the day, and the days of a "
        "span equal none",
        (_D,),
        f"{_PAGE}, as windows are segments of one period",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-08",
        "Following next_page to null yields every customer, metric and window exactly once; the "
        "last page says null",
        (_D,),
        f"{_PAGE}; null at the end: Metronome documentation, pagination",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-09",
        "Rows are ordered by customer, metric and time; a page holds one pair of customer and "
        "metric only, in about 200 windows",
        (_C,),
        f"{_LIVE}; 200 is inferred from its numbers of requests",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-10",
        "Pages are stable: usage that is recorded during a walk makes no row appear twice or "
        "vanish",
        (_A,),
        "not published; assumed, as a walk that loses or repeats rows bills wrongly",
        _W,
        _USAGE,
    ),
    Rule(
        "METRONOME-11",
        "A cursor replayed with another body, forged or cut → 400",
        (_A,),
        "not published; assumed, as clients send a cursor with the body that it came from",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-12",
        "customer_ids returns exactly those customers; absent → all; an unknown uuid → no rows; "
        "anything but a uuid → 400",
        (_D, _A),
        f"{_PAGE}; ids that are unknown or no uuid: assumed",
        _R,
        _USAGE,
        refuses=("body.customer_ids.*:",),
    ),
    Rule(
        "METRONOME-13",
        "billable_metrics returns exactly those metrics; absent → all that are not archived",
        (_D,),
        f"{_PAGE}; that archived metrics are left out: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-14",
        "A window in which nothing matched has the value null, not 0; a sum that is 0 is 0",
        (_C,),
        f"{_OPENAPI}; {_CLIENT}",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-15",
        "group_by adds groups; a value that was asked for and not found is null; without group_by "
        "there are no groups; a key that the metric does not declare → 400",
        (_C,),
        f"{_OPENAPI}; that a key not declared is refused: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-16",
        "The group values of a summed metric add up to its value",
        (_A,),
        "not published; assumed, as groups divide the same events",
        _R,
        _USAGE,
    ),
    Rule(
        "METRONOME-17",
        "data and next_page are always there; a limit parameter → 400",
        (_D, _C),
        f"{_PAGE}; the limit: {_LIVE}",
        _R,
        _USAGE,
        refuses=("query.limit:",),
    ),
    Rule(
        "METRONOME-18",
        "Ingest takes 1 to 100 events → 200 with an empty body; 0 or 101 → 400 and nothing is "
        "stored",
        (_C,),
        f"{_OPENAPI}; that nothing is stored: assumed",
        _W,
        _INGEST,
        refuses=("body: expected",),
    ),
    Rule(
        "METRONOME-19",
        "A transaction_id repeated within 34 days → 200 and the value does not move: the first "
        "one wins",
        (_C,),
        f"{_EVENTS}; {_OPENAPI}",
        _W,
        _INGEST,
    ),
    Rule(
        "METRONOME-20",
        "One bad event in a batch → 400 and none is stored",
        (_A,),
        "not published; assumed, as a 4xx speaks of the whole request",
        _W,
        _INGEST,
        refuses=("body.*",),
    ),
    Rule(
        "METRONOME-21",
        "An event more than 24 hours ahead → 400; one older than 34 days → 200 and it does not "
        "count",
        (_C, _A),
        f"{_EVENTS}; 400, and what becomes of older events: assumed",
        _W,
        _INGEST,
    ),
    Rule(
        "METRONOME-22",
        "Events sent to an alias before its customer exists count once it does; moving the alias "
        "moves the usage",
        (_C,),
        f"{_EVENTS}; moving an alias: {_OPENAPI}",
        _W,
        (*_INGEST, "createCustomer", "setIngestAliases"),
    ),
    Rule(
        "METRONOME-23",
        "Sums are exact decimals: 0.1 ten times is 1",
        (_C,),
        _EVENTS,
        _W,
        (*_USAGE, *_INGEST),
    ),
    Rule(
        "METRONOME-24",
        "MAX, LATEST and UNIQUE are computed per window, not summed from smaller ones",
        (_A,),
        "not published; assumed, as none of the three adds up from window to window",
        _W,
        _USAGE,
    ),
    Rule(
        "METRONOME-25",
        "Archived customers and metrics leave the lists unless asked for; an alias that is taken "
        "→ 409 on create",
        (_C,),
        _OPENAPI,
        _W,
        _LISTED,
        refuses=("409 createCustomer",),
    ),
    Rule(
        "METRONOME-26",
        "With vendor limits on, the ninth request of a second → 429 with Retry-After, from which "
        "an official SDK recovers by itself",
        (_C,),
        f"{_STATUS_CODES}; the figure: {_CLIENT}; recovery: {_SDK}; Retry-After: assumed",
        _R,
        _USAGE,
        refuses=("429",),
    ),
    Rule(
        "METRONOME-27",
        "An unknown path → 404 with {message}",
        (_C,),
        _STATUS_CODES,
        _R,
        (),
        refuses=("404",),
    ),
)
