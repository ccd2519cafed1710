"""Who is let in, and what success and failure look like."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from metersim.billing.instants import to_seconds
from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.vendors.saas.proofs.asking import DAY, day, period, usage

_WRONG = ("Bearer not-a-session-of-anyone", "Bearer", "Basic dXNlcjpwYXNzd29yZA==")
_MALFORMED = (
    "yesterday",
    "2024-13-01",
    "2024-02-30",
    "01/02/2024",
    "2024-1-5",
    "2024-01-05T25:00:00Z",
    "1704412800",
    "",
)


@proves("SAAS-01", calls=7)
def nobody_reads_without_a_session_token(trial: Trial) -> None:
    printed = trial.printed("getUsage", HTTPStatus.UNAUTHORIZED)
    # Another token is another, however much of it is right; and a right one is no user's name.
    own = trial.token
    nearly_right = (f"Bearer {own}0", f"Basic {own}", own) if own else ()
    for authorization in (None, *_WRONG, *nearly_right):
        headers = {} if authorization is None else {"Authorization": authorization}
        reply = trial.call("getUsage", headers=headers, token=None)
        reply.expect_status(401)
        agree("the body", reply.json, printed, reply)


@proves("SAAS-02", calls=4)
def a_reply_is_a_success_or_a_failure_and_never_both(trial: Trial) -> None:
    success = usage(trial)
    success.expect_status(200)
    # What else an envelope carries is nobody's rule.
    _has(success, "data", "error", True)
    for query in ({"startDate": "2024-02-01", "endDate": "2024-01-01"}, {"metrics": "no_such"}):
        _is_failure(usage(trial, **query))
    _is_failure(trial.call("getUsage", token=None))


def _has(reply: Exchange, part: str, other: str, success: bool) -> None:
    found = reply.json if isinstance(reply.json, dict) else {}
    held = part in found and other not in found
    reply.expect(held, f"a body with {part} and without {other}", reply.json)
    told = found.get("success")
    reply.expect(told is success, f'"success": {str(success).lower()}', told)


def _is_failure(reply: Exchange) -> None:
    # Under the status of a success, a failure is one by its body alone.
    is_success = reply.json.get("success") is True if isinstance(reply.json, dict) else True
    require(reply.status >= 400 or not is_success, f"a refusal: {reply}")
    reply.expect(reply.status >= 400, "a status of failure for what is no success")
    _has(reply, "error", "data", False)
    error = reply.json["error"]
    texts = [error.get(key) for key in ("code", "message")] if isinstance(error, dict) else []
    held = bool(texts) and all(isinstance(text, str) and text for text in texts)
    reply.expect(held, "an error with a code and a message, both texts", error)


@proves("SAAS-05", calls=7)
def a_span_begins_before_it_ends(trial: Trial) -> None:
    start = period(usage(trial)).start
    noon = start + timedelta(hours=12)
    turned_round = [
        (day(start), day(start)),
        (day(start), day(start - DAY)),
        (day(start), day(start - 400 * DAY)),
        (to_seconds(noon), to_seconds(noon)),
        (to_seconds(noon), to_seconds(noon - timedelta(seconds=1))),
        (to_seconds(noon), day(start - DAY)),
    ]
    for first, last in turned_round:
        reply = usage(trial, startDate=first, endDate=last)
        _refused(reply)
        told = "Invalid date range: startDate must be before endDate"
        agree("the message", reply.json["error"]["message"], told, reply)


@proves("SAAS-06", calls=2 * len(_MALFORMED) + 1)
def a_malformed_date_is_refused(trial: Trial) -> None:
    start: datetime = period(usage(trial)).start
    for text in _MALFORMED:
        _refused(usage(trial, startDate=text), Basis.ASSUMED)
        _refused(usage(trial, startDate=day(start - 7 * DAY), endDate=text), Basis.ASSUMED)


@proves("SAAS-08", calls=6)
def an_unknown_metric_is_refused(trial: Trial) -> None:
    named = ("no_such_metric", "api_calls,no_such_metric", "no_such_metric,api_calls", "")
    for each in (*named, "api_calls,", "api-calls"):
        _refused(usage(trial, metrics=each), Basis.ASSUMED)


def _refused(reply: Exchange, basis: Basis | None = None) -> None:
    reply.expect_status(400, basis=basis)
    found = reply.json["error"]["code"]
    agree("the code", found, "BAD_REQUEST", reply, basis=basis)
