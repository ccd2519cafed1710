"""The SaaS API's rule book: the laws that its document cannot express."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_D, _A = Basis.DOCUMENTED, Basis.ASSUMED
_R, _W = Effect.READ, Effect.WRITE
_PAGE = "Get Usage documentation page"
_USAGE = ("getUsage",)

RULES = (
    Rule(
        "SAAS-01",
        "No session token, or a wrong one → 401 with exactly the documented body",
        (_D,),
        _PAGE,
        _R,
        _USAGE,
        refuses=("401",),
    ),
    Rule(
        "SAAS-02",
        "Success is {success: true, data}, failure {success: false, error: {code, message}}, "
        "never both",
        (_D,),
        f"{_PAGE} (printed replies)",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-03",
        "No dates → the current billing period, from its first instant to its last second "
        "(23:59:59Z)",
        (_D,),
        f"{_PAGE}; the last second: its printed period",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-04",
        "Dates select the period and come back in it; a bare end date runs to 23:59:59Z of that "
        "day",
        (_D,),
        f"{_PAGE}; the end of the day: its printed period",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-05",
        "startDate not before endDate → 400 BAD_REQUEST with the documented message",
        (_D,),
        f'{_PAGE} (printed message, its "before" taken literally)',
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-06",
        "A malformed date → 400 BAD_REQUEST",
        (_A,),
        "not published; assumed, with the status and code that an invalid range has",
        _R,
        _USAGE,
        refuses=("query.startDate:", "query.endDate:"),
    ),
    Rule(
        "SAAS-07",
        "metrics=api_calls,storage → exactly apiCalls and storage; the camelCase ids are taken too",
        (_D, _A),
        f"{_PAGE}; camelCase ids: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-08",
        "An unknown or empty metric id → 400 BAD_REQUEST",
        (_A,),
        "not published; assumed, as passing it over would hide a typing error",
        _R,
        _USAGE,
        refuses=("query.metrics",),
    ),
    Rule(
        "SAAS-09",
        "Units: apiCalls requests, storage GB, seats users, bandwidth GB, emails emails, webhooks "
        "events",
        (_D,),
        f"{_PAGE}, metric types",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-10",
        "overage = max(0, used − included)",
        (_D,),
        f"{_PAGE}, response fields and notes",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-11",
        "percentage = used / included × 100 to two decimals, and may pass 100",
        (_D,),
        f"{_PAGE} (printed figures; its React example clamps them at 100)",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-12",
        "estimatedCost.total = base + overage, exactly; currency is in lower case",
        (_D,),
        f"{_PAGE} (fields and printed reply); that nothing is rounded: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-13",
        "estimatedCost.overage is the sum over meters of overage × its overage price; 0 when "
        "nothing is over",
        (_D,),
        f"{_PAGE}, notes; that each meter has a price of its own: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-14",
        "projectedUsage extrapolates the current rate to the end of the period; when the period "
        "is over it equals used",
        (_D, _A),
        f"{_PAGE}, notes; a period that is over: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-15",
        "Counters restart with each period; storage and seats are levels and do not",
        (_D, _A),
        f"{_PAGE}, notes; which of them are levels: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-16",
        "Recorded usage shows within five minutes of the simulator's clock",
        (_D,),
        f"{_PAGE}, notes",
        _W,
        _USAGE,
    ),
    Rule(
        "SAAS-17",
        "Usage older than 12 months is gone: it counts nothing",
        (_D, _A),
        f"{_PAGE}, notes; what a query about it answers: assumed",
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-18",
        "Two adjacent spans of a counter add up to the span that covers both",
        (_A,),
        "not published; assumed, as both spans divide the same usage",
        _R,
        _USAGE,
    ),
)
