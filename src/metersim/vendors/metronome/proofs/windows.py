"""Which windows a query yields, and how they add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, groupby

from metersim.billing.instants import Granularity, Span, floor
from metersim.contract.exchange import Broken, Exchange, Unproven, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.vendors.metronome.proofs.asking import (
    DAY,
    STEPS,
    Pair,
    Row,
    added,
    ask,
    busy_days,
    customer,
    days,
    days_by_hour,
    days_from,
    has_usage,
    known_pair,
    metrics_with_usage,
    pages_of,
    query,
    rows,
    rows_of,
    value,
    window,
)
from metersim.vendors.metronome.proofs.listing import SUMMING, Metric, metrics
from metersim.vendors.metronome.proofs.recorded import midnight_counts_once, null_is_told_from_0

# Whatever is between the least and the most may be a mean, which whoever writes SQL may ask for.
_ALL_WAYS = {"sum", "max", "latest", "unique", "mean"}
# Of so many metrics, where none is known to sum.
_MOST = 5
# Hours are added up of so many days.
_NEAR = 14
_SUMMING = "a metric that sums, with usage on more than one day: --set metric_id=…"
_NEEDS = ("since", "until", "customer_id")
# When nobody will read this any more.
_FAR = datetime(2100, 1, 1, tzinfo=UTC)
# Before anybody was billed for what they used.
_LONG_AGO = Span(datetime(1990, 3, 1, tzinfo=UTC), datetime(1990, 3, 3, tzinfo=UTC))


@proves("METRONOME-06", calls=295, examples=2, needs=_NEEDS)
def windows_are_contiguous_and_half_open(trial: Trial) -> None:
    number, skipped = trial.draw.integer(1, 9), trial.draw.integer(0, 99)
    whole = days(trial)
    pair = known_pair(trial, whole)
    busy = busy_days(trial, pair, whole)
    most = days_by_hour(trial, pair, whole)
    span = days_from(busy[skipped % len(busy)], min(number, most), whole)
    for size in ("none", "day", "hour"):
        _are_the_windows(trial, pair, span, size)
    _are_the_windows(trial, pair, Span(whole.start, _last(trial, pair, busy, whole)), "day")
    _ends_where_asked(trial, pair, Span(whole.start, _FAR))
    near = Span(busy[0], min(whole.end, busy[0] + min(9, most) * DAY))
    held = [_counts_no_instant_twice(trial, each, near) for each in _candidates(trial, whole)]
    if trial.writes:
        midnight_counts_once(trial)
    require(any(held), _SUMMING)


def _are_the_windows(trial: Trial, pair: Pair, span: Span, size: str) -> None:
    body = query(span, size, [pair.customer], [pair.metric])
    first = ask(trial, body)
    first.expect_status(200)
    found = sorted((window(row) for row in rows_of(trial, pair, span, size)), key=_start)
    # Of who used nothing there may be no rows at all; one window shows that there are.
    told = "rows of the customer and metric: --set customer_id=… metric_id=…"
    require(found or size != "none", told)
    expected = _windows(span, size)
    told = f"{len(expected)} windows by {size} from {span.start} to {span.end}"
    first.expect(len(found) == len(expected), told, f"{len(found)} windows")
    for ours, theirs in zip(expected, found, strict=True):
        first.expect(ours == theirs, f"{told}, one of them {_told(ours)}", _told(theirs))


def _last(trial: Trial, pair: Pair, busy: Sequence[datetime], whole: Span) -> datetime:
    """When the last day with usage ends, as far as that is known: days may be left out."""
    end = max(busy) + DAY
    rest = Span(end, whole.end)
    return whole.end if rest and any(map(has_usage, rows_of(trial, pair, rest))) else end


def _ends_where_asked(trial: Trial, pair: Pair, span: Span) -> None:
    """What is still to come is asked for by whoever wants today's usage too."""
    reply = ask(trial, query(span, "none", [pair.customer], [pair.metric]))
    for row in rows([reply]) if reply.succeeded else ():
        reply.expect(window(row) == span, f"a window from {_told(span)}", _told(window(row)))


