"""An explanation as text: every number in all its digits, decimal points below each other."""

from __future__ import annotations

from decimal import Decimal
from textwrap import dedent
from typing import Any

import pytest

from metersim.explained import explained_as_text
from tests.views import NORTHWIND
from tests.wire import simulate

pytestmark = pytest.mark.inside

MARCH = {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-04-01T00:00:00Z"}


def text(scenario: str, vendor: str, row: dict[str, Any]) -> str:
    return explained_as_text(simulate(scenario).explain(vendor, row)) + "\n"


def test_a_charge_goes_from_its_sources_over_its_tiers_to_the_amount() -> None:
    row = {"projectName": "app", "paymentMethodId": "pm-direct", "meter": "graduated", **MARCH}
    assert text("tiers", "mkio", row) == dedent("""\
        graduated of app, charged to pm-direct

        graduated from 2026-03-01T00:00:00Z to 2026-04-01T00:00:00Z, by when it occurred
        usage                              of        facts  first                 last                  charged  quantity
        graduated region=us quantity=7000  acme app      1  2026-03-20T00:00:00Z  2026-03-20T00:00:00Z  at once      7000
        SUM                                                                                                          7000  units
        rate card list
        counted from each month's start, in order of occurrence: all that pm-direct carried
        2026-03: 12000, 5000 of it other usage than this
        rate                              quantity  price     amount
        graduated above 1000 up to 10000      5000      0.05     250
        graduated above 10000                 2000      0.01      20
        cost                                                     270  USD

        cost    270  USD
        """)  # noqa: E501  # as wide as it prints


def test_steps_end_in_the_number_and_a_row_that_departs_is_told() -> None:
    row = {**MARCH, "externalCustomerId": "partner", "creditRateCents": 750, "totalAmount": 1}
    row |= {"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-02-01T00:00:00Z"}
    assert text("tiers", "monk", row).endswith(
        dedent("""\
        rate  quantity  price     amount
        flat       600      0.05      30
        cost                          30  USD

        top-up of 2026-01  minimum 50 − spent 30                                                                             20
        USD                all costs and top-ups added up                                                                    50
        totalAmount        USD 50 × 100 ÷ creditRateCents 750, exact where that ends, else half up to 28 significant digits   6.666666666666666666666666667  credits

        Note: totalAmount: the row says 1, and here and now it is 6.666666666666666666666666667
        """)  # noqa: E501
    )


@pytest.mark.parametrize(
    ("scenario", "vendor", "row", "line"),
    [
        ("tiers", "mkio", {"meter": "package"}, "package each 100 begun       120     10    1200"),
        ("tiers", "mkio", {"meter": "dated"}, "flat from 2026-03-16T00:00:00Z      7000      0.2"),
        (
            "tiers",
            "mkio",
            {"meter": "volume"},
            "2026-03: 12000, 7000 of it other usage than this",
        ),
        ("tiers", "mkio", {"meter": "flat", "endDate": "2026-03-02T00:00:00Z"}, "no usage"),
        (
            "tiers",
            "mkio",
            {"projectName": "app", "meter": "graduated", "price": Decimal("0.05")},
            "5000      0.05     250  ← the row asked about\n",
        ),
        ("default", "saas", {"metric": "storage"}, "overage     max(0, used 76.5 − included 100)"),
    ],
)
def test_each_kind_of_price_and_step_has_its_words(
    scenario: str, vendor: str, row: dict[str, Any], line: str
) -> None:
    if vendor == "mkio":
        row = {"projectName": "website", "paymentMethodId": "pm-direct", **MARCH, **row}
    assert line in text(scenario, vendor, row)


def test_usage_charged_late_says_how_late_or_when() -> None:
    which = {"projectName": "larkspur-live", "paymentMethodId": "pm-aws", **MARCH}
    row = {**which, "filterOnReportedDate": True}
    assert " P3D later " in text("default", "mkio", {**row, "meter": "bandwidth"})
    cpu_hours = text("default", "mkio", {**row, "meter": "cpu_hours"})
    assert "2026-02-27T22:15:00Z  2026-03-02T06:00:00Z        12.75\n" in cpu_hours


def test_a_value_that_is_null_is_none() -> None:
    row = {
        "customer_id": NORTHWIND,
        "billable_metric_id": "9570e4f3-d1da-4b95-ba81-bd40ee002727",
        "start_timestamp": "2026-03-01",
        "end_timestamp": "2026-03-02",
    }
    assert text("default", "metronome", row).endswith("no usage\n\nvalue    none  hours\n")
