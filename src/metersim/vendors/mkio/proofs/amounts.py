"""What a report counts, and what it adds up to."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from metersim.billing.instants import Granularity, Span, floor, following
from metersim.contract.exchange import Broken, Exchange, Unproven, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import (
    DAY,
    HOURLY_DAYS,
    around,
    busy_days,
    day,
    days,
    last_year,
    methods,
    month,
    projects,
    report,
    rows,
    scope,
    told,
)
from metersim.vendors.mkio.proofs.forms import csv_rows
from metersim.vendors.mkio.proofs.rows import (
    Key,
    Sum,
    Sums,
    agree_sums,
    busy,
    differing,
    same_rows,
    sums,
)
from metersim.vendors.mkio.proofs.units import bucket

# An index into what is only known once it was asked for.
_ANY = 10_000
# So many methods are filtered by, however many there are.
_METHODS = 20
_SECOND = timedelta(seconds=1)
_CARRIED = ("projectName", "paymentMethodId", "meter")
_BUCKET = ("projectName", "paymentMethodId", "meter", "startDate")
_SPAN = ("project", "since", "until")


# -- the month so far


@proves("MKIO-03", calls=6, needs=("project",))
def project_usage_is_the_month_so_far(trial: Trial) -> None:
    busy_ones = 0
    for project in projects(trial):
        reply = month(trial, project)
        covered = told(reply)
        found = reply.done["metadata"]
        # A clock may stand at the first instant of a month, before which nothing is of it.
        held = covered.start == floor(covered.end, Granularity.MONTH)
        reply.expect(held, "the span from the 1st, 00:00 UTC, of now's month to now", found)
        # Now is only by chance the last second of a month.
        held = covered.end < following(covered.end, Granularity.MONTH) - _SECOND
        reply.expect(held, "endDate now, not when the month ends", found, Basis.ASSUMED)
        entries = [
            tuple(str(row[key]) for key in ("meter", "paymentMethodId", "unit", "price"))
            for row in rows(reply)
        ]
        for entry in entries:
            held = entries.count(entry) == 1
            reply.expect(held, "one entry per meter and price", f"more of {' '.join(entry)}")
        _is_the_month(trial, reply, project)
        busy_ones += busy(rows(reply))
    require(busy_ones, "a project with usage in the current month: --set project=…")


@proves("MKIO-04", calls=4, needs=("project",))
def project_usage_is_the_report_of_the_project(trial: Trial) -> None:
    replies = [month(trial, project) for project in projects(trial)]
    for project, reply in zip(projects(trial), replies, strict=True):
        _is_the_month(trial, reply, project)
    require(any(busy(rows(reply)) for reply in replies), "usage in the current month")


def _is_the_month(trial: Trial, reply: Exchange, project: str) -> None:
    """Broken unless a project's usage is what a report tells of the month up to its end.

    A report ends with a day: of the last one it may tell more than was used when usage was asked
    for, be it that time went on, or that the future has usage already.
    """
    covered = told(reply)
    whole = Span(covered.start, following(covered.end, Granularity.DAY))
    require(whole.end - whole.start <= HOURLY_DAYS * DAY, "a month of 31 days at most")
    by_hour = report(trial, whole, granularity="hour", projectNames=[project])
    found, hours = sums(rows(reply)), rows(by_hour)
    if not differing(found, sums(hours)):
        return
    past = [row for row in hours if bucket(row).end <= covered.end]
    last = [row for row in hours if bucket(row).start <= covered.end < bucket(row).end]
    least, most = sums(past), sums([*past, *last])
    strays = [key for key in {*found, *most} if not _between(found, least, most, key)]
    one, other = ({key: each.get(key, Sum()) for key in strays} for each in (found, most))
    agree_sums("as in the report of the project", one, other, by_hour, reply)


def _between(found: Sums, least: Sums, most: Sums, key: Key) -> bool:
    """Whether it is the usage up to some time within the hour that has begun."""
    one, low, high = (each.get(key, Sum()) for each in (found, least, most))
    if one.is_nearly(low) or one.is_nearly(high):
        return True
    quantities, costs = sorted((low.quantity, high.quantity)), sorted((low.cost, high.cost))
    held = quantities[0] <= one.quantity <= quantities[1]
    return held and costs[0] <= one.cost <= costs[1]


# -- bounds


@proves("MKIO-06", calls=9, examples=4, needs=_SPAN)
def a_span_holds_its_start_and_not_its_end(trial: Trial) -> None:
    centre, chosen = (trial.draw.integer(0, _ANY) for _ in range(2))
    busy_ones = busy_days(trial)
    wide = around(trial, busy_ones[-1 - centre % len(busy_ones)], 15, 16)
    reply = _by_hour(trial, wide)
    # Where a day's first hour has usage, its bounds matter most.
    first_hours = {bucket(row).start for row in rows(reply) if busy([row])}
    cuts = sorted(each for each in first_hours if each == floor(each, Granularity.DAY))
    cuts = cuts or [each for each in busy_ones if each in wide]
    cut = cuts[-1 - chosen % len(cuts)]
    for part in (Span(wide.start, cut), Span(cut, cut + DAY), Span(cut + DAY, wide.end)):
        if part:
            narrow = _by_hour(trial, part)
            expected = [row for row in rows(reply) if bucket(row).start in part]
            what = f"of {day(part.start)} to {day(part.end)}, as of {day(wide.start)} on"
            agree_sums(what, sums(rows(narrow), *_BUCKET), sums(expected, *_BUCKET), reply, narrow)
    # Once is enough, and the first attempt draws what is simplest.
    if chosen == 0:
        _is_one_day_by_any_unit(trial, Span(cut, cut + DAY), reply)


def _is_one_day_by_any_unit(trial: Trial, span: Span, by_hour: Exchange) -> None:
    """Bounds are of the span, by whatever unit it is told."""
    expected = [row for row in rows(by_hour) if bucket(row).start in span]
    for unit in ("day", "week", "month", "year"):
        reply = report(trial, span, granularity=unit, **scope(trial))
        what = f"of {day(span.start)} alone by {unit}, as of its hours"
        found, hours = sums(rows(reply), *_CARRIED), sums(expected, *_CARRIED)
        agree_sums(what, found, hours, by_hour, reply)


def _by_hour(trial: Trial, span: Span) -> Exchange:
    """By hour, and no hour outside the span."""
    reply = report(trial, span, granularity="hour", **scope(trial))
    for row in rows(reply):
        held = span.start <= bucket(row).start and bucket(row).end <= span.end
        expected = f"usage from {day(span.start)} 00:00 to {day(span.end)} 00:00 UTC alone"
        reply.expect(held, expected, f"{row['startDate']} to {row['endDate']}")
    return reply


# -- filters


@proves("MKIO-13", calls=20, examples=3, needs=("since", "until"))
def a_filter_returns_exactly_the_rows_that_it_names(trial: Trial) -> None:
    drawn = [trial.draw.integer(1, _ANY) for _ in range(2)]
    whole = report(trial, days(trial), granularity="year")
    require(busy(rows(whole)), "usage: --set since=… until=…")
    known = {"projectName": projects(trial), "paymentMethodId": _known_methods(trial)}
    compared = 0
    for (key, others), bits in zip(known.items(), drawn, strict=True):
        found = sorted({row[key] for row in rows(whole)})
        values = list(dict.fromkeys([*found[:20], *others]))
        # Of one value alone, the filter and none are the same.
        if len(values) > 1:
            compared += 1
            chosen = [each for at, each in enumerate(values) if bits >> at & 1]
            _is_filtered(trial, whole, key, chosen or values[:1])
            _is_filtered(trial, whole, key, values[:1])
            # Whether a name may be given twice, nobody says.
            _is_filtered(trial, whole, key, values[:1] * 2, may_be_refused=True)
            # Once, as above.
            if bits == 1:
                _is_filtered_in_any_form(trial, key, values[:1])
            if len(found) <= len(values):
                _is_filtered(trial, whole, key, values)
    require(compared, "more than one project or payment method: --set other_project=…")


def _is_filtered(
    trial: Trial, whole: Exchange, key: str, named: list[str], *, may_be_refused: bool = False
) -> None:
    filtered = f"{key}s"
    reply = report(trial, days(trial), granularity="year", **{filtered: named})
    if reply.succeeded or not may_be_refused:
        expected = [row for row in rows(whole) if row[key] in named]
        same_rows(f"with {filtered} {', '.join(named)},", rows(reply), expected, whole, reply)


def _is_filtered_in_any_form(trial: Trial, key: str, named: list[str]) -> None:
    """However a report is asked for, no row is of what is not named."""
    span = days(trial)
    recent = Span(max(span.start, span.end - 62 * DAY), span.end)
    forms: tuple[dict[str, Json], ...] = (
        # By day, a method that carries many projects has too many rows.
        {"granularity": "day" if key == "projectName" else "month"},
        {"granularity": "month", "filterOnReportedDate": True},
        {"granularity": "month", "format": "csv"},
    )
    for asked in forms:
        reply = report(trial, recent, **asked, **{f"{key}s": named})
        reply.expect_status(200)
        try:
            found = {row[key] for row in (csv_rows(reply) if "format" in asked else rows(reply))}
        except Broken:
            # How a CSV is written, another rule says.
            continue
        others = ", ".join(sorted(found - {*named}))
        told = ", ".join(f"{name} {value}" for name, value in asked.items())
        reply.expect(not others, f"{', '.join(named)} alone, asked for {told}", others)


def _known_methods(trial: Trial) -> list[str]:
    found = [trial.get("payment_method"), trial.get("other_payment_method")]
    with suppress(Unproven):
        # Usage of what nobody named is in the report of all too.
        found += [each["metadata"]["id"] for each in methods(trial)]
    return list(dict.fromkeys(each for each in found if each is not None))[:_METHODS]


# -- totals


@proves("MKIO-14", calls=11, examples=4, needs=_SPAN)
def totals_do_not_depend_on_granularity(trial: Trial) -> None:
    chosen = trial.draw.integer(0, _ANY)
    before, after = (HOURLY_DAYS // 2 - trial.draw.integer(0, 14) for _ in range(2))
    busy_ones = busy_days(trial)
    span = around(trial, busy_ones[-1 - chosen % len(busy_ones)], before, after)
    by_day = report(trial, span, granularity="day", **scope(trial))
    require(busy(rows(by_day)), "usage of the project: --set project=… since=… until=…")
    for unit in ("hour", "week", "month", "year"):
        reply = report(trial, span, granularity=unit, **scope(trial))
        agree_sums(f"by {unit} as by day", sums(rows(reply)), sums(rows(by_day)), by_day, reply)
    # Once is enough, and the first attempt draws what is simplest.
    if chosen == 0:
        _is_one_year_by_any_unit(trial)


def _is_one_year_by_any_unit(trial: Trial) -> None:
    """All that is known to hold usage, as what is told wrongly may be rare."""
    span = last_year(trial)
    by_day = report(trial, span, granularity="day", **scope(trial))
    for unit in ("week", "month", "year"):
        reply = report(trial, span, granularity=unit, **scope(trial))
        what = f"of {day(span.start)} to {day(span.end)} by {unit} as by day"
        agree_sums(what, sums(rows(reply), *_CARRIED), sums(rows(by_day), *_CARRIED), by_day, reply)
