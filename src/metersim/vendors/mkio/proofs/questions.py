"""Which questions a report answers, and which it refuses."""

from __future__ import annotations

from datetime import datetime

from metersim.billing.instants import Granularity, Span, a_year_later, parse_date
from metersim.contract.exchange import Exchange, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import (
    DAY,
    HOURLY_DAYS,
    day,
    projects,
    report,
    rows,
    scope,
    some_day,
    some_span,
)
from metersim.vendors.mkio.proofs.rows import added, agree_sums, same_rows, sums
from metersim.vendors.mkio.proofs.units import fit

_MALFORMED: tuple[Json, ...] = (
    *("yesterday", "", "2024-3-4", "2024/03/04", "04-03-2024", "03/04/2024", "20240304"),
    *("2024-03-04T00:00:00Z", "2024-03-04T00:00:00", "2024-03-04 00:00", "2024-W10-1", "2024-064"),
    *("2024-03", "today", "2024-03-04Z", "2024-03-04+00:00"),
    *("2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", " 2024-03-04", "2024-03-04\n"),
    # A digit is one of ten, and a number no date.
    *("２０２４-０３-０４", "24-03-04", 1709510400, True),
)
_UNKNOWN: tuple[Json, ...] = ("minute", "quarter", "days", "daily", "", 1)
_YEARS = 5
# A year ends in a leap year, or begins in one, and has no leap day.
_WITHOUT_LEAP_DAY = (parse_date("2023-01-15"), parse_date("2024-03-01"))


@proves("MKIO-05", calls=5 + 2 * len(_MALFORMED))
def a_date_has_one_form(trial: Trial) -> None:
    start, end = parse_date("2024-03-02"), parse_date("2024-03-09")
    require(report(trial, Span(start, end), **scope(trial)).succeeded, "a report that passes")
    for malformed in _MALFORMED:
        # A span that would be no trouble if it were read.
        for dates in ({"startDate": malformed, "endDate": "2024-03-09"}, _until(malformed)):
            trial.call("createUsageReport", {**dates, **scope(trial)}).expect_status(400)
    for partial in ({"startDate": "2024-03-02"}, {"endDate": "2024-03-09"}):
        for dates in (partial, {"startDate": None, "endDate": None, **partial}):
            asked = {**dates, **scope(trial), "granularity": "year"}
            reply = trial.call("createUsageReport", asked)
            reply.expect_status(400, basis=Basis.ASSUMED)


def _until(malformed: Json) -> dict[str, Json]:
    return {"startDate": "2023-02-26", "endDate": malformed, "granularity": "week"}


@proves("MKIO-07", calls=3, examples=3)
def a_span_begins_before_it_ends(trial: Trial) -> None:
    backwards, unit = trial.draw.integer(1, 800), trial.draw.one_of(list(Granularity))
    start = some_day(trial)
    for end in (start, start - DAY, start - backwards * DAY):
        report(trial, Span(start, end), granularity=unit.value).expect_status(400)


@proves("MKIO-08", calls=9 + len(_UNKNOWN))
def granularity_is_one_of_five_units(trial: Trial) -> None:
    for unit in Granularity:
        span = _for_units(trial, unit)
        reply = report(trial, span, granularity=unit.value, **scope(trial))
        reply.expect_status(200)
        fit(reply, unit)
    # Short enough for any unit that it might be taken for.
    span = _for_units(trial, Granularity.HOUR)
    for unknown in _UNKNOWN:
        reply = report(trial, span, granularity=unknown, **scope(trial))
        reply.expect(not reply.succeeded, f"a refusal of granularity {unknown!r}")
        reply.expect_status(400, basis=Basis.ASSUMED)
    by_day = report(trial, span, granularity="day", **scope(trial))
    without = report(trial, span, **scope(trial))
    without.expect_status(200, basis=Basis.ASSUMED)
    same = "without a granularity, as by day,"
    same_rows(same, rows(without), rows(by_day), by_day, without, basis=Basis.ASSUMED)
    shouted = report(trial, span, granularity="DAY", **scope(trial))
    shouted.expect_status(400, basis=Basis.ASSUMED)


