"""Which span a reply is about, and what of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from metersim.billing.instants import Granularity, Span, a_year_earlier, floor, to_seconds
from metersim.billing.quantity import total
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
# Into so many parts a span is split.
_PARTS = 8
_CUTS = range(1, _PARTS)
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
    agree("of the same span, the usage", used(same), used(reply), reply, same)
    # What is yet to come has no usage: of a period that is over, what came after it has.
    after = usage_in(trial, Span(span.end, span.end + 2 * _SLACK))
    counted = [name for name in used(after).keys() - LEVELS if used(after)[name]]
    told = f"no usage yet from {to_seconds(span.end)}, when the current period is over"
    after.expect(not counted, told, ", ".join(sorted(counted)), Basis.ASSUMED)


@proves("SAAS-04", calls=24, examples=3, needs=_SPAN)
def dates_select_the_period_and_come_back(trial: Trial) -> None:
    first = floor(trial.draw.instant(trial.span, DAY), Granularity.DAY)
    length = trial.draw.integer(1, 40)
    last = first + length * DAY
    seconds = trial.draw.integer(1, 86_000) * SECOND
    dates = {"startDate": day(first), "endDate": day(last)}
    days = Span(first, last + DAY)
    bare, full = usage(trial, **dates), usage_in(trial, days)
    for reply in (bare, full):
        period_is(reply, days)
    agree("of the same span, the usage", used(full), used(bare), bare, full)
    odd = Span(first + seconds, last + seconds)
    period_is(usage_in(trial, odd), odd)
    # That any offset will do is said nowhere but in ISO 8601.
    east = usage(trial, startDate=_east(odd.start), endDate=_east(odd.end - SECOND))
    period_is(east, odd, Basis.ASSUMED)
    # Once is enough, and the first attempt draws what is simplest.
    if length == 1:
        _dates_select_the_usage_too(trial)


def _dates_select_the_usage_too(trial: Trial) -> None:
    """The first day with usage is in the dates that end with it, and in none that begin later."""
    first = floor(trial.span.start, Granularity.DAY)
    days = (trial.span.end - SECOND - first) // DAY
    whole = _by_date(trial, first, first + days * DAY)
    counters = sorted(name for name in used(whole).keys() - LEVELS if used(whole)[name])
    if not counters:
        return
    least, most = -1, days
    while most - least > 1:
        middle = (least + most) // 2
        reply = _by_date(trial, first, first + middle * DAY)
        least, most = (least, middle) if used(reply)[counters[0]] else (middle, most)
    for last in {max(most - 1, 0), most} - {days}:
        cut = first + last * DAY
        parts = [
            _by_date(trial, first, cut),
            _by_date(trial, cut + DAY, first + days * DAY),
        ]
        for name in counters:
            told = f"{name} with endDate {day(cut)} and with startDate {day(cut + DAY)}, together"
            found, expected = total(used(each)[name] for each in parts), used(whole)[name]
            if not nearly(found, expected):
                agree(told, found, expected, whole, *parts)


def _by_date(trial: Trial, first: datetime, last: datetime) -> Exchange:
    """Usage of whole days, as the page's example asks for it."""
    dates = {"startDate": day(first), "endDate": day(last)}
    if first == last:
        # Equal dates are refused, whatever they are meant for.
        return usage_in(trial, Span(first, last + DAY))
    return usage(trial, **dates)


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
        parts = used(before)[name] + found
        if not nearly(parts, of_all):
            told = f"{name} of the last day and of those before, together"
            agree(told, parts, of_all, whole, before, last, basis=Basis.ASSUMED)


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


@proves("SAAS-18", calls=48, needs=_SPAN)
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
    _add_up_in_parts(trial, whole, span, counters)
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


def _add_up_in_parts(trial: Trial, whole: Exchange, span: Span, counters: Sequence[str]) -> None:
    """Broken where what is rounded in each of many parts shows in their sum."""
    cuts = [span.start + (span.end - span.start) // SECOND * at // _PARTS * SECOND for at in _CUTS]
    bounds = sorted({span.start, *cuts, span.end})
    parts = [usage_in(trial, Span(*each)) for each in pairwise(bounds)]
    for name in counters:
        found, expected = total(used(part)[name] for part in parts), used(whole)[name]
        if not nearly(found, expected):
            agree(f"{name} of {len(parts)} parts, together", found, expected, whole, *parts)


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
