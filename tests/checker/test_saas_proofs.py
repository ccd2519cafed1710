"""What breaks no law of the SaaS API, and what breaks one whatever else a reply says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import count

import pytest
from flask import Response

from metersim.checker.verdict import Standing
from tests.checker.proven import proven
from tests.implementations import saas, saas_amounts
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


@pytest.mark.parametrize(
    ("defect", "rule"),
    [
        ("the last second does not count", "SAAS-18"),
        ("the day of the end is told and not counted", "SAAS-04"),
    ],
)
def test_what_changes_beside_usage_hides_no_defect(defect: str, rule: str) -> None:
    app, took = saas.create(defect), count(1)

    @app.after_request
    def timed(response: Response) -> Response:
        body = response.get_data(as_text=True)
        response.set_data(body.replace('"took": 3', f'"took": {next(took)}'))
        return response

    with served(app) as url:
        report = proven("saas", url, saas.TOKEN, saas.VALUES, [rule])
    assert [each.standing for each in report.verdicts] == [Standing.BROKEN]


def test_a_plan_need_not_have_the_metrics_that_the_page_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("apiCalls", "seats", "bandwidth"):
        monkeypatch.delitem(saas_amounts.METRICS, name)
    with served(saas.create()) as url:
        report = proven("saas", url, saas.TOKEN, saas.VALUES, ["SAAS-07"])
    assert [each.standing for each in report.verdicts] == [Standing.HOLDS]


@pytest.mark.parametrize("left_out", [(), ("storage", "seats", "bandwidth")])
def test_what_is_over_is_charged_be_it_one_metric_alone(
    left_out: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in left_out:
        monkeypatch.delitem(saas_amounts.METRICS, name)
    with served(saas.create("overage is free")) as url:
        report = proven("saas", url, saas.TOKEN, saas.VALUES, ["SAAS-13"])
    assert [each.rule.id for each in report.failures] == ["SAAS-13"]
