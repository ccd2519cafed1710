"""The span that is asked about: how it is written, and what of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from metersim.billing.instants import Span, parse_instant, to_milliseconds, to_seconds
from metersim.billing.quantity import total as sum_of
from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.monk.proofs.asking import (
    DAY,
    SECOND,
    Mark,
    amount,
    between,
    cost,
    known_span,
    question,
    same,
    send,
    total,
)

_SPAN = ("since", "until")
_USAGE = "usage that costs something between since and until"
_FIELDS = ("startDate", "endDate")
# Servers that answer together may be so far apart.
_SKEW = timedelta(minutes=1)
# Into so many parts a span is split: what is rounded in each shows in their sum.
_PARTS = 16
# So often a span is halved, to find where its usage is.
_NARROWED = 8
_FAR_AHEAD = "2200-01-01T00:00:00Z"
# A span when nobody counted anything.
_LONG_AGO = Span(parse_instant("2001-02-03T00:00:00Z"), parse_instant("2001-02-04T00:00:00Z"))


@proves("MONK-03", calls=21)
def dates_are_date_times(trial: Trial) -> None:
    span, body = known_span(trial), question(trial)
    require(trial.call("getUsageCost", body).succeeded, "a known customer")
    trial.call("getUsageCost", {**body, **_with_milliseconds(span)}).expect_status(200)
    # That any offset will do is said nowhere but in ISO 8601, and some take Z alone.
    east = trial.call("getUsageCost", {**body, **_two_hours_east(span)})
    east.expect_status(200, basis=Basis.ASSUMED)
    for field in _FIELDS:
        rest = {key: each for key, each in body.items() if key != field}
        trial.call("getUsageCost", rest).expect_status(400)
        for wrong in _malformed(str(body[field])):
            trial.call("getUsageCost", {**rest, field: wrong}).expect_status(400)
    # Whatever the start is taken for, this end is after it.
    late = {**body, "endDate": _FAR_AHEAD}
    for none in ({"startDate": None}, {}):
        asked = {key: each for key, each in late.items() if key != "startDate"}
        trial.call("getUsageCost", {**asked, **none}).expect_status(400)


def _malformed(right: str) -> list[Json]:
    """A bare date, no date, no month, no day, no hour, no text, and none at all."""
    year, day = right[:4], right[:10]
    none = [f"{year}-13-01T00:00:00Z", f"{year}-02-30T00:00:00Z", f"{day}T25:00:00Z"]
    return [day, "yesterday", *none, 1_772_323_200, None]


def _with_milliseconds(span: Span) -> dict[str, str]:
    return {"startDate": to_milliseconds(span.start), "endDate": to_milliseconds(span.end)}


def _two_hours_east(span: Span) -> dict[str, str]:
    """The same instants, as they are written two hours east of Greenwich."""
    later = between(span.shifted(timedelta(hours=2)))
    return {key: text.replace("Z", "+02:00") for key, text in later.items()}


@proves("MONK-05", calls=3, examples=3)
def a_span_begins_before_it_ends(trial: Trial) -> None:
    late = trial.draw.one_of((0, 1, 60, 86_400, 86_400 * 400))
    start = known_span(trial).start
    require(cost(trial, Span(start, start + SECOND)).succeeded, "a known customer")
    cost(trial, Span(start + late * SECOND, start)).expect_status(400)


@proves("MONK-13", calls=_PARTS + 3 + 2 * _NARROWED, examples=4, needs=_SPAN)
def splitting_the_span_splits_the_total(trial: Trial) -> None:
    known = known_span(trial)
    length = (known.end - known.start) // _PARTS
    steps = [step for step in (SECOND, timedelta(hours=1), DAY) if step <= length]
    require(steps, "--set since=… until=… further apart")
    step, share = trial.draw.one_of(steps), trial.draw.integer(0, 999)
    whole = cost(trial, known)
    require(amount(whole), _USAGE)
    span, whole = _narrowed(trial, known, whole, step)
    part = (span.end - span.start) // _PARTS // step * step
    late = part * share // 1_000 // step * step
    cuts = [span.start + number * part + late for number in range(1, _PARTS)]
    bounds = [span.start, *cuts, span.end]
    parts = [cost(trial, Span(*each)) for each in pairwise(bounds)]
    if sum_of(map(amount, parts)) == amount(whole):
        # What all large parts have in common, such as a cheaper price, a small one has not.
        cut = span.start + max((cuts[0] - span.start) // _PARTS // SECOND, 1) * SECOND
        small, rest = (cost(trial, Span(*each)) for each in ((span.start, cut), (cut, span.end)))
        _is_sum([cut], whole, small, rest)
        return
    # One cut may be enough to show it.
    for (first, second), (start, cut), end in zip(
        pairwise(parts), pairwise(bounds), bounds[2:], strict=False
    ):
        _is_sum([cut], cost(trial, Span(start, end)), first, second)
    _is_sum(cuts, whole, *parts)


def _narrowed(trial: Trial, span: Span, whole: Exchange, step: timedelta) -> tuple[Span, Exchange]:
    """The part of a span that has all of its usage, where one half has; it has room for parts."""
    for _ in range(_NARROWED):
        middle = span.start + (span.end - span.start) // 2 // SECOND * SECOND
        if middle - span.start < _PARTS * step:
            break
        halves = [Span(span.start, middle), Span(middle, span.end)]
        costs = [cost(trial, each) for each in halves]
        if not all(map(amount, costs)) and sum_of(map(amount, costs)) == amount(whole):
            chosen = 0 if amount(costs[0]) else 1
            span, whole = halves[chosen], costs[chosen]
        else:
            break
    return span, whole


def _is_sum(cuts: Sequence[datetime], whole: Exchange, *parts: Exchange) -> None:
    found, expected = sum_of(map(amount, parts)), amount(whole)
    told = f"split at {', '.join(map(to_seconds, cuts))}, the sum of the totals"
    agree(told, found, expected, whole, *parts)


@proves("MONK-04", calls=60, needs=_SPAN)
def a_span_holds_its_start_and_not_its_end(trial: Trial) -> None:
    span = known_span(trial)
    whole = cost(trial, span)
    require(amount(whole), _USAGE)
    at = _first_use(trial, span)
    for bound in (at, at + SECOND):
        _is_of_one_side(trial, bound)
    east = trial.call("getUsageCost", {**question(trial), **_two_hours_east(span)})
    if east.succeeded:
        same("with an offset, the total of the same span", amount(whole), east, whole)
    sends = trial.writes and trial.get("event_name") is not None
    if not (sends and _is_sent_to_the_second(trial, span)):
        # Where bounds are cut to minutes or days, all usage seems to be of such a second.
        least = "usage between since and until that begins at another second than :59"
        require(at.second != 59, f"{least}, or --allow-writes and --set event_name=…")


def _first_use(trial: Trial, span: Span) -> datetime:
    """The second at whose start nothing has been charged yet, and at whose end something has."""
    least, most = 0, (span.end - span.start) // SECOND
    while most - least > 1:
        middle = (least + most) // 2
        if total(trial, Span(span.start, span.start + middle * SECOND)):
            most = middle
        else:
            least = middle
    return span.start + least * SECOND


def _is_of_one_side(trial: Trial, bound: datetime) -> None:
    """What happens at the bound counts before it or after it: neither twice nor never."""
    both = cost(trial, Span(bound - SECOND, bound + SECOND))
    before, after = (cost(trial, Span(start, start + SECOND)) for start in (bound - SECOND, bound))
    parts = amount(before) + amount(after)
    if not nearly(parts, amount(both)):
        told = f"cut at {to_seconds(bound)}, the totals of two seconds to add up to"
        agree(told, parts, amount(both), both, before, after)


def _is_sent_to_the_second(trial: Trial, span: Span) -> bool:
    """Whether an event that was sent costs something; it then counts in its own second alone."""
    middle = span.start + (span.end - span.start) // 2
    at = middle.replace(second=17, microsecond=0)
    around = Span(at - DAY, at + DAY)
    mark = Mark(trial, f"04 {cost(trial, span).done['queriedAt']}")
    if amount(mark.cost(around)) or not send(trial, mark.event("", at, 1_000)).succeeded:
        return False
    seconds = [Span(start, start + SECOND) for start in (at - SECOND, at, at + SECOND)]
    whole = mark.shown(around)
    replies = [mark.cost(each) for each in seconds]
    send(trial, mark.event("", at, 0))
    if not amount(whole):
        return False
    counted = [bool(amount(reply)) for reply in replies]
    told = f"an event of {to_seconds(at)} to count in that second, not in the one before or after"
    replies[1].expect(counted == [False, True, False], told, f"counted in them: {counted}")
    return True


@proves("MONK-17", calls=3, examples=3)
def the_dates_come_back(trial: Trial) -> None:
    known = known_span(trial)
    year = Span(known.start - 400 * DAY, known.start)
    later = trial.draw.instant(year, timedelta(hours=7, seconds=1))
    length = trial.draw.integer(1, 90) * timedelta(hours=11, seconds=7)
    spans = [Span(later, later + length), Span(later - 3 * length, later - 2 * length)]
    first, second = (cost(trial, span) for span in spans)
    east = trial.call("getUsageCost", {**question(trial), **_two_hours_east(spans[0])})
    told_east = [(spans[0], east)] if east.succeeded else []
    for span, reply in ((spans[0], first), (spans[1], second), *told_east):
        for field, expected in _with_milliseconds(span).items():
            agree(field, reply.done.get(field), expected, reply)
    # Whatever was asked about: the clock moves on, or stands.
    told = [_instant(reply.done.get("queriedAt")) for reply in (first, second)]
    for reply, instant in zip((first, second), told, strict=True):
        found = reply.done.get("queriedAt")
        reply.expect(instant is not None, "queriedAt as 2026-03-30T12:00:00.000Z", found)
    if told[0] and told[1]:
        held = told[1] >= told[0] - _SKEW
        later_one = f"queriedAt not before {to_milliseconds(told[0])}, when was asked before"
        second.expect(held, later_one, to_milliseconds(told[1]))


def _instant(text: Json) -> datetime | None:
    """The instant that is spelt in Monk's form."""
    try:
        instant = parse_instant(text)
    except (TypeError, ValueError):
        return None
    return instant if to_milliseconds(instant) == text else None


@proves("MONK-18", calls=3)
def nothing_used_costs_nothing(trial: Trial) -> None:
    require(cost(trial).succeeded, "a known customer")
    for rate in ({}, {"creditRateCents": 750}):
        reply = cost(trial, _LONG_AGO, **rate)
        reply.expect_status(200)
        found = reply.json.get("totalAmount")
        agree("the total", found, Decimal(0), reply)
