"""Proofs of Monk's laws: corrections break none, and what a proof sent is made nothing of."""

from __future__ import annotations

import httpx
import pytest
from flask import Response, request

from metersim.checker.verdict import Standing
from metersim.reading import Json
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


def test_what_was_sent_costs_nothing_in_the_end_even_where_nothing_could_be_seen() -> None:
    app, sent = monk.create(), list[Json]()

    @app.before_request
    def show_no_usage() -> Response | None:
        if request.path == "/v1/events":
            sent.append(request.get_json())
        if request.path != "/v1/usage/cost" or "propertyFilters" not in request.get_json():
            return None
        # As if what was sent were still on its way.
        reply = (
            monk.create()
            .test_client()
            .post(request.path, json=request.get_json(), headers=dict(request.headers))
        )
        return Response(reply.data, reply.status_code, reply.headers)

    with served(app) as url:
        [verdict] = proven("monk", url, monk.TOKEN, monk.VALUES, ["MONK-20"]).verdicts
    assert verdict.standing is Standing.NOT_APPLICABLE
    left = {each["idempotencyKey"]: each["properties"]["quantity"] for each in sent}
    assert set(left.values()) == {0}


def test_who_takes_instants_in_utc_alone_is_noticed_alone() -> None:
    with served(monk.create("offsets are refused")) as url:
        report = proven("monk", url, monk.TOKEN, monk.VALUES, ["MONK-03", "MONK-04", "MONK-17"])
    assert [each.rule.id for each in report.notices] == ["MONK-03"]
    assert report.exit_code == 0
    held = [each.rule.id for each in report.verdicts if each.standing is Standing.HOLDS]
    assert held == ["MONK-04", "MONK-17"]


@pytest.mark.parametrize("defect", ["totals in cents", "sums of doubles"])
def test_parts_add_up_to_the_last_place(defect: str) -> None:
    with served(monk.create(defect)) as url:
        report = proven("monk", url, monk.TOKEN, monk.VALUES, ["MONK-13"])
    assert [each.rule.id for each in report.failures] == ["MONK-13"]