def _windows(span: Span, size: str) -> list[Span]:
    if size == "none":
        return [span]
    step = STEPS[size]
    starts = [span.start + number * step for number in range((span.end - span.start) // step)]
    return [Span(each, each + step) for each in starts]


def _start(span: Span) -> datetime:
    return span.start


def _told(span: Span) -> str:
    return f"{span.start} to {span.end}"


def _counts_no_instant_twice(trial: Trial, pair: Pair, span: Span) -> bool:
    """Whether that can be told: days and hours of what sums else come to more than the whole."""
    asked = [pages_of(trial, pair, span, size) for size in ("day", "hour", "none")]
    by_day, by_hour, in_all = map(rows, asked)
    whole = added(in_all)
    ways = {"sum"} if trial.get("metric_id") else _ALL_WAYS
    possible = ways & _ways(whole, by_day)
    if not possible and added(by_day) > whole and added(by_hour) > whole:
        told = f"half-open windows, by day {whole:f} in all"
        raise Broken(told, f"{added(by_day):f}", [*chain(*asked)], None)
    return _sums(possible)


@proves("METRONOME-07", calls=340, examples=2, needs=_NEEDS)
def windows_of_what_sums_add_up(trial: Trial) -> None:
    chosen, least, length = (trial.draw.integer(0, 99) for _ in range(3))
    span = days(trial)
    held = False
    for pair in _candidates(trial, span):
        days_asked = pages_of(trial, pair, span, "day")
        by_day = rows(days_asked)
        busy = [window(row).start for row in by_day if has_usage(row)]
        if not busy:
            continue
        possible = {"sum"} if trial.get("metric_id") else _ALL_WAYS
        # The whole, a part of it, and a day: whatever the metric does, it does in all of them.
        first = least % len(by_day)
        part = by_day[first : first + 1 + length % len(by_day)]
        most = min(_NEAR, len(by_day), days_by_hour(trial, pair, span))
        near = days_from(busy[chosen % len(busy)], most, span)
        possible = _adds_up(trial, pair, span, by_day, days_asked, possible)
        within = Span(window(part[0]).start, window(part[-1]).end)
        possible = _adds_up(trial, pair, within, part, days_asked, possible)
        asked = pages_of(trial, pair, near, "hour")
        by_hour = sorted(rows(asked), key=_starts)
        for start, hours in groupby(by_hour, key=_day_of):
            one = Span(start, start + DAY)
            known = [row for row in by_day if _starts(row) == start]
            possible = _adds_up(trial, pair, one, [*hours], asked, possible, "day", known)
        held = held or _sums(possible)
    require(held, _SUMMING)


def _candidates(trial: Trial, span: Span) -> list[Pair]:
    """The pairs that are known to sum, or some that may."""
    given = trial.get("metric_id")
    if given:
        listed = [each.id for each in metrics(trial, *SUMMING)]
        ids = [*dict.fromkeys([given.lower(), *listed])]
    else:
        ids = metrics_with_usage(trial, span)
    return [Pair(customer(trial), each) for each in ids[:_MOST]]


def _adds_up(
    trial: Trial,
    pair: Pair,
    span: Span,
    parts: Sequence[Row],
    asked: Sequence[Exchange],
    possible: set[str],
    size: str = "none",
    known: Sequence[Row] = (),
) -> set[str]:
    """Which of the possible ways from the parts to the whole are left; Broken if there is none.

    ``asked`` is where the parts are from. A whole that is known is asked for only where it does not
    fit.
    """
    left = possible & _ways(added(known), parts) if known else set()
    if left:
        return left
    reply = ask(trial, query(span, size, [pair.customer], [pair.metric]))
    whole = added(rows([reply]))
    left = possible & _ways(whole, parts)
    if not left:
        told = f"the value of all its windows together, {added(parts):f}"
        raise Broken(told, f"{whole:f}", [*asked, reply], None)
    return left


def _sums(possible: set[str]) -> bool:
    """Whether it adds up, and not because there was but one value to add."""
    return "sum" in possible and not possible & {"max", "latest", "mean"}


def _starts(row: Row) -> datetime:
    return window(row).start


def _day_of(row: Row) -> datetime:
    return floor(window(row).start, Granularity.DAY)


def _ways(whole: Decimal, windows: Sequence[Row]) -> set[str]:
    """How the whole may have come about of its windows: in each way that fits."""
    counted = sorted((row for row in windows if row["value"] is not None), key=_starts)
    parts = [value(row) for row in counted]
    if not parts:
        return set() if whole else {*_ALL_WAYS}
    most = max(parts)
    integers = all(each == each.to_integral_value() for each in (whole, *parts))
    found = {
        "sum": nearly(whole, added(windows)),
        "max": nearly(whole, most),
        "latest": nearly(whole, parts[-1]),
        "mean": min(parts) <= whole <= most,
        "unique": integers and most <= whole <= added(windows),
    }
    return {way for way, fits in found.items() if fits}


@proves("METRONOME-14", calls=111, needs=_NEEDS)
def nothing_is_null_and_a_sum_of_0_is_0(trial: Trial) -> None:
    span = days(trial)
    pair = known_pair(trial, span)
    for size in ("none", "day", "hour"):
        reply = ask(trial, query(_LONG_AGO, size, [pair.customer], [pair.metric]))
        _is_null(reply)
    (first, *_) = sorted(_counted(trial, pair, span, "day")) or [span.start]
    most = min(14, days_by_hour(trial, pair, span))
    near = Span(first, min(span.end, first + most * DAY))
    reply = ask(trial, query(near, "hour", [pair.customer], [pair.metric]))
    hours = _counted(trial, pair, near, "hour")
    missing = {hour.replace(hour=0) for hour in hours} - _counted(trial, pair, near, "day")
    for day in sorted(missing):
        reply.expect(False, f"a value on {day:%Y-%m-%d}, one of whose hours has one", "null")
    for metric in metrics(trial, "COUNT", "UNIQUE")[:2]:
        _is_never_0(trial, metric, span)
    if trial.writes:
        null_is_told_from_0(trial)


def _is_never_0(trial: Trial, metric: Metric, span: Span) -> None:
    """Of what matched there was one at least."""
    reply = ask(trial, query(span, "day", [customer(trial)], [metric.id]))
    for row in rows([reply]):
        told = f"null for {row['start_timestamp']}, as nothing of kind {metric.kind} comes to 0"
        reply.expect(row["value"] is None or row["value"] != 0, told, "0")


def _counted(trial: Trial, pair: Pair, span: Span, size: str) -> set[datetime]:
    """Where the windows begin in which something matched."""
    return {_starts(row) for row in rows_of(trial, pair, span, size) if row["value"] is not None}


def _is_null(reply: Exchange) -> None:
    found = rows([reply])
    if not found:
        raise Unproven(f"needs rows for windows in which nothing matched: {reply}")
    for row in found:
        told = f"the value of {row['start_timestamp']}, when nobody used anything,"
        agree(told, row.get("value", "no value at all"), None, reply)
