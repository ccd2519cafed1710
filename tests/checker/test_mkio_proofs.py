"""What is free to choose at MK.IO, and is no failure of who chose it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request

from metersim.checker.verdict import Report, Standing
from metersim.contract.rule import Basis
from tests.checker.proven import proven
from tests.implementations import mkio, mkio_report, mkio_store
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


def test_a_correction_may_be_charged_late(monkeypatch: pytest.MonkeyPatch) -> None:
    def events(place: int, project: str) -> list[tuple[str, str, str, int, int]]:
        days = (datetime(2025, 5, day, 12, tzinfo=UTC) for day in (12, 20))
        occurred, charged = map(mkio_store.seconds, days)
        found = right(place, project)
        # Of a meter of which more was used in all: only where it occurred, it is below nothing.
        return [*found, (project, "egress", "-2.5", occurred, charged)]

    right = mkio_store._events
    monkeypatch.setattr(mkio_store, "_events", events)
    report = checked(mkio.create(), "MKIO-17", charged_late="2025-05-16")
    assert standings(report) == {Standing.HOLDS}


def test_usage_of_a_project_that_nobody_named_is_of_the_report_of_all(app: Flask) -> None:
    report_of: Any = app.view_functions["POST /api/v1/organization/reports/usage"]

    def without_the_second() -> Response:
        reply: Response = report_of()
        body = request.get_json(silent=True)
        named = isinstance(body, dict) and {"projectNames", "paymentMethodIds"} & body.keys()
        if named or reply.status_code != 200 or not reply.is_json:
            return reply
        told = reply.get_json()
        rows = [row for row in told["value"] if row["projectName"] != mkio_store.LIVE]
        return jsonify({**told, "value": rows})

    app.view_functions["POST /api/v1/organization/reports/usage"] = without_the_second
    values = {key: mkio.VALUES[key] for key in ("project", "since", "until")}
    with served(app) as url:
        report = proven("mkio", url, mkio.TOKEN, values, ["MKIO-13"])
    assert standings(report) == {Standing.BROKEN}


@pytest.mark.parametrize("off", [None, {}, {"url": None, "username": "", "password": ""}])
def test_what_is_off_may_have_a_status_that_tells_nothing(app: Flask, off: object) -> None:
    @app.after_request
    def told(response: Response) -> Response:
        body: Any = response.get_json(silent=True)
        if request.path.endswith("/metricsEndpoint") and response.status_code == 200:
            response.set_data(jsonify({"status": off, **body}).get_data())
        return response

    report = checked(app, "MKIO-27")
    assert standings(report) == {Standing.HOLDS}
    assert report.departures == []


def test_metrics_may_be_told_at_a_url_with_brackets(app: Flask) -> None:
    @app.after_request
    def federated(response: Response) -> Response:
        told = response.get_data(as_text=True)
        if request.path.endswith("/metricsEndpoint"):
            response.set_data(told.replace('/metrics"', '/metrics?match[]=up"'))
        return response

    report = checked(app, "MKIO-27", "MKIO-28")
    assert standings(report) == {Standing.HOLDS}
    assert report.departures == []


def test_a_csv_may_end_its_lines_with_lf_and_order_its_columns_otherwise(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mkio, "_HEADER", mkio._HEADER[::-1])

    @app.after_request
    def unix(response: Response) -> Response:
        if response.mimetype == "text/csv":
            response.set_data(response.get_data().replace(b"\r\n", b"\n"))
        return response

    report = checked(app, "MKIO-15")
    assert standings(report) == {Standing.HOLDS}
    assert report.departures == []


@pytest.mark.parametrize("defect", ["costs are rounded to cents", "costs are doubles"])
def test_costs_are_exact_to_the_last_place(defect: str) -> None:
    report = checked(mkio.create(defect), "MKIO-18")
    assert [each.rule.id for each in report.failures] == ["MKIO-18"]
