"""Metronome's proofs at implementations that are right, and have less or have been there before."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask, Response, request

from metersim.checker.verdict import Report, Standing
from tests.checker.proven import proven
from tests.implementations.metronome import TOKEN, VALUES, create
from tests.implementations.serving import served

_BOUNDS = {key: VALUES[key] for key in ("since", "until", "customer_id")}
# Seen through what is recorded, or in the lists; 15 and 16 by a group key that somebody names.
_WITHOUT_THE_LISTS = {f"METRONOME-{n}" for n in (10, 18, 19, 20, 21, 22, 23, 24, 25)}
_WITH_A_GROUP_KEY = {"METRONOME-15", "METRONOME-16"}


def reading_alone() -> Flask:
    """Answers for usage, and knows nothing else."""
    app = create()

    @app.before_request
    def unknown() -> Response | None:
        if request.path == "/v1/usage":
            return None
        return Response('{"message": "unknown"}', 404, mimetype="application/json")

    return app


def unproven(report: Report) -> set[str]:
    return {each.rule.id for each in report.verdicts if each.standing is not Standing.HOLDS}


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({}, _WITHOUT_THE_LISTS | _WITH_A_GROUP_KEY),
        (_BOUNDS, _WITHOUT_THE_LISTS | _WITH_A_GROUP_KEY),
        (VALUES, _WITHOUT_THE_LISTS),
    ],
)
def test_usage_alone_is_enough_for_all_that_is_read(
    values: Mapping[str, str], missing: set[str]
) -> None:
    with served(reading_alone()) as url:
        report = proven("metronome", url, TOKEN, values)
    assert [each.rule.id for each in report.verdicts if each.expected] == []
    assert report.departures == []
    assert unproven(report) == missing


def test_a_second_run_finds_what_the_first_one_found() -> None:
    with served(create()) as url:
        reports = [proven("metronome", url, TOKEN, {}) for _ in range(2)]
    assert [unproven(report) for report in reports] == [set(), set()]
    assert [report.departures for report in reports] == [[], []]
