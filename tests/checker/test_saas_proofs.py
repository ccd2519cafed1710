"""Corrections, which count less than nothing, break no law of the SaaS API."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from metersim.checker.verdict import Standing
from tests.checker.proven import proven
from tests.implementations import saas
from tests.implementations.serving import served


def test_a_last_day_may_count_more_than_all_days_where_one_is_a_correction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def used(name: str, start: datetime, end: datetime, defect: str | None) -> Decimal:
        corrected = start <= datetime.fromisoformat("2025-04-09T10:11:12Z") < end
        return right(name, start, end, defect) - (900_000 if corrected else 0)

    right = saas._used
    monkeypatch.setattr(saas, "_used", used)
    with served(saas.create()) as url:
        report = proven("saas", url, saas.TOKEN, saas.VALUES, ["SAAS-1[0-4]", "SAAS-18"])
        counters = proven("saas", url, saas.TOKEN, saas.VALUES, ["SAAS-15"])
    broken = [each.rule.id for each in report.verdicts if each.standing is Standing.BROKEN]
    assert broken == []
    # Levels were corrected here as well, which is nobody's law but ours.
    assert [each for each in counters.failures if "of the last day" in each.expected] == []
