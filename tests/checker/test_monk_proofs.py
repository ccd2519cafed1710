"""Corrections, which cost less than nothing, break no law of Monk's."""

from __future__ import annotations

import httpx
import pytest

from metersim.checker.verdict import Standing
from tests.checker.proven import proven
from tests.implementations import monk
from tests.implementations.serving import served

_FAR_TOO_MUCH = -9_000_000


@pytest.mark.parametrize("rule", ["MONK-09", "MONK-12"])
def test_a_part_may_cost_more_than_the_whole_where_the_rest_is_a_correction(rule: str) -> None:
    correction = {
        "customerId": monk.VALUES["customer_id"],
        "eventName": "chat.asked",
        "timestamp": "2026-04-20T09:10:11Z",
        "properties": {"quantity": _FAR_TOO_MUCH, "tenant": "south"},
    }
    with served(monk.create()) as url:
        headers = {"Authorization": f"Bearer {monk.TOKEN}"}
        httpx.post(f"{url}/v1/events", json=correction, headers=headers).raise_for_status()
        report = proven("monk", url, monk.TOKEN, monk.VALUES, [rule])
    assert [each.rule.id for each in report.verdicts if each.standing is Standing.BROKEN] == []
    [verdict] = report.verdicts
    assert "costs less than nothing" in verdict.reason
