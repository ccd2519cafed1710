"""The form in which a report comes: JSON or CSV, to read or to save."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from io import StringIO

from metersim.billing.instants import Span, parse_date, parse_instant
from metersim.billing.quantity import exact
from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import (
    DAY,
    around,
    busy_days,
    day,
    projects,
    report,
    rows,
    scope,
    some_day,
)
from metersim.vendors.mkio.proofs.rows import busy, same_rows

_NUMBERS = {"quantity", "price", "cost"}
_TEXTS = {"projectName", "paymentMethodId", "meter", "unit", "currency", "startDate", "endDate"}
_FILE_NAME = re.compile(r";\s*filename\*?\s*=\s*\"?[^\s;\"]")


@proves("MKIO-15", calls=6, examples=3, needs=("project", "since", "until"))
def csv_and_json_hold_the_same_rows(trial: Trial) -> None:
    unit = trial.draw.one_of(["day", "hour", "week", "month", "year"])
    late = bool(trial.draw.integer(0, 1))
    span = around(trial, busy_days(trial)[-1], 7, 3)
    asked = {"granularity": unit, "filterOnReportedDate": late, "projectNames": projects(trial)}
    dates = {"startDate": day(span.start), "endDate": day(span.end)}
    by_default = trial.call("createUsageReport", {**dates, **asked})
    as_json, as_csv = (report(trial, span, **asked, format=form) for form in ("json", "csv"))
    expected = {"application/json": (by_default, as_json), "text/csv": (as_csv,)}
    for media_type, replies in expected.items():
        for reply in replies:
            reply.expect_status(200)
            agree("the content type", reply.media_type, media_type, reply)
    require(busy(rows(as_json)), "usage of the project: --set project=… since=… until=…")
    same_rows("without a format as in JSON", rows(by_default), rows(as_json), as_json, by_default)
    same_rows("in CSV as in JSON", csv_rows(as_csv), rows(as_json), as_json, as_csv)
    given = trial.get("charged_late")
    # Once is enough, and the first attempt draws what is simplest.
    if given and unit == "day" and not late:
        _is_one_when_charged_late(trial, given)


def _is_one_when_charged_late(trial: Trial, given: str) -> None:
    """The dates mean the same in both forms, and when usage was charged is where it matters."""
    with suppress(ValueError):
        start = parse_date(given)
        span = Span(start, start + DAY)
        asked: dict[str, Json] = {"granularity": "day", "filterOnReportedDate": True}
        as_json, as_csv = (report(trial, span, **asked, format=form) for form in ("json", "csv"))
        if as_json.succeeded:
            what = f"charged on {given}, in CSV as in JSON"
            same_rows(what, csv_rows(as_csv), rows(as_json), as_json, as_csv)


def csv_rows(reply: Exchange) -> list[Mapping[str, Json]]:
    """The rows of a CSV, by its header."""
    # Some put a mark before the text, for the sake of a spreadsheet.
    lines = [line for line in csv.reader(StringIO(reply.text.removeprefix("\ufeff"))) if line]
    header = lines[0] if lines else []
    missing = sorted((_NUMBERS | _TEXTS) - set(header))
    reply.expect(not missing, f"a header row with {', '.join(missing)}", ",".join(header))
    found: list[Mapping[str, Json]] = []
    for line in lines[1:]:
        reply.expect(len(line) == len(header), "a field for each column", ",".join(line))
        row = dict(zip(header, line, strict=True))
        for key in ("startDate", "endDate"):
            reply.expect(_is_instant(row[key]), f"a {key} in RFC 3339", row[key])
        found.append({**row, **{key: _number(row[key], reply) for key in _NUMBERS}})
    return found


def _is_instant(text: str) -> bool:
    try:
        parse_instant(text)
    except ValueError:
        return False
    return True


def _number(text: str, reply: Exchange) -> Decimal:
    try:
        return exact(text)
    except ValueError:
        reply.expect(False, "a number in digits", text)
        raise


@proves("MKIO-16", calls=4)
def a_download_is_an_attachment(trial: Trial) -> None:
    start = some_day(trial)
    span = Span(start, start + DAY)
    for form in ("json", "csv"):
        reply = report(trial, span, format=form, download=True, **scope(trial))
        reply.expect_status(200)
        expected = f"Content-Disposition: attachment with a file name, by format {form}"
        reply.expect(_is_attached(reply) and _is_named(reply), expected, _disposition(reply))
    for form in ("json", "csv"):
        reply = report(trial, span, format=form, download=False, **scope(trial))
        expected = "an attachment only where one is asked for"
        reply.expect(not _is_attached(reply), expected, _disposition(reply), Basis.ASSUMED)


def _disposition(reply: Exchange) -> str:
    return reply.headers.get("content-disposition", "none")


def _is_attached(reply: Exchange) -> bool:
    return _disposition(reply).partition(";")[0].strip().lower() == "attachment"


def _is_named(reply: Exchange) -> bool:
    return _FILE_NAME.search(_disposition(reply).lower()) is not None
