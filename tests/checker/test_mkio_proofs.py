"""What is free to choose at MK.IO, and is no failure of who chose it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request

from metersim.checker.verdict import Report, Standing
from metersim.contract.rule import Basis
from tests.checker.proven import proven
from tests.implementations import mkio, mkio_report
from tests.implementations.serving import served


def checked(app: Flask, *rules: str, **values: str) -> Report:
    with served(app) as url:
        return proven("mkio", url, mkio.TOKEN, {**mkio.VALUES, **values}, rules)


def standings(report: Report) -> set[Standing]:
    return {each.standing for each in report.verdicts}


@pytest.fixture
def app() -> Flask:
    return mkio.create()


def moved_metrics(app: Flask) -> None:
    """Metrics are told to be on a server of their own."""

    @app.after_request
    def elsewhere(response: Response) -> Response:
        if request.path.endswith("/metricsEndpoint"):
            told = response.get_data(as_text=True)
            old = f"{request.host_url}api/v1/projects"
            response.set_data(told.replace(old, "https://metrics.example/federate"))
        return response


def test_metrics_on_another_server_are_not_judged_by_this_one(app: Flask) -> None:
    moved_metrics(app)
    report = checked(app, "MKIO-28")
    assert standings(report) == {Standing.NOT_APPLICABLE}
    assert report.exit_code != 1


def test_a_clock_may_stand_where_a_month_begins(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mkio_report, "NOW", datetime(2025, 7, 1, tzinfo=UTC))
    report = checked(app, "MKIO-03", "MKIO-19")
    assert [each.calls > 0 for each in report.verdicts] == [True, True]
    assert Standing.BROKEN not in standings(report)


def test_usage_charged_late_may_be_of_another_project_than_the_first(app: Flask) -> None:
    on_time: Any = app.view_functions["POST /api/v1/organization/reports/usage"]

    @app.before_request
    def first_is_never_late() -> Response | None:
        body = request.get_json(silent=True)
        if isinstance(body, dict) and body.get("projectNames") == [mkio.VALUES["project"]]:
            body["filterOnReportedDate"] = False
            reply: Response = on_time()
            told = {**reply.get_json(), "metadata": {"filterOnReportedDate": True}}
            return jsonify(told) if asks_late() else reply
        return None

    assert standings(checked(app, "MKIO-17")) == {Standing.HOLDS}


def asks_late() -> bool:
    return b'"filterOnReportedDate":true' in request.get_data()


def test_another_success_than_ours_is_no_more_than_a_notice(app: Flask) -> None:
    @app.after_request
    def created(response: Response) -> Response:
        if request.method == "POST" and request.path.endswith("/paymentMethod"):
            response.status_code = 201 if response.status_code == 200 else response.status_code
        return response

    report = checked(app, "MKIO-21")
    assert report.departures
    assert {each.basis for each in report.departures} == {Basis.ASSUMED}
    assert report.exit_code == 0


def test_a_scrape_that_is_refused_without_a_body_is_no_more_than_a_notice(app: Flask) -> None:
    @app.after_request
    def bare(response: Response) -> Response:
        if request.path.endswith("/metrics") and response.status_code == 401:
            return Response(status=401, content_type="text/plain")
        return response

    report = checked(app, "MKIO-02", "MKIO-28")
    assert {each.basis for each in report.departures} <= {Basis.ASSUMED}
    assert report.exit_code == 0
