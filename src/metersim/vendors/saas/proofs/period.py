"""Which span a reply is about, and what of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from metersim.billing.instants import Granularity, Span, a_year_earlier, floor, to_seconds
from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.vendors.saas.proofs.asking import (
    DAY,
    LEVELS,
    SECOND,
    between,
    day,
    metrics,
    period,
    period_is,
    usage,
    usage_in,
    used,
)

_SPAN = ("since", "until")
_EAST = timezone(timedelta(hours=2))
# Some forget by the month; and where in the current period its clock stands, a target keeps to
# itself.
_SLACK = 31 * DAY


@proves("SAAS-03", calls=3)
def without_dates_the_current_period_is_meant(trial: Trial) -> None:
    reply = usage(trial)
    told, span = reply.done["data"]["period"], period(reply)
    for text, instant, tail in (
        (told["start"], span.start, "00:00:00Z"),
        (told["end"], span.end, "23:59:59Z"),
    ):
        midnight = instant == floor(instant, Granularity.DAY)
        reply.expect(midnight, f"a bound of the period at {tail}", text)
    reply.expect(bool(span), "a period that ends after its start", told)
    same = usage(trial, **between(span))
    period_is(same, span)
    _count_alike(reply, same, usage(trial))


def _count_alike(reply: Exchange, same: Exchange, again: Exchange) -> None:
    """Broken where two replies about one span differ, though nothing was used meanwhile."""
    if used(reply) == used(again):
        agree("of the same span, the usage", used(same), used(reply), reply, same)


@proves("SAAS-04", calls=5, examples=3, needs=_SPAN)
def dates_select_the_period_and_come_back(trial: Trial) -> None:
    first = floor(trial.draw.instant(trial.span, DAY), Granularity.DAY)
    last = first + trial.draw.integer(1, 40) * DAY
    seconds = trial.draw.integer(1, 86_000) * SECOND
    dates = {"startDate": day(first), "endDate": day(last)}
    days = Span(first, last + DAY)
    bare, full, again = usage(trial, **dates), usage_in(trial, days), usage(trial, **dates)
    for reply in (bare, full):
        period_is(reply, days)
    _count_alike(bare, full, again)
    odd = Span(first + seconds, last + seconds)
    period_is(usage_in(trial, odd), odd)
    # That any offset will do is said nowhere but in ISO 8601.
    east = usage(trial, startDate=_east(odd.start), endDate=_east(odd.end - SECOND))
    period_is(east, odd, Basis.ASSUMED)


def _east(instant: datetime) -> str:
    return instant.astimezone(_EAST).isoformat()


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
    for name in sorted(counters):
        found, of_all = used(last)[name], used(whole)[name]
        # Corrections may be less than nothing: more or less than all of it, but not all of it.
        told = f"{name} of the last day without what was used before; not {of_all}, as of all days"
        last.expect(found != of_all, told, found)


@proves("SAAS-17", calls=4)
def usage_older_than_a_year_counts_nothing(trial: Trial) -> None:
    end = period(usage(trial)).start
    kept = a_year_earlier(end) - _SLACK
    since = a_year_earlier(a_year_earlier(a_year_earlier(kept)))
    old = usage_in(trial, Span(since, kept))
    for name, found in used(old).items():
        # A level of today is not usage of last year, even where it has stood since.
        basis = Basis.ASSUMED if name in LEVELS else None
        agree(f"{name} of more than a year ago", found, 0, old, basis=basis)
    long, year = usage_in(trial, Span(since, end)), usage_in(trial, Span(kept, end))
    for name in used(long).keys() - LEVELS:
        found, expected = used(long)[name], used(year)[name]
        if not nearly(found, expected):
            told = f"{name} since {to_seconds(since)}, of which all but a year is gone,"
            agree(told, found, expected, year, long, basis=Basis.ASSUMED)


@proves("SAAS-18", calls=40, needs=_SPAN)
def adjacent_spans_of_a_counter_add_up(trial: Trial) -> None:
    span = trial.span
    require(span.end - span.start > 4 * SECOND, "--set since=… until=… further apart")
    within = Span(span.start + 2 * SECOND, span.end - SECOND)
    cuts = [trial.draw.instant(within) for _ in range(3)]
    whole = usage_in(trial, span)
    counters = sorted(name for name in used(whole).keys() - LEVELS if used(whole)[name])
    require(counters, "a counter with usage between since and until")
    for cut in cuts:
        _add_up(trial, whole, span, cut, counters)
    # What was used in the very second at which spans meet is lost, or counts twice, first.
    second = _first_use(trial, span, counters[0])
    for cut in (second, second + SECOND):
        if cut in within:
            _add_up(trial, whole, span, cut, counters)


def _add_up(
    trial: Trial, whole: Exchange, span: Span, cut: datetime, counters: Sequence[str]
) -> None:
    """Broken where the counters of the two parts do not add up to those of the whole."""
    parts = [usage_in(trial, each) for each in (Span(span.start, cut), Span(cut, span.end))]
    for name in counters:
        found, expected = used(parts[0])[name] + used(parts[1])[name], used(whole)[name]
        if not nearly(found, expected):
            told = f"{name} until {to_seconds(cut - SECOND)} and from {to_seconds(cut)}, together"
            agree(told, found, expected, whole, *parts)


def _first_use(trial: Trial, span: Span, name: str) -> datetime:
    """The second in which the counter first counted."""
    least, most = 1, (span.end - span.start) // SECOND
    while most - least > 1:
        middle = (least + most) // 2
        if used(usage_in(trial, Span(span.start, span.start + middle * SECOND)))[name]:
            most = middle
        else:
            least = middle
    return span.start + least * SECOND
