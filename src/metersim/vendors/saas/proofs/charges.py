"""What usage above the allowances costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from metersim.billing.instants import Span, a_year_earlier
from metersim.contract.exchange import Exchange, Unproven, agree
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.vendors.saas.proofs.asking import (
    DAY,
    SECOND,
    metrics,
    past_year,
    usage,
    usage_in,
)

_SPAN = ("since", "until")
# Money may be rounded to cents, of each metric or of their sum.
_HALF_A_CENT, _DOUBLE = Fraction(1, 200), Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class _Charge:
    """An equation: so much over of each metric, times its price, is so much, more or less."""

    over: dict[str, Fraction]
    charged: Fraction
    slack: Fraction
    reply: Exchange

    def without(self, name: str, pivot: _Charge) -> _Charge:
        """What is left of it once the metric is priced as the other says."""
        factor = self.over.get(name, Fraction(0)) / pivot.over[name]
        if not factor:
            return self
        names = (self.over.keys() | pivot.over.keys()) - {name}
        left = {
            each: self.over.get(each, Fraction(0)) - factor * pivot.over.get(each, Fraction(0))
            for each in names
        }
        return _Charge(
            {each: over for each, over in left.items() if over},
            self.charged - factor * pivot.charged,
            self.slack + abs(factor) * pivot.slack,
            self.reply,
        )


def _charge(reply: Exchange) -> _Charge:
    found = metrics(reply).items()
    over = {name: Fraction(metric["overage"]) for name, metric in found if metric["overage"]}
    charged = Fraction(reply.done["data"]["estimatedCost"]["overage"])
    slack = len(over) * _HALF_A_CENT + abs(charged) * _DOUBLE
    return _Charge(over, charged, slack, reply)


@proves("SAAS-13", calls=11, needs=_SPAN)
def overage_is_charged_by_the_price_of_each_metric(trial: Trial) -> None:
    charges = [_charge(reply) for reply in _replies(trial)]
    _is_charged(charges)
    seen = False
    # No price is told. Each reply prices one metric more, until the next one can be foreseen.
    while charges:
        charges.sort(key=lambda each: len(each.over))
        first, *charges = charges
        if first.over:
            name = max(first.over, key=lambda each: abs(first.over[each]))
            charges = [each.without(name, first) for each in charges]
        else:
            seen = True
            _is_foreseen(first)
    if not seen:
        raise Unproven("needs more metrics that are not over: --set since=… until=… of less usage")


def _is_charged(charges: Sequence[_Charge]) -> None:
    """Broken where all usage above the allowances is free, be it twice as much as they are."""
    for each in charges:
        for name, over in each.over.items():
            included = Fraction(metrics(each.reply)[name]["included"])
            free = not any(other.charged for other in charges)
            held = not (free and 0 < included <= over)
            told = f"a charge in some span, such as for an overage of {float(over):g} {name}"
            each.reply.expect(held, told, "estimatedCost.overage 0 in all of them")


def _is_foreseen(left: _Charge) -> None:
    """Broken where more or less is charged than the overage costs by the prices seen elsewhere."""
    if abs(left.charged) <= left.slack:
        return
    cost = left.reply.done["data"]["estimatedCost"]["overage"]
    expected = round(Decimal(cost) - Decimal(float(left.charged)), 2)
    over = ", ".join(
        f"{float(each):g} {name}" for name, each in sorted(_charge(left.reply).over.items())
    )
    told = f"by the prices that the other replies show, a charge of {expected} for an overage of"
    agree(f"{told} {over or 'nothing'}: estimatedCost.overage", cost, expected, left.reply)


def _replies(trial: Trial) -> Iterable[Exchange]:
    """Of spans long and short, so that now this metric is over and now that."""
    span, current = trial.span, usage(trial)
    length = (span.end - span.start) // SECOND * SECOND
    cuts = [span.start + length / part // SECOND * SECOND for part in (2, 4, 8)]
    year = past_year(current)
    years = Span(a_year_earlier(a_year_earlier(year.start)), a_year_earlier(year.start))
    spans = [span, Span(cuts[0], span.end), *(Span(span.start, cut) for cut in cuts)]
    spans += [Span(span.start, span.start + DAY), Span(span.end - DAY, span.end), year, years]
    return [current, *(usage_in(trial, each) for each in spans)]
