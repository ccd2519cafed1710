"""Mudbase's rule book: the laws that its document cannot express."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_D, _C, _A = Basis.DOCUMENTED, Basis.CONFIRMED, Basis.ASSUMED
_R, _W = Effect.READ, Effect.WRITE
_PAGE = "Mudbase documentation, record usage page"
_OPENAPI = "Mudbase OpenAPI document 1.2.1 (mudbase-sdk)"
_RECORD = ("recordUsage",)

RULES = (
    Rule(
        "MUDBASE-01",
        'Without any credentials → 200 {message: "Usage recorded successfully"}',
        (_D,),
        _PAGE,
        _W,
        _RECORD,
    ),
    Rule(
        "MUDBASE-02",
        "A missing or ill-typed email, metric or quantity → 400 {error, code: VALIDATION_ERROR, "
        "details} whose details name the field; nothing is recorded",
        (_D, _C),
        f"{_PAGE}; required fields and the reply: {_OPENAPI}; nothing recorded: assumed",
        _R,
        _RECORD,
        refuses=(
            "body.email:",
            "body.metric:",
            "body.quantity: is required",
            "body.quantity: expected number",
        ),
    ),
    Rule(
        "MUDBASE-03",
        "The metric is free text: words, spaces, any script",
        (_D,),
        f"{_PAGE} (printed metrics); that any script will do: assumed",
        _W,
        _RECORD,
    ),
    Rule(
        "MUDBASE-04",
        "Fractional quantities are kept exactly, and each call adds",
        (_D,),
        f"{_PAGE} (printed quantities); each call adds: assumed, as none is marked a repetition",
        _W,
        _RECORD,
    ),
    Rule(
        "MUDBASE-05",
        "A negative quantity, NaN or a number in a string → 400",
        (_A,),
        "not published; assumed, as usage is not taken back, and mudbase 1.3.17 sends real numbers",
        _R,
        _RECORD,
        refuses=("body.quantity: expected",),
    ),
    Rule(
        "MUDBASE-06",
        "projectId is an ObjectId of 24 hexadecimal digits or of the form proj_…; malformed → 400, "
        "well-formed and unknown → 404",
        (_D, _A),
        f"{_PAGE} (text and sample call); both refusals: assumed",
        _R,
        _RECORD,
        refuses=("path.projectId:", "404"),
    ),
    Rule(
        "MUDBASE-07",
        "A secured project: no key → 401, another project's key → 403, its own X-API-Key → 200",
        (_D,),
        f"{_PAGE}; the header: {_OPENAPI}; when it is 401 and when 403: assumed",
        _W,
        _RECORD,
    ),
    Rule(
        "MUDBASE-08",
        "A 429 carries retryAfter in its body; a restricted organization → 503 SERVICE_UNAVAILABLE",
        (_C,),
        f"{_OPENAPI}, shared responses",
        _R,
        _RECORD,
        refuses=("429", "503"),
    ),
    Rule(
        "MUDBASE-09",
        "What was recorded can be read back through the control plane, and through every other "
        "vendor's view of the same customer",
        (_A,),
        "not published, as no call reads usage; assumed, by a control plane of the simulator's own",
        _W,
        _RECORD,
    ),
)
