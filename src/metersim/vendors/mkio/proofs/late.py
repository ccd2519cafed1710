"""Usage that was charged later than it occurred, and in which span it counts."""

from __future__ import annotations

from datetime import datetime

from metersim.billing.instants import (
    Granularity,
    Span,
    floor,
    following,
    parse_date,
    parse_instant,
)
from metersim.contract.exchange import Exchange, Unproven, agree, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.vendors.mkio.proofs.asking import (
    DAY,
    day,
    days,
    month,
    projects,
    report,
    rows,
    scope,
    told,
)
from metersim.vendors.mkio.proofs.rows import Sum, Sums, added, agree_sums, differing, sums

_LATE = ("projectName", "meter")


@proves("MKIO-17", calls=28, needs=("project", "since", "until"))
def usage_charged_late_moves_to_when_it_was_charged(trial: Trial) -> None:
    span = days(trial)
    first, last = (
        floor(span.start, Granularity.YEAR).replace(year=span.start.year - 5),
        floor(span.end, Granularity.YEAR).replace(year=span.end.year + 5),
    )
    cut = _late_cut(trial, span, first)
    occurred, charged = (_by_year(trial, Span(first, last), late) for late in (False, True))
    parts = [_by_year(trial, part, True) for part in (Span(first, cut), Span(cut, last))]
    both = added(_late_sums(part) for part in parts)
    what = f"charged before and from {day(cut)}, as charged in both spans"
    agree_sums(what, both, _late_sums(charged), charged, *parts)
    if differing(_late_sums(charged), _late_sums(occurred)):
        _is_all_charged(trial)
    what = "charged in a span with both dates, as occurred"
    agree_sums(what, _late_sums(charged), _late_sums(occurred), occurred, charged)


def _late_cut(trial: Trial, span: Span, first: datetime) -> datetime:
    """A day before which less was charged than had occurred."""
    given = trial.get("charged_late")
    cuts = [_date(given)] if given else _cuts(trial, span)
    for cut in cuts:
        occurred, charged = (_by_year(trial, Span(first, cut), late) for late in (False, True))
        one, other = _late_sums(occurred), _late_sums(charged)
        for key in differing(one, other):
            if any(row["quantity"] < 0 for row in (*rows(occurred), *rows(charged))):
                return cut
            held = other.get(key, Sum()).quantity <= one.get(key, Sum()).quantity
            what = f"no more {' '.join(key)} charged before {day(cut)} than had occurred, "
            expected = f"{what}{one.get(key, Sum()).quantity:f}"
            charged.expect(held, expected, other.get(key, Sum()).quantity)
            return cut
        expected = f"usage charged on {given} to have moved there from before"
        charged.expect(not given, expected, "as much charged before as had occurred")
    require(False, "usage that was charged on a later day: --set charged_late=…")
    return first


def _date(text: str) -> datetime:
    try:
        return parse_date(text)
    except ValueError as error:
        raise Unproven(f"--set charged_late: {error}") from None


def _cuts(trial: Trial, span: Span) -> list[datetime]:
    """Days before which usage may be open: where the days differ, or else some of them all."""
    last_year = Span(max(span.start, span.end - 365 * DAY), span.end)
    by_day = [_asked(trial, last_year, "day", late) for late in (False, True)]
    found = differing(*(sums(rows(reply), *_LATE, "startDate") for reply in by_day))
    starts = sorted({floor(parse_instant(key[-1]), Granularity.DAY) for key in found})
    if starts:
        return [start + DAY for start in (starts[0], starts[len(starts) // 2])]
    step = max(DAY, (span.end - span.start) // 10 // DAY * DAY)
    return [span.start + at * step for at in range(1, 10) if span.start + at * step in span]


def _by_year(trial: Trial, span: Span, late: bool) -> Exchange:
    return _asked(trial, span, "year", late)


def _asked(trial: Trial, span: Span, unit: str, late: bool) -> Exchange:
    reply = report(trial, span, granularity=unit, filterOnReportedDate=late, **scope(trial))
    said = reply.done["metadata"]["filterOnReportedDate"]
    agree("metadata.filterOnReportedDate", said, late, reply)
    return reply


def _late_sums(reply: Exchange) -> Sums:
    return sums(rows(reply), *_LATE)


def _is_all_charged(trial: Trial) -> None:
    """Unproven while some of the last days' usage is not charged yet, as live usage may be."""
    now = told(month(trial, projects(trial)[0])).end
    recent = Span(floor(now, Granularity.DAY) - 3 * DAY, following(now, Granularity.DAY))
    one, other = (_late_sums(_asked(trial, recent, "day", late)) for late in (False, True))
    require(not differing(one, other), "usage of the last days that is charged")
