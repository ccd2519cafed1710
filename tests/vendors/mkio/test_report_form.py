"""A report as JSON, as CSV, and as a file."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.mkio.calls import DATES, Options, ask, report, span
from tests.wire import simulate

HEADER = "projectName,paymentMethodId,meter,unit,quantity,price,cost,currency,startDate,endDate"
NUMBERS = ("quantity", "price", "cost")

ODD = """
clock: 2026-02-01
meters: {clips: {unit: 'clips, "raw"'}}
rate_cards: {list: {prices: {clips: 0.00000001}}}
payment_methods: {card: {rate_card: list}}
customers: {acme: {}}
projects: {"Größe 1/2": {customer: acme, payment_method: card}}
events:
  - {at: 2026-01-01, customer: acme, project: "Größe 1/2", event: clips, quantity: 12e8}
  - {at: 2026-01-02, customer: acme, project: "Größe 1/2", event: clips, quantity: 0.05}
"""


def read(text: str) -> list[dict[str, Any]]:
    """The rows of a CSV report, numbers as numbers."""
    rows: list[dict[str, Any]] = list(csv.DictReader(StringIO(text, newline=""), strict=True))
    return [row | {key: Decimal(row[key]) for key in NUMBERS} for row in rows]


@settings(max_examples=25)
@given(DATES, st.integers(1, 31), st.sampled_from(["hour", "day", "week"]), st.booleans())
def test_mkio_15_csv_holds_the_rows_of_the_json_report(
    start: date, days: int, unit: str, reported: bool
) -> None:
    mkio = simulate().caller("mkio")
    options: Options = {"granularity": unit, "filterOnReportedDate": reported}
    answer = ask(mkio, *span(start, days), format="csv", **options)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines(keepends=True)[0] == HEADER + "\r\n"
    assert read(answer.text) == report(mkio, *span(start, days), **options)


def test_mkio_15_csv_is_quoted_where_needed_and_its_numbers_are_digits(tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(ODD, encoding="utf-8")
    answer = ask(simulate(file).caller("mkio"), "2026-01-01", "2026-02-01", format="csv")
    site = 'Größe 1/2,card,clips,"clips, ""raw"""'
    assert answer.text.split("\r\n") == [
        HEADER,
        f"{site},1200000000,0.00000001,12,USD,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z",
        f"{site},0.05,0.00000001,0.0000000005,USD,2026-01-02T00:00:00Z,2026-01-03T00:00:00Z",
        "",
    ]


def test_mkio_15_a_csv_report_without_rows_has_a_header() -> None:
    answer = ask(simulate().caller("mkio"), "2020-01-01", "2020-02-01", format="csv")
    assert answer.text == HEADER + "\r\n"


def test_mkio_15_json_is_the_default() -> None:
    mkio = simulate().caller("mkio")
    answer = ask(mkio, "2026-01-01", "2026-02-01")
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == ask(mkio, "2026-01-01", "2026-02-01", format="json").text


@pytest.mark.parametrize("form", ["json", "csv"])
def test_mkio_16_a_download_is_an_attachment_with_a_file_name(form: str) -> None:
    mkio = simulate().caller("mkio")
    answer = ask(mkio, "2026-01-01", "2026-02-01", format=form, download=True)
    name = f"usage-2026-01-01-2026-02-01.{form}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    for options in ({}, {"download": False}):
        shown = ask(mkio, "2026-01-01", "2026-02-01", format=form, **options)
        assert "content-disposition" not in shown.headers
        assert shown.text == answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "CSV"),
        ("format", "xml"),
        ("format", None),
        ("download", "true"),
        ("download", 1),
        ("filterOnReportedDate", "false"),
        ("filterOnReportedDate", None),
    ],
)
def test_an_option_of_another_kind_is_refused(field: str, value: object) -> None:
    answer = ask(simulate().caller("mkio"), "2026-01-01", "2026-02-01", **{field: value})
    assert answer.status == 400
    assert field in answer.data["error"]["extraDetail"]


def test_an_unknown_option_is_ignored() -> None:
    mkio = simulate().caller("mkio")
    plain = ask(mkio, "2026-01-01", "2026-02-01")
    assert ask(mkio, "2026-01-01", "2026-02-01", currency="EUR").text == plain.text
