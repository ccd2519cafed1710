"""Who is let in, and how often."""

from __future__ import annotations

from http import HTTPStatus

from metersim.contract.exchange import Exchange, Unproven, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.vendors.monk.proofs.asking import (
    UNKNOWN_ID,
    between,
    cost,
    error,
    known_span,
    question,
)

_WRONG = (
    "Bearer",
    "Bearer not-a-key",
    "Bearer mk_live_000000000000000000000000000000000000000000000000",
    "mk_live_000000000000000000000000000000000000000000000000",
    "Basic bWstbGl2ZTo=",
)
_SCOPE = "usage:read"
_LIMIT = 100


@proves("MONK-01", calls=9)
def nobody_asks_without_a_key(trial: Trial) -> None:
    body = {"customerId": UNKNOWN_ID, **between(known_span(trial))}
    # The right key is malformed where more is said than it, or it is said in another way.
    key = trial.token
    nearly_right = (f"Bearer {key}0", f"Basic {key}", key) if key else ()
    for authorization in (None, *_WRONG, *nearly_right):
        headers = {} if authorization is None else {"Authorization": authorization}
        reply = trial.call("getUsageCost", body, headers=headers, token=None)
        _refused(reply, HTTPStatus.UNAUTHORIZED)


@proves("MONK-02", calls=2, needs=("token_without_scope",))
def a_key_asks_within_its_scope(trial: Trial) -> None:
    require(cost(trial).succeeded, f"a key with {_SCOPE}, and a customer that it may ask about")
    reply = trial.call("getUsageCost", question(trial), token=trial.value("token_without_scope"))
    _refused(reply, HTTPStatus.FORBIDDEN)
    message = error(reply)["message"]
    reply.expect(_SCOPE in message, f"a message that names {_SCOPE}", message)


def _refused(reply: Exchange, status: HTTPStatus) -> None:
    reply.expect_status(status)
    told = error(reply)
    held = told.get("code") == status.name and isinstance(told.get("message"), str)
    reply.expect(held, f"{{error: {{message, code: {status.name}}}}}")


@proves("MONK-23", calls=_LIMIT + 2)
def more_than_100_requests_a_minute_are_refused(trial: Trial) -> None:
    body = question(trial)
    for number in range(_LIMIT + 1):
        reply = trial.call("getUsageCost", body, patient=False)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            break
        require(reply.succeeded or number and reply.status < 500, f"a success: {reply}")
        reply.expect_status(200, 429)
    else:
        raise Unproven("needs vendor limits: 101 requests at once were answered")
    # An event without a name is never taken.
    reply = trial.send("POST", "/v1/events", {}, patient=False)
    exempt = reply.status != HTTPStatus.TOO_MANY_REQUESTS
    reply.expect(exempt, "no limit on events")
