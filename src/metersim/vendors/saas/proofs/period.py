"""Which span a reply is about, and what of it counts."""

from __future__ import annotations

from metersim.billing.instants import Span, a_year_earlier, to_seconds
from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.vendors.saas.proofs.asking import (
    DAY,
    LEVELS,
    SECOND,
    day,
    metrics,
    period,
    usage,
    usage_in,
)

_SPAN = ("since", "until")


@proves("SAAS-03", calls=2)
def without_dates_the_current_period_is_meant(trial: Trial) -> None:
    reply = usage(trial)
    told = reply.done["data"]["period"]
    _ends(reply, told["start"], "T00:00:00Z")
    _ends(reply, told["end"], "T23:59:59Z")
    same = usage(trial, startDate=told["start"], endDate=told["end"])
    agree("the period asked for by its bounds", same.done["data"]["period"], told, reply, same)


def _ends(reply: Exchange, text: str, tail: str) -> None:
    reply.expect(text.endswith(tail), f"a bound of the period at {tail}", text)


@proves("SAAS-04", calls=2, examples=3, needs=_SPAN)
def dates_select_the_period_and_come_back(trial: Trial) -> None:
    first = trial.draw.instant(trial.span, DAY)
    last = first + trial.draw.integer(1, 40) * DAY
    reply = usage(trial, startDate=day(first), endDate=day(last))
    reply.expect_status(200)
    expected = {"start": f"{day(first)}T00:00:00Z", "end": f"{day(last)}T23:59:59Z"}
    agree("the period", reply.done["data"]["period"], expected, reply)
    instants = {"startDate": to_seconds(first), "endDate": to_seconds(last)}
    reply = usage(trial, **instants)
    reply.expect_status(200)
    expected = {"start": instants["startDate"], "end": instants["endDate"]}
    agree("the period", reply.done["data"]["period"], expected, reply)


@proves("SAAS-15", calls=3, needs=_SPAN)
def counters_count_the_period_and_levels_stand(trial: Trial) -> None:
    span = trial.span
    whole = usage_in(trial, span)
    last = usage_in(trial, Span(span.end - DAY, span.end))
    before = usage_in(trial, Span(span.start, span.end - DAY))
    levels = metrics(whole).keys() & LEVELS
    for name in levels:
        expected, found = metrics(whole)[name]["used"], metrics(last)[name]["used"]
        agree(f"{name} on the last day", found, expected, whole, last, basis=Basis.ASSUMED)
    counters = [name for name in metrics(whole).keys() - LEVELS if metrics(before)[name]["used"]]
    require(counters, "a counter that counted before the span's last day")
    for name in counters:
        used, found = metrics(whole)[name]["used"], metrics(last)[name]["used"]
        last.expect(found < used, f"{name} of the last day below that of all, {used}", found)


@proves("SAAS-17", calls=2)
def usage_older_than_a_year_counts_nothing(trial: Trial) -> None:
    now = period(usage(trial)).start
    old = a_year_earlier(a_year_earlier(now))
    reply = usage_in(trial, Span(a_year_earlier(a_year_earlier(old)), old))
    for name, metric in metrics(reply).items():
        agree(f"{name} of more than a year ago", metric["used"], 0, reply)


@proves("SAAS-18", calls=3, examples=3, needs=_SPAN)
def adjacent_spans_of_a_counter_add_up(trial: Trial) -> None:
    span = trial.span
    require(span.end - span.start > 2 * SECOND, "--set since=… until=… further apart")
    cut = trial.draw.instant(Span(span.start + 2 * SECOND, span.end - SECOND))
    replies = [usage_in(trial, each) for each in (span, Span(span.start, cut), Span(cut, span.end))]
    whole, first, second = map(metrics, replies)
    counters = [name for name in whole.keys() - LEVELS if whole[name]["used"]]
    require(counters, "a counter with usage between since and until")
    for name in counters:
        parts, used = first[name]["used"] + second[name]["used"], whole[name]["used"]
        held = nearly(parts, used)
        expected = f"{name} of two adjacent spans to add up to {used}"
        replies[1].expect(held, expected, parts)