def _for_units(trial: Trial, unit: Granularity) -> Span:
    """As much as the unit allows of the span that is known to hold usage, up to its end."""
    span = some_span(trial)
    most = {Granularity.HOUR: 7 * DAY, Granularity.DAY: 365 * DAY}.get(unit)
    return span if most is None else Span(max(span.start, span.end - most), span.end)


@proves("MKIO-09", calls=3, examples=4)
def an_hourly_report_covers_31_days(trial: Trial) -> None:
    # The simplest is the first of a February, where a month is not 31 days.
    start = parse_date("2023-02-01") + trial.draw.integer(0, 1_000) * DAY
    beyond = trial.draw.integer(2, 700)
    _passes(trial, start, start + HOURLY_DAYS * DAY, Granularity.HOUR)
    for more in (1, beyond):
        end = start + (HOURLY_DAYS + more) * DAY
        _is_refused(trial, start, end, Granularity.HOUR)


@proves("MKIO-10", calls=3 + 2 * len(_WITHOUT_LEAP_DAY), examples=4)
def a_daily_report_covers_a_calendar_year(trial: Trial) -> None:
    # The simplest is a year with a leap day in it, and where that is.
    start = parse_date("2023-03-01") + trial.draw.integer(0, 1_000) * DAY
    beyond = trial.draw.integer(2, 2_000)
    if (start.month, start.day) == (2, 29):
        # Where its year ends, nobody says.
        start += DAY
    end = a_year_later(start)
    _passes(trial, start, end, Granularity.DAY)
    for more in (1, beyond):
        _is_refused(trial, start, end + more * DAY, Granularity.DAY)
    for start in _WITHOUT_LEAP_DAY:
        end = a_year_later(start)
        _passes(trial, start, end, Granularity.DAY)
        _is_refused(trial, start, end + DAY, Granularity.DAY)


def _passes(trial: Trial, start: datetime, end: datetime, unit: Granularity) -> Exchange:
    reply = report(trial, Span(start, end), granularity=unit.value, **scope(trial))
    told = f"status 200 by {unit.value} for {day(start)} to {day(end)}"
    reply.expect(reply.status == 200, told)
    return reply


def _is_refused(trial: Trial, start: datetime, end: datetime, unit: Granularity) -> None:
    reply = report(trial, Span(start, end), granularity=unit.value, **scope(trial))
    told = f"status 400 by {unit.value} for {day(start)} to {day(end)}"
    reply.expect(reply.status == 400, told)


@proves("MKIO-11", calls=4 + _YEARS)
def longer_units_cover_any_span(trial: Trial) -> None:
    end = some_span(trial).end
    first = end.replace(day=1)
    starts = [first.replace(year=first.year - back) for back in range(_YEARS, -1, -1)]
    bounds = [*starts, end] if end > first else starts
    pairs = zip(bounds, bounds[1:], strict=False)
    parts = [_passes(trial, *pair, Granularity.MONTH) for pair in pairs]
    # A report that was cut to less than was asked for has not passed.
    expected = added(sums(rows(part)) for part in parts)
    for unit in (Granularity.WEEK, Granularity.MONTH, Granularity.YEAR):
        whole = _passes(trial, starts[0], end, unit)
        what = f"of {_YEARS} years by {unit.value}"
        agree_sums(what, sums(rows(whole)), expected, *parts, whole)


@proves("MKIO-12", calls=8, needs=("project", "payment_method"))
def the_filters_exclude_each_other(trial: Trial) -> None:
    start, names = some_day(trial), projects(trial)
    method, other = trial.value("payment_method"), trial.get("other_payment_method")
    for ids in filter(None, ([method], other and [other])):
        both = {"projectNames": names, "paymentMethodIds": ids}
        others: tuple[dict[str, Json], ...] = (
            *({"granularity": "day"}, {"granularity": "month"}),
            *({"format": "csv"}, {"filterOnReportedDate": True}),
        )
        for asked in others:
            report(trial, Span(start, start + DAY), **both, **asked).expect_status(400)
