"""MK.IO's rule book: the laws that its document cannot express."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_D, _C, _A = Basis.DOCUMENTED, Basis.CONFIRMED, Basis.ASSUMED
_R, _W = Effect.READ, Effect.WRITE
_DOCS = "MediaKind documentation"
_PAGE = f"{_DOCS}, usage and billing page"
_ERRORS = f"{_DOCS}, error handling page"
_REFUSED = f"{_PAGE}; that the refusal is 400: assumed"

_MONTH = ("getProjectUsage",)
_REPORT = ("createUsageReport",)
_METHODS = ("listPaymentMethods",)
_ASSIGN = ("replaceProjectPaymentMethod", "getProjectPaymentMethod")
_ENDPOINT = ("updateMetricsEndpoint", "getMetricsEndpoint")
_EVERY = (
    *_MONTH,
    *_REPORT,
    *_METHODS,
    "getPaymentMethod",
    "acceptTermsAndConditions",
    "getRateCard",
    *_ASSIGN,
    *_ENDPOINT,
    "scrapeMetrics",
)
_BEARER = _EVERY[:-1]

RULES = (
    Rule(
        "MKIO-01",
        "Every call needs a Bearer token: one that is missing, malformed or unknown → 401",
        (_D,),
        f"{_PAGE}; 401: {_ERRORS}",
        _R,
        _BEARER,
        refuses=("401",),
    ),
    Rule(
        "MKIO-02",
        "Every failure has the body {error: {code, detail, extraDetail}, status, ref}; status is "
        "the HTTP status, and no two requests share a ref",
        (_C,),
        f"{_ERRORS}; that no two refs are the same: assumed",
        _R,
        _EVERY,
    ),
    Rule(
        "MKIO-03",
        "Project usage runs from the 1st of the current month, 00:00 UTC, up to now, with one "
        "entry per meter",
        (_D,),
        f"{_PAGE}; that the month begins in UTC: assumed, as days of a report do",
        _R,
        _MONTH,
    ),
    Rule(
        "MKIO-04",
        "Project usage equals the organization's report of that project for the same span, meter "
        "by meter",
        (_D,),
        f"{_PAGE}, as two views of the same usage",
        _R,
        (*_MONTH, *_REPORT),
    ),
    Rule(
        "MKIO-05",
        "Dates of a report are YYYY-MM-DD in UTC; any other form → 400",
        (_D,),
        _REFUSED,
        _R,
        _REPORT,
        refuses=(
            "body.startDate: expected",
            "body.startDate: found",
            "body.endDate: expected",
            "body.endDate: found",
        ),
    ),
    Rule(
        "MKIO-06",
        "Usage at 00:00 UTC of startDate counts, usage at 00:00 UTC of endDate does not",
        (_D,),
        _PAGE,
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-07",
        "startDate on or after endDate → 400",
        (_A,),
        "not published; assumed, as such a span holds nothing",
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-08",
        "Granularity is hour, day, week, month or year, and day when absent; anything else → 400",
        (_D, _A),
        f"{_PAGE}; 400, and day when absent: assumed",
        _R,
        _REPORT,
        refuses=("body.granularity:",),
    ),
    Rule("MKIO-09", "By hour, 31 days pass and 32 days → 400", (_D,), _REFUSED, _R, _REPORT),
    Rule(
        "MKIO-10",
        "By day, one calendar year passes (366 days across a leap day) and one day more → 400",
        (_D,),
        f"{_PAGE}; 400, and a day more across a leap day: assumed",
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-11",
        "By week, month or year no span is too long: five years pass",
        (_D,),
        _PAGE,
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-12",
        "projectNames and paymentMethodIds together → 400",
        (_D,),
        _REFUSED,
        _R,
        _REPORT,
        refuses=("body: projectNames and paymentMethodIds",),
    ),
    Rule(
        "MKIO-13",
        "A filter returns exactly the rows of the projects or methods it names; the reports of all "
        "projects add up to the unfiltered one",
        (_D,),
        f"{_PAGE}; the sum follows from each filter taking its own rows",
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-14",
        "Totals do not depend on granularity: by hour, day, week and month, quantity and cost of a "
        "span are the same per meter",
        (_A,),
        "not published; assumed, as every granularity divides the same usage",
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-15",
        "format csv answers text/csv: a header, then the rows of the JSON report; json is the "
        "default",
        (_D,),
        f"{_PAGE}; content type, header and columns: assumed",
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-16",
        "download: true adds Content-Disposition: attachment with a file name, in both formats",
        (_D,),
        f"{_PAGE}; the header that makes it a download: assumed",
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-17",
        "filterOnReportedDate: true moves usage that was charged late into the span in which it "
        "was charged; over a span with both dates the totals agree",
        (_D,),
        _PAGE,
        _R,
        _REPORT,
    ),
    Rule(
        "MKIO-18",
        "cost is quantity × price, exactly, by the rate card of the method that carried the usage",
        (_D,),
        f"{_PAGE}, metered usage at a price per meter; that nothing is rounded: assumed",
        _R,
        (*_REPORT, *_MONTH, "getRateCard"),
    ),
    Rule(
        "MKIO-19",
        "Payment methods are listed as {value, supplemental.pagination}; $top and $skiptoken walk "
        "every method once",
        (_C,),
        f"{_DOCS}, pagination page; an offset as $skiptoken: clients in public code",
        _R,
        _METHODS,
    ),
    Rule(
        "MKIO-20",
        "Every method that is listed has a rate card with a price per meter; an unknown method "
        "→ 404",
        (_D,),
        f"{_PAGE}; 404: {_ERRORS}",
        _R,
        (*_METHODS, "getRateCard"),
        refuses=("404",),
    ),
    Rule(
        "MKIO-21",
        "Posting a payment method replaces the old one: a GET that follows returns the new one",
        (_D,),
        _PAGE,
        _W,
        _ASSIGN,
    ),
    Rule("MKIO-22", "Assigning a method activates an inactive project", (_D,), _PAGE, _W, _ASSIGN),
    Rule(
        "MKIO-23",
        "A method cannot be removed: DELETE → 405, a null or missing id → 400, and the assignment "
        "stands",
        (_D,),
        f"{_PAGE}; that the refusals are 405 and 400: assumed",
        _W,
        _ASSIGN,
        refuses=("405 DELETE", "body.paymentMethodId:"),
    ),
    Rule(
        "MKIO-24",
        "An unknown method → 404 and the assignment stands; an unknown project → 404",
        (_C,),
        f"{_ERRORS}; that a refusal leaves the assignment: assumed",
        _W,
        _ASSIGN,
        refuses=("404",),
    ),
    Rule(
        "MKIO-25",
        "A method whose terms are not accepted cannot be assigned until they are: 409",
        (_C,),
        f"{_DOCS}, billing page; that the refusal is 409: assumed",
        _W,
        (*_ASSIGN, "acceptTermsAndConditions"),
        refuses=("409",),
    ),
    Rule(
        "MKIO-26",
        "After a replacement, earlier usage stays with the old method and later usage goes to the "
        "new one",
        (_A,),
        "not published; assumed, as a method is charged for what it carried",
        _W,
        (*_ASSIGN, *_REPORT),
    ),
    Rule(
        "MKIO-27",
        "The metrics endpoint is off until PATCH {spec: {enabled: true}}; on, it reads with url, "
        "username and password; switched off, with none of them",
        (_D,),
        f"{_PAGE}; off at first: {_DOCS}, monitoring page; nothing shown while off: assumed",
        _W,
        _ENDPOINT,
    ),
    Rule(
        "MKIO-28",
        "The url is a Prometheus target under HTTP Basic with exactly those credentials: others, "
        "or those of an endpoint switched off since → 401",
        (_D, _C),
        f"{_PAGE}; Prometheus and Basic: {_DOCS}, monitoring page; 401: assumed",
        _W,
        (*_ENDPOINT, "scrapeMetrics"),
        refuses=("401 scrapeMetrics",),
    ),
    Rule(
        "MKIO-29",
        "PATCH with anything but {spec: {enabled: boolean}} → 400, and nothing changes",
        (_A,),
        "not published; assumed, as any other body of a wrong form is refused",
        _W,
        _ENDPOINT,
        refuses=("body",),
    ),
    Rule(
        "MKIO-30",
        "With vendor limits on, the 2,001st GET or 1,001st write of a minute on one project → 429 "
        "in the standard shape; other projects are not affected",
        (_C,),
        f"{_DOCS}, rate limits page",
        _R,
        _EVERY,
        refuses=("429",),
    ),
)
