"""The unit of a total: dollars, or credits at a rate."""

from __future__ import annotations

from decimal import Decimal

from metersim.billing.quantity import multiply, plain, quotient
from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.vendors.monk.proofs.asking import amount, cost, known_span

_PRINTED_RATE = 750
# Beyond it, how credits are rounded is left open.
_PLACES = 6
_NEAR = Decimal(5).scaleb(-_PLACES - 1)


@proves("MONK-14", calls=1)
def without_a_rate_the_total_is_in_dollars(trial: Trial) -> None:
    reply = cost(trial)
    found = reply.done
    agree("the unit", found.get("unit"), "currency", reply)
    agree("the currency", found.get("currency"), "USD", reply)
    reply.expect("creditRateCents" not in found, "no creditRateCents")


@proves("MONK-15", calls=3, examples=4, needs=("since", "until"))
def with_a_rate_the_total_is_in_credits(trial: Trial) -> None:
    drawn, span = trial.draw.integer(1, 2_000), known_span(trial)
    dollars = cost(trial, span)
    require(amount(dollars), "usage that costs something between since and until")
    for rate in (_PRINTED_RATE, drawn):
        reply = cost(trial, span, creditRateCents=rate)
        found = reply.done
        agree("the unit", found.get("unit"), "credits", reply)
        agree("creditRateCents", found.get("creditRateCents"), rate, reply)
        reply.expect("currency" not in found, "no currency")
        _converted(amount(dollars), rate, dollars, reply)


def _converted(dollars: Decimal, rate: int, *replies: Exchange) -> None:
    """Exactly where the quotient ends soon, and else to so many places at least."""
    expected, found = quotient(multiply(dollars, Decimal(100)), Decimal(rate)), amount(replies[-1])
    near = nearly(found, expected) or abs(found - expected) <= _NEAR
    if plain(round(expected, _PLACES)) == expected or not near:
        told = f"{dollars} dollars at {rate} cents: credits"
        agree(told, found, expected, *replies)


@proves("MONK-16", calls=6)
def a_rate_is_a_positive_whole_number(trial: Trial) -> None:
    require(cost(trial, creditRateCents=_PRINTED_RATE).succeeded, "a rate that passes")
    for rate in (0, -1, -_PRINTED_RATE, Decimal("0.5"), Decimal("750.5")):
        cost(trial, creditRateCents=rate).expect_status(400)
