"""Whose usage is asked about."""

from __future__ import annotations

from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.monk.proofs.asking import (
    DAY,
    UNKNOWN,
    UNKNOWN_ID,
    amount,
    between,
    cost,
    error,
    known_span,
    same,
    who,
)


def _ask(trial: Trial, **customer: Json) -> Exchange:
    return trial.call("getUsageCost", {**between(known_span(trial)), **customer})


@proves("MONK-06", calls=6)
def a_question_is_about_one_customer(trial: Trial) -> None:
    require(cost(trial).succeeded, "a known customer")
    _ask(trial).expect_status(400)
    _ask(trial, customerId="not-a-uuid").expect_status(400, basis=Basis.ASSUMED)
    known, external = trial.get("customer_id"), trial.get("external_customer_id")
    # Whether one that nobody has differs or is unknown, is left open.
    if known:
        reply = _ask(trial, customerId=known, externalCustomerId=UNKNOWN)
        reply.expect_status(400, 404, basis=Basis.ASSUMED)
    if external:
        reply = _ask(trial, customerId=UNKNOWN_ID, externalCustomerId=external)
        reply.expect_status(400, 404, basis=Basis.ASSUMED)
    other = trial.get("other_customer_id")
    if external and other:
        reply = _ask(trial, customerId=other, externalCustomerId=external)
        reply.expect_status(400, basis=Basis.ASSUMED)


@proves(
    "MONK-07",
    calls=4,
    examples=2,
    needs=("customer_id", "external_customer_id", "since", "until"),
)
def both_ids_of_a_customer_mean_the_same(trial: Trial) -> None:
    span = known_span(trial)
    part = type(span)(trial.draw.instant(span, DAY), span.end)
    for asked in (span, part):
        dates = between(asked)
        one = trial.call("getUsageCost", {"customerId": trial.value("customer_id"), **dates})
        ids = {"externalCustomerId": trial.value("external_customer_id")}
        require(asked == part or amount(one), "usage that costs something between since and until")
        other = trial.call("getUsageCost", {**ids, **dates})
        # That it is known, the need for it says.
        other.expect_status(200)
        same("the total by externalCustomerId", amount(one), other, one)


@proves("MONK-08", calls=3)
def an_unknown_customer_is_not_found(trial: Trial) -> None:
    require(cost(trial).succeeded, f"a known customer: {', '.join(who(trial))}")
    for customer in ({"customerId": UNKNOWN_ID}, {"externalCustomerId": UNKNOWN}):
        reply = _ask(trial, **customer)
        reply.expect_status(404)
        agree("the code", error(reply).get("code"), "NOT_FOUND", reply)
