"""MK.IO's reports: read from the question, counted from the store, told as rows."""

from __future__ import annotations

import re
import sqlite3
from calendar import isleap
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.implementations.mkio_store import NOW, seconds

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNITS = ("hour", "day", "week", "month", "year")
_DAY = timedelta(days=1)
# The last year that nothing here counts beyond.
_LAST = 9_000


class Refused(Exception):
    """The call is refused, with this status."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True)
class Question:
    """What a report is about."""

    start: datetime
    end: datetime
    unit: str | None
    projects: list[str] | None = None
    methods: list[str] | None = None
    column: str = "occurred"


def asked(body: dict[str, Any], defect: str | None) -> Question:
    """The question in the body of a call."""
    in_csv = body.get("format") == "csv"
    if "projectNames" in body and "paymentMethodIds" in body:
        if defect == "both filters pass" or (in_csv and defect == "both filters pass in CSV"):
            body = {key: each for key, each in body.items() if key != "paymentMethodIds"}
        else:
            raise Refused(422 if defect == "422 for both filters" else 400, "one filter at most")
    if defect == "the end may be left out":
        body = {"endDate": NOW.date().isoformat(), **body}
    start, end = (_date(body.get(name), defect) for name in ("startDate", "endDate"))
    unit = body.get("granularity", "month" if defect == "by month unless told" else "day")
    if defect == "minutes pass for hours" and unit == "minute":
        unit = "hour"
    if unit not in _UNITS:
        raise Refused(422 if defect == "422 for other units" else 400, "granularity is no unit")
    if defect == "an empty span passes" and start == end:
        end = start
    elif defect == "a span may run backwards" and start > end:
        start, end = end, start
    elif start >= end:
        raise Refused(400, "startDate must be before endDate")
    _cap(start, end, unit, defect)
    if defect == "long spans are cut to a year":
        end = min(end, start + 365 * _DAY)
    if body.get("format", "json") not in ("json", "csv"):
        raise Refused(400, "format is json or csv")
    for key in ("download", "filterOnReportedDate"):
        if not isinstance(body.get(key, False), bool):
            raise Refused(400, f"{key} is true or false")
    late = body.get("filterOnReportedDate", False)
    if in_csv and defect == "the CSV is of when usage occurred":
        late = False
    if defect == "reported dates are inverted":
        late = not late
    column = "charged" if late and defect != "reported dates are ignored" else "occurred"
    names, ids = _named(body, "projectNames"), _named(body, "paymentMethodIds")
    if in_csv and defect == "a CSV is of all projects":
        names = None
    return Question(start, end, unit, names, ids, column)


def _named(body: dict[str, Any], key: str) -> list[str] | None:
    """The names under this key, where there is one."""
    if key not in body:
        return None
    found = body[key]
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Refused(400, f"{key} is no list of texts")
    return found


def _date(text: object, defect: str | None) -> datetime:
    try:
        if defect == "instants pass for dates" and isinstance(text, str) and len(text) > 10:
            text = text[:10]
        if defect == "a month passes for its first day" and re.fullmatch("[0-9-]{7}", str(text)):
            text = f"{text}-01"
        if defect == "dates need no zeros" and isinstance(text, str):
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        any_form = defect == "basic dates pass"
        if not isinstance(text, str) or not (any_form or _DATE.fullmatch(text)):
            raise ValueError
        found = date.fromisoformat(text)
        if found.year > _LAST:
            raise ValueError
    except ValueError:
        raise Refused(422 if defect == "422 for no date" else 400, "not YYYY-MM-DD") from None
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def _cap(start: datetime, end: datetime, unit: str, defect: str | None) -> None:
    if unit == "hour":
        days = {"30 days by hour": 30, "32 days by hour": 32}.get(defect or "", 31)
        last = start + days * _DAY
        if defect == "a month by hour":
            last = (start.replace(day=1) + 32 * _DAY).replace(day=min(start.day, 28))
    elif unit == "day":
        leap = start.replace(day=1, month=3) if (start.month, start.day) == (2, 29) else start
        last = leap.replace(year=start.year + 1)
        if defect in ("365 days by day", "366 days by day"):
            last = start + int(defect[:3]) * _DAY
        if defect == "366 days where a leap year ends" and isleap(end.year):
            last = start + 366 * _DAY
    else:
        last = start + 3 * 365 * _DAY if defect == "three years at most" else end
    if end > last and not (defect == "no cap by day" and unit == "day"):
        raise Refused(400, f"too long for granularity {unit}")


def rows(db: sqlite3.Connection, question: Question, defect: str | None) -> list[dict[str, Any]]:
    """The rows that answer it, by time first."""
    sums: dict[tuple[int, int, str, str, str], Decimal] = defaultdict(Decimal)
    for project, meter, quantity, occurred, charged in _events(db, question, defect):
        method = _carrier(db, project, occurred, defect)
        if not _is_asked(db, question, project, method, defect):
            continue
        times = {"occurred": occurred, "charged": charged}
        bucket = _bucket(times[question.column], question, defect)
        times_named = (question.projects or []).count(project)
        counted = times_named if defect == "a name given twice counts twice" else 1
        sums[*bucket, project, method, meter] += Decimal(quantity) * (counted or 1)
    found = [_row(db, *key, quantity, defect) for key, quantity in sorted(sums.items())]
    return [row for row in found if row["quantity"]]


def _events(
    db: sqlite3.Connection, question: Question, defect: str | None
) -> list[tuple[str, str, str, int, int]]:
    start, end = seconds(question.start), seconds(question.end)
    if question.unit is not None:
        start, end = _bounds(start, end, question.unit, defect)
    column, after, before = question.column, ">=", "<"
    if defect in ("usage at the start is left out", "midnight is of the day before"):
        after = ">"
    if defect in ("usage at the end counts", "midnight is of the day before"):
        before = "<="
    select = "select project, meter, quantity, occurred, charged from event where "
    within = f"{{0}} {after} {start} and {{0}} {before} {end}"
    where = within.format(column)
    if column == "charged" and defect == "late usage counts twice":
        where = f"({where}) or ({within.format('occurred')})"
    if column == "charged" and defect == "late usage is dropped":
        where = f"({where}) and charged = occurred"
    return db.execute(select + where).fetchall()


def _bounds(start: int, end: int, unit: str, defect: str | None) -> tuple[int, int]:
    if defect == "the last day counts" or (unit == "day" and defect == "by day its end counts"):
        end += 86_400
    if defect == "days are Berlin's":
        start, end = start - 7_200, end - 7_200
    if defect == "weeks count whole" and unit == "week":
        end += 7 * 86_400
    return start, end


def _carrier(db: sqlite3.Connection, project: str, at: int, defect: str | None) -> str:
    if defect == "usage moves with the method":
        at = seconds(NOW)
    found: tuple[str] = db.execute(
        "select method from carried where project = ? and since <= ?"
        " order by since desc, rowid desc",
        (project, at),
    ).fetchone()
    return found[0]


def _is_asked(
    db: sqlite3.Connection, question: Question, project: str, method: str, defect: str | None
) -> bool:
    names, ids = question.projects, question.methods
    if defect == "names filter by their beginning" and names is not None:
        return any(project.startswith(name) for name in names)
    if defect == "the first name filters alone" and names is not None:
        names = names[:1]
    if defect == "names do not filter":
        names = None
    if defect == "methods filter by who pays now" and ids is not None:
        method = _carrier(db, project, seconds(NOW), defect)
    return (names is None or project in names) and (ids is None or method in ids)


def _bucket(at: int, question: Question, defect: str | None) -> tuple[int, int]:
    """Cut to the span, as the first and last of many are."""
    unit = "day" if defect == "every unit is a day" and question.unit else question.unit
    if defect == "weeks are days" and unit == "week":
        unit = "day"
    if unit is None:
        return seconds(question.start), seconds(question.end)
    instant = datetime.fromtimestamp(at, UTC)
    start = instant.replace(minute=0) if unit == "hour" else instant.replace(hour=0, minute=0)
    longest = {"hour": timedelta(hours=1), "day": _DAY, "week": 7 * _DAY}
    if unit == "week":
        start -= start.weekday() * _DAY
    elif unit == "month":
        start = start.replace(day=1)
    elif unit == "year":
        start = start.replace(day=1, month=1)
    end = start + longest[unit] if unit in longest else (start + 400 * _DAY).replace(day=1, month=1)
    if unit == "month":
        end = (start + 32 * _DAY).replace(day=1)
    if question.start <= instant < question.end:
        start, end = max(start, question.start), min(end, question.end)
    return seconds(start), seconds(end)


def _row(
    db: sqlite3.Connection,
    start: int,
    end: int,
    project: str,
    method: str,
    meter: str,
    quantity: Decimal,
    defect: str | None,
) -> dict[str, Any]:
    priced = method
    if defect == "one card for all":
        priced = db.execute("select id from method order by id").fetchone()[0]
    if defect == "usage has the price of who pays now":
        priced = _carrier(db, project, seconds(NOW), defect)
    unit, price = db.execute(
        "select unit, price from rate where method = ? and meter = ?", (priced, meter)
    ).fetchone()
    if defect == "an hour begun is an hour" and end - start == 3_600:
        quantity = Decimal(-(-quantity // 1))
    cost: Decimal | float = quantity * Decimal(price)
    if defect == "costs are rounded to cents":
        cost = round(Decimal(cost), 2)
    if defect == "costs are doubles":
        cost = float(quantity) * float(price)
    return {
        "startDate": _told(start),
        "endDate": _told(end),
        "meter": meter,
        "category": "Video",
        "projectName": project,
        "paymentMethodId": method,
        "quantity": quantity,
        "unit": unit,
        "price": Decimal(price),
        "cost": cost,
        "currency": "EUR",
    }


def _told(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def month(
    db: sqlite3.Connection, project: str, defect: str | None
) -> tuple[Question, list[dict[str, Any]]]:
    """What a project used since the 1st."""
    start, end = NOW.replace(day=1, hour=0, minute=0), NOW
    if defect == "the last thirty days":
        start = NOW - 30 * _DAY
    if defect == "the month begins in Berlin":
        start -= timedelta(hours=2)
    if defect == "the month to its end":
        end = start.replace(month=start.month + 1)
    told = Question(start, end, "day" if defect == "an entry for each day" else None, [project])
    if defect == "today is left out":
        end = NOW.replace(hour=0, minute=0)
    column = "charged" if defect == "the month as charged" else "occurred"
    found = rows(db, Question(start, end, told.unit, [project], None, column), defect)
    if defect == "only the method of now":
        now = _carrier(db, project, seconds(NOW), defect)
        found = [row for row in found if row["paymentMethodId"] == now]
    return told, found
