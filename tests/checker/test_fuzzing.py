"""Schemathesis through our own door: what it finds, what it must not call, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request

from metersim.checker.fuzzing import Fuzzing
from metersim.checker.run import Run
from metersim.checker.target import Target, TooManyCalls, Unanswered
from metersim.checker.verdict import Departure
from metersim.errors import ControlError
from tests.checker.hostile import hostile, reply
from tests.checker.proven import VENDORS
from tests.implementations import saas
from tests.implementations.serving import served


def found(url: str, vendor: str = "saas", most_calls: int = 10_000) -> list[Departure]:
    with Target(url, most_calls=most_calls, seconds=2) as target:
        fuzzing = Fuzzing(VENDORS[vendor], target, token=saas.TOKEN, seed=1, examples=5)
        return list(fuzzing.departures())


def spoilt(status: int | None = None, body: str | None = None) -> Flask:
    """A right implementation, all of whose successes are spoilt."""
    app = saas.create()

    @app.after_request
    def spoil(answered: Response) -> Response:
        if answered.status_code == 200:
            answered.status_code = status or 200
            if body is not None:
                answered.set_data(body)
        return answered

    return app


def test_nothing_is_found_in_what_is_right() -> None:
    with served(saas.create()) as url:
        assert found(url) == []


@pytest.mark.parametrize(
    ("app", "check"),
    [
        (spoilt(body='{"success": true}'), "schemathesis response_schema_conformance"),
        (spoilt(status=201), "schemathesis status_code_conformance"),
        (spoilt(status=500), "schemathesis not_a_server_error"),
    ],
    ids=("schema", "status", "server error"),
)
def test_what_breaks_the_document_is_found_and_named(app: Flask, check: str) -> None:
    with served(app) as url:
        findings = found(url)
    assert check in {each.check for each in findings}
    assert {each.operation for each in findings} == {"GET /api/billing/usage"}
    assert findings[0].exchange.asked.target.startswith("/api/billing/usage")


def test_what_is_right_and_refused_is_no_finding() -> None:
    with hostile(reply("400 Bad Request", BAD_REQUEST, "Content-Type: application/json")) as url:
        assert found(url) == []


BAD_REQUEST = b'{"success": false, "error": {"code": "BAD_REQUEST", "message": "No."}}'


def test_a_method_that_a_server_does_not_know_is_no_finding() -> None:
    app = saas.create()

    @app.before_request
    def unknown() -> Response | None:
        return None if request.method == "GET" else Response("No such method.", 501)

    with served(app) as url:
        assert found(url) == []


def test_a_target_that_stops_answering_ends_it() -> None:
    with hostile(b"") as url, pytest.raises(Unanswered):
        found(url)


def test_no_more_calls_are_made_than_may_be() -> None:
    with served(saas.create()) as url, pytest.raises(TooManyCalls):
        found(url, most_calls=20)


@pytest.fixture
def methods() -> Iterator[tuple[str, list[str]]]:
    app, seen = Flask(__name__), list[str]()

    @app.before_request
    def note() -> Response:
        seen.append(f"{request.method} {request.path}")
        return Response("{}", 401, mimetype="application/json")

    with served(app) as url:
        yield url, seen


@pytest.mark.parametrize("vendor", ["mkio", "metronome", "monk"])
def test_what_writes_is_never_called_unless_writes_are_allowed(
    methods: tuple[str, list[str]], vendor: str
) -> None:
    url, seen = methods
    found(url, vendor)
    assert seen
    for call in seen:
        method, _, path = call.partition(" ")
        match = VENDORS[vendor].contract.match(path)
        operation = match and match[0].operations.get(method)
        assert operation.safe if operation else method in {"GET", "HEAD", "OPTIONS"}, call


def test_an_api_that_only_writes_is_left_alone(methods: tuple[str, list[str]]) -> None:
    url, seen = methods
    assert found(url, "mudbase") == []
    assert seen == []


def test_known_values_stand_where_the_document_prints_its_own() -> None:
    app, seen = Flask(__name__), set[str]()

    @app.before_request
    def note() -> Response:
        seen.add(request.path)
        return Response("{}", 401, mimetype="application/json")

    with served(app) as url, Target(url) as target:
        inputs = {"name": "my-own-project"}
        list(
            Fuzzing(
                VENDORS["mkio"], target, token="t", seed=1, examples=2, inputs=inputs
            ).departures()
        )
    assert "/api/v1/projects/my-own-project/usage" in seen


def test_findings_alike_are_told_once() -> None:
    with served(spoilt(status=201)) as url, Target(url) as target:
        run = Run(VENDORS["saas"], target, [], token=saas.TOKEN)
        report = run.fuzz(Fuzzing(VENDORS["saas"], target, token=saas.TOKEN, seed=1, examples=5))
    kinds = [(each.check, each.operation) for each in report.departures]
    assert len(kinds) == len(set(kinds))
    assert report.exit_code == 1


def test_what_only_our_schema_forbids_is_a_notice() -> None:
    app = saas.create("malformed dates are taken for none")
    with served(app) as url, Target(url) as target:
        run = Run(VENDORS["saas"], target, [], token=saas.TOKEN)
        report = run.fuzz(Fuzzing(VENDORS["saas"], target, token=saas.TOKEN, seed=1, examples=5))
    assert {each.check for each in report.departures} == {"schemathesis negative_data_rejection"}
    assert report.departed == []
    report.strict = True
    assert report.exit_code == 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_document_that_is_fuzzed_is_plain_json(vendor: str) -> None:
    with Target("http://127.0.0.1") as target:
        fuzzing = Fuzzing(VENDORS[vendor], target, token=None, seed=1, allow_writes=True)
        assert json.dumps(fuzzing._document())


def test_a_failure_of_schemathesis_ends_the_run_and_not_its_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(self: Fuzzing) -> Iterator[Departure]:
        raise ControlError("Schemathesis failed: it did")

    monkeypatch.setattr(Fuzzing, "departures", failing)
    with served(saas.create()) as url, Target(url) as target:
        run = Run(VENDORS["saas"], target, [], token=saas.TOKEN)
        report = run.fuzz(Fuzzing(VENDORS["saas"], target, token=saas.TOKEN, seed=1))
    assert report.stopped == "Schemathesis failed: it did"
    assert report.exit_code == 2


def test_a_year_that_nobody_bills_makes_a_notice_at_most() -> None:
    app = saas.create()

    @app.after_request
    def unspelt(answered: Response) -> Response:
        if '"start": "0' in (text := answered.get_data(as_text=True)):
            answered.set_data(text.replace('"start": "0', '"start": "'))
        return answered

    with served(app) as url, Target(url) as target:
        run = Run(VENDORS["saas"], target, [], token=saas.TOKEN)
        report = run.fuzz(Fuzzing(VENDORS["saas"], target, token=saas.TOKEN, seed=1))
    assert {each.check for each in report.departures} == {
        "schemathesis response_schema_conformance"
    }
    assert report.departed == []
