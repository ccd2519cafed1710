"""Monk's rule book: the laws that its document cannot express."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_D, _C, _A = Basis.DOCUMENTED, Basis.CONFIRMED, Basis.ASSUMED
_R, _W = Effect.READ, Effect.WRITE
_PAGE = "Monk API reference, get usage cost"
_KEYS = "docs.monk.com authentication"
_COST = ("getUsageCost",)
_EVENTS = ("createEvent", "createEvents")

RULES = (
    Rule(
        "MONK-01",
        "A key that is missing, malformed, unknown, revoked or expired → 401 UNAUTHORIZED in "
        "{error: {message, code}}",
        (_D, _C),
        f"{_PAGE}; kinds of bad keys, and the reply: {_KEYS}",
        _R,
        _COST,
        refuses=("401",),
    ),
    Rule(
        "MONK-02",
        "A key without usage:read → 403 FORBIDDEN that names the scope; a key with * passes",
        (_D, _C),
        f"{_PAGE}; 403, the scope it names, and *: {_KEYS}",
        _R,
        _COST,
        refuses=("403",),
    ),
    Rule(
        "MONK-03",
        "startDate and endDate are required ISO 8601 date-times; missing, a bare date or "
        "malformed → 400",
        (_D,),
        f"{_PAGE}; that the refusal is 400: assumed",
        _R,
        _COST,
        refuses=("body.startDate:", "body.endDate:"),
    ),
    Rule(
        "MONK-04",
        "An event at startDate counts and one at endDate does not, to the second",
        (_D,),
        _PAGE,
        _R,
        _COST,
    ),
    Rule(
        "MONK-05",
        "startDate on or after endDate → 400",
        (_A,),
        "not published; assumed, as such a range holds nothing",
        _R,
        _COST,
    ),
    Rule(
        "MONK-06",
        "customerId (a uuid) or externalCustomerId is needed; neither → 400, both and of "
        "different customers → 400",
        (_D, _A),
        f"{_PAGE}; that both refusals are 400: assumed",
        _R,
        _COST,
        refuses=("body: one of", "body.customerId:"),
    ),
    Rule("MONK-07", "Both ids of one customer give the same total", (_D,), _PAGE, _R, _COST),
    Rule(
        "MONK-08",
        "An unknown customer → 404 NOT_FOUND",
        (_A,),
        "not published; assumed, as a customer is a named thing and this one is not found",
        _R,
        _COST,
        refuses=("404",),
    ),
    Rule(
        "MONK-09",
        "eventNames selects meters; absent → every active meter; inactive meters never count",
        (_D,),
        _PAGE,
        _R,
        _COST,
    ),
    Rule(
        "MONK-10",
        "The totals of disjoint sets of eventNames add up to the total of their union",
        (_D,),
        f"{_PAGE}, as names select meters, each with a cost of its own",
        _R,
        _COST,
    ),
    Rule(
        "MONK-11",
        "50 event names pass, 51 → 400; 20 property filters pass, 21 → 400",
        (_D,),
        f"{_PAGE}; that the refusal is 400: assumed",
        _R,
        _COST,
        refuses=("body.eventNames: expected at most", "body.propertyFilters: expected at most"),
    ),
    Rule(
        "MONK-12",
        "Property filters narrow: a further filter never raises the total, and two must both hold",
        (_D,),
        f"{_PAGE}, as each filter is one more condition",
        _R,
        _COST,
    ),
    Rule(
        "MONK-13",
        "Splitting the range at any instant splits the total exactly",
        (_D,),
        f"{_PAGE}, as the start is in the range and the end is not",
        _R,
        _COST,
    ),
    Rule(
        "MONK-14",
        "Without creditRateCents: unit currency, currency USD, and no creditRateCents in the reply",
        (_D,),
        _PAGE,
        _R,
        _COST,
    ),
    Rule(
        "MONK-15",
        "With it: unit credits, the rate echoed, no currency; credits = USD × 100 / rate, exactly "
        "(750 and 15 USD → 2)",
        (_D,),
        f"{_PAGE}; what is done where a quotient does not end: assumed",
        _R,
        _COST,
    ),
    Rule(
        "MONK-16",
        "creditRateCents of 0, negative or fractional → 400",
        (_D,),
        f"{_PAGE}; that the refusal is 400: assumed",
        _R,
        _COST,
        refuses=("body.creditRateCents:",),
    ),
    Rule(
        "MONK-17",
        "The dates come back as given, in the form .000Z; queriedAt is the simulator's now",
        (_D,),
        f"{_PAGE} (printed answer)",
        _R,
        _COST,
    ),
    Rule(
        "MONK-18",
        "Nothing used → totalAmount 0 and 200",
        (_A,),
        "not published; assumed, as it is no error to have used nothing",
        _R,
        _COST,
    ),
    Rule(
        "MONK-19",
        "Graduated and volume prices differ at a tier boundary as each is defined",
        (_C,),
        "docs.monk.com create-pricing",
        _R,
        _COST,
    ),
    Rule(
        "MONK-20",
        "An event sent twice under one idempotencyKey counts once, with its newest values",
        (_C,),
        "docs.monk.com create-event",
        _W,
        _EVENTS,
    ),
    Rule(
        "MONK-21",
        "A batch of 10,000 events is accepted with its count; 10,001 → 400 and nothing is stored",
        (_C,),
        "docs.monk.com batch-create-events; 400, and that it is all or none: assumed",
        _W,
        ("createEvents",),
        refuses=("body.events: expected at most",),
    ),
    Rule(
        "MONK-22",
        "An event more than one hour ahead → 400",
        (_C,),
        "docs.monk.com create-event; that the refusal is 400: assumed",
        _W,
        _EVENTS,
    ),
    Rule(
        "MONK-23",
        "With vendor limits on: the 101st request of a minute from one address → 429; sending "
        "events is exempt",
        (_C,),
        "docs.monk.com (limit, status and exemption)",
        _R,
        _COST,
        refuses=("429",),
    ),
)
