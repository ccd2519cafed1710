"""The SaaS API's rule book: the laws that its document cannot express."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_D, _A = Basis.DOCUMENTED, Basis.ASSUMED
_R, _W = Effect.READ, Effect.WRITE
_USAGE = ("getUsage",)

RULES = (
    Rule(
        "SAAS-01",
        "No session token, or a wrong one → 401 with exactly the documented body",
        (_D,),
        _R,
        _USAGE,
        refuses=("401",),
    ),
    Rule(
        "SAAS-02",
        "Success is {success: true, data}, failure {success: false, error: {code, message}}, "
        "never both",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-03",
        "No dates → the current billing period, from its first instant to its last second "
        "(23:59:59Z)",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-04",
        "Dates select the period and come back in it; a bare end date runs to 23:59:59Z of that "
        "day",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-05",
        "startDate not before endDate → 400 BAD_REQUEST with the documented message",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-06",
        "A malformed date → 400 BAD_REQUEST",
        (_A,),
        _R,
        _USAGE,
        refuses=("query.startDate:", "query.endDate:"),
    ),
    Rule(
        "SAAS-07",
        "metrics=api_calls,storage → exactly apiCalls and storage; the camelCase ids are taken too",
        (_D, _A),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-08",
        "An unknown or empty metric id → 400 BAD_REQUEST",
        (_A,),
        _R,
        _USAGE,
        refuses=("query.metrics",),
    ),
    Rule(
        "SAAS-09",
        "Units: apiCalls requests, storage GB, seats users, bandwidth GB, emails emails, webhooks "
        "events",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule("SAAS-10", "overage = max(0, used − included)", (_D,), _R, _USAGE),
    Rule(
        "SAAS-11",
        "percentage = used / included × 100 to two decimals, and may pass 100",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-12",
        "estimatedCost.total = base + overage, exactly; currency is in lower case",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-13",
        "estimatedCost.overage is the sum over meters of overage × its overage price; 0 when "
        "nothing is over",
        (_D,),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-14",
        "projectedUsage extrapolates the current rate to the end of the period; when the period "
        "is over it equals used",
        (_D, _A),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-15",
        "Counters restart with each period; storage and seats are levels and do not",
        (_D, _A),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-16",
        "Recorded usage shows within five minutes of the simulator's clock",
        (_D,),
        _W,
        _USAGE,
    ),
    Rule(
        "SAAS-17",
        "Usage older than 12 months is gone: it counts nothing",
        (_D, _A),
        _R,
        _USAGE,
    ),
    Rule(
        "SAAS-18",
        "Two adjacent spans of a counter add up to the span that covers both",
        (_A,),
        _R,
        _USAGE,
    ),
)
