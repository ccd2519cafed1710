"""Who is let in, and what success and failure look like."""

from __future__ import annotations

from http import HTTPStatus

from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.vendors.saas.proofs.asking import usage

_WRONG = ("Bearer not-a-session-of-anyone", "Bearer", "Basic dXNlcjpwYXNzd29yZA==")


@proves("SAAS-01", calls=4)
def nobody_reads_without_a_session_token(trial: Trial) -> None:
    printed = trial.printed("getUsage", HTTPStatus.UNAUTHORIZED)
    for authorization in (None, *_WRONG):
        headers = {} if authorization is None else {"Authorization": authorization}
        reply = trial.call("getUsage", headers=headers, token=None)
        reply.expect_status(401)
        agree("the body", reply.json, printed, reply)


@proves("SAAS-02", calls=3)
def a_reply_is_a_success_or_a_failure_and_never_both(trial: Trial) -> None:
    success = usage(trial)
    success.expect_status(200)
    agree("the keys", set(success.json), {"success", "data"}, success)
    agree("success", success.json["success"], True, success)
    _is_failure(usage(trial, startDate="2024-02-01", endDate="2024-01-01"))
    _is_failure(trial.call("getUsage", token=None))


def _is_failure(reply: Exchange) -> None:
    require(reply.status >= 400, f"a refusal: {reply}")
    agree("the keys", set(reply.json), {"success", "error"}, reply)
    agree("success", reply.json["success"], False, reply)
    error = reply.json["error"]
    agree("the error's keys", {*error} & {"code", "message"}, {"code", "message"}, reply)


@proves("SAAS-05", calls=3, examples=3)
def a_span_begins_before_it_ends(trial: Trial) -> None:
    days = trial.draw.integer(0, 400)
    start, end = f"20{24 + days % 3}-03-01", "2024-03-01"
    reply = usage(trial, startDate=start, endDate=end)
    _refused(reply)
    agree(
        "the message",
        reply.json["error"]["message"],
        "Invalid date range: startDate must be before endDate",
        reply,
    )


@proves("SAAS-06", calls=6)
def a_malformed_date_is_refused(trial: Trial) -> None:
    for text in ("yesterday", "2024-13-01", "2024-02-30", "01/02/2024", "2024-1-5", ""):
        _refused(usage(trial, startDate=text), Basis.ASSUMED)


@proves("SAAS-08", calls=3)
def an_unknown_metric_is_refused(trial: Trial) -> None:
    for named in ("no_such_metric", "api_calls,no_such_metric", ""):
        _refused(usage(trial, metrics=named), Basis.ASSUMED)


def _refused(reply: Exchange, basis: Basis | None = None) -> None:
    reply.expect_status(400, basis=basis)
    found = reply.json["error"]["code"]
    agree("the code", found, "BAD_REQUEST", reply, basis=basis)
