"""Usage that was charged later than it occurred, and in which span it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from metersim.billing.instants import (
    Granularity,
    Span,
    floor,
    following,
    parse_date,
    parse_instant,
)
from metersim.contract.exchange import Broken, Exchange, Unproven, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import (
    DAY,
    day,
    days,
    last_year,
    month,
    projects,
    report,
    rows,
    scope,
    told,
)
from metersim.vendors.mkio.proofs.rows import Key, Sum, Sums, added, agree_sums, differing, sums

Asked: TypeAlias = Mapping[str, Json]

_LATE = ("projectName", "meter")
_DAILY = Granularity.DAY
# What is charged by the month is charged by then.
_CHARGED_WITHIN = 40 * DAY


@proves("MKIO-17", calls=35, needs=("project", "since", "until"))
def usage_charged_late_moves_to_when_it_was_charged(trial: Trial) -> None:
    span = days(trial)
    first, last = (
        floor(span.start, Granularity.YEAR).replace(year=span.start.year - 5),
        floor(span.end, Granularity.YEAR).replace(year=span.end.year + 5),
    )
    cut, asked = _late_cut(trial, span, first)
    whole = Span(first, last)
    occurred, charged = (_by_year(trial, whole, late, asked) for late in (False, True))
    parts = [_by_year(trial, part, True, asked) for part in (Span(first, cut), Span(cut, last))]
    both = added(_late_sums(part) for part in parts)
    what = f"charged before and from {day(cut)}, as charged in both spans"
    agree_sums(what, both, _late_sums(charged), charged, *parts)
    if differing(_late_sums(charged), _late_sums(occurred)):
        _is_all_charged(trial, occurred, charged, asked)
    what = "charged in a span with both dates, as occurred"
    agree_sums(what, _late_sums(charged), _late_sums(occurred), occurred, charged)


def _late_cut(trial: Trial, span: Span, first: datetime) -> tuple[datetime, Asked]:
    """A day before which less was charged than had occurred, and of which projects."""
    known, given = scope(trial), trial.get("charged_late")
    cuts = [(cut, known) for cut in ([_date(given)] if given else _cuts(trial, span))]
    if given and known:
        # The user may have meant another project's usage.
        cuts.append((cuts[0][0], {}))
    wrong: tuple[datetime, Asked, Broken] | None = None
    for cut, asked in cuts:
        before = Span(first, cut)
        occurred, charged = (_by_year(trial, before, late, asked) for late in (False, True))
        one, other = _late_sums(occurred), _late_sums(charged)
        for key in differing(one, other):
            had, found = (each.get(key, Sum()).quantity for each in (one, other))
            if found <= had or _is_corrected(occurred, charged):
                return cut, asked
            what = f"no more {' '.join(key)} charged before {day(cut)} than had occurred, {had:f}"
            wrong = wrong or (cut, asked, Broken(what, f"{found:f}", [occurred, charged], None))
        expected = f"usage charged on {given} to have moved there from before"
        if given and not wrong and (cut, asked) == cuts[-1]:
            told = "as much charged before as had occurred"
            raise Broken(expected, told, [occurred, charged], None)
    if wrong is None:
        raise Unproven("needs usage that was charged on a later day: --set charged_late=…")
    return _corrected_at(trial, *wrong)


def _corrected_at(
    trial: Trial, cut: datetime, asked: Asked, broken: Broken
) -> tuple[datetime, Asked]:
    """The cut, where a correction that was charged late can be why more is charged before it."""
    near = Span(cut - 15 * DAY, cut + 16 * DAY)
    by_hour = [_asked(trial, near, "hour", late, asked) for late in (False, True)]
    if not _is_corrected(*by_hour):
        raise broken
    return cut, asked


def _is_corrected(*replies: Exchange) -> bool:
    """Whether some of it is below nothing, so that more may be charged than had occurred."""
    return any(row["quantity"] < 0 for reply in replies for row in rows(reply))


def _date(text: str) -> datetime:
    try:
        return parse_date(text)
    except ValueError as error:
        raise Unproven(f"--set charged_late: {error}") from None


def _cuts(trial: Trial, span: Span) -> list[datetime]:
    """Days before which usage may be open: where the days differ, or else some of them all."""
    by_day = [_asked(trial, last_year(trial), "day", late, scope(trial)) for late in (False, True)]
    found = differing(*(sums(rows(reply), *_LATE, "startDate") for reply in by_day))
    starts = sorted({floor(parse_instant(key[-1]), Granularity.DAY) for key in found})
    if starts:
        return [start + DAY for start in (starts[0], starts[len(starts) // 2])]
    step = max(DAY, (span.end - span.start) // 10 // DAY * DAY)
    return [span.start + at * step for at in range(1, 10) if span.start + at * step in span]


def _by_year(trial: Trial, span: Span, late: bool, of: Asked) -> Exchange:
    return _asked(trial, span, "year", late, of)


def _asked(trial: Trial, span: Span, unit: str, late: bool, of: Asked) -> Exchange:
    reply = report(trial, span, granularity=unit, filterOnReportedDate=late, **of)
    said = reply.done["metadata"]["filterOnReportedDate"]
    agree("metadata.filterOnReportedDate", said, late, reply)
    return reply


def _late_sums(reply: Exchange) -> Sums:
    return sums(rows(reply), *_LATE)


def _is_all_charged(trial: Trial, occurred: Exchange, charged: Exchange, of: Asked) -> None:
    """Unproven where what is not charged may be of late, and is yet to be, as live usage is."""
    now = told(month(trial, projects(trial)[0])).end
    today, end = floor(now, _DAILY), following(now, _DAILY)
    last_days, this_month = (
        _open(*(_asked(trial, Span(start, end), "day", late, of) for late in (False, True)))
        for start in (today - 3 * DAY, floor(now, Granularity.MONTH))
    )
    of_late = _late_sums(_asked(trial, Span(today - _CHARGED_WITHIN, end), "day", False, of))
    missing = _open(occurred, charged)
    possible = all(0 < each <= of_late.get(key, Sum()).quantity for key, each in missing.items())
    is_of_late = bool(last_days) or _is_all_of(this_month, missing)
    is_of_late = is_of_late and (possible or _is_corrected(occurred, charged))
    require(not is_of_late, "usage of the last days that is charged")


def _open(occurred: Exchange, charged: Exchange) -> Mapping[Key, Decimal]:
    """How much more occurred than was charged, where that is not the same."""
    one, other = _late_sums(occurred), _late_sums(charged)
    return {
        key: one.get(key, Sum()).quantity - other.get(key, Sum()).quantity
        for key in differing(one, other)
    }


def _is_all_of(part: Mapping[Key, Decimal], whole: Mapping[Key, Decimal]) -> bool:
    return part.keys() == whole.keys() and all(nearly(part[key], whole[key]) for key in whole)
