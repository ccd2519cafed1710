"""Metronome's proofs at implementations that are right, and have less or have been there before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count

import pytest
from flask import Flask, Response, request

from metersim.checker.verdict import Report, Standing
from tests.checker.proven import proven
from tests.implementations import metronome_usage
from tests.implementations.metronome import TOKEN, VALUES, create
from tests.implementations.metronome_reading import instant
from tests.implementations.metronome_store import NOW
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


def with_many_metrics() -> Flask:
    """Lists its metrics on short pages, and has archived most of them."""
    app = create()
    fakes = [{"id": f"{n:08x}-0000-4000-8000-000000000000", "name": f"Fax {n}"} for n in range(120)]
    for each in fakes[:90]:
        each["archived_at"] = NOW.isoformat()

    @app.before_request
    def listed() -> Response | None:
        if request.path != "/v1/billable-metrics":
            return None
        every = "include_archived" in request.args
        shown = [each for each in fakes if every or "archived_at" not in each]
        first = int(request.args.get("next_page", 0))
        following = str(first + 9) if shown[first + 9 :] else None
        page = {"data": shown[first : first + 9], "next_page": following}
        return Response(json.dumps(page), 200, mimetype="application/json")

    return app


def test_a_list_that_is_not_read_to_its_end_lacks_nothing() -> None:
    with served(with_many_metrics()) as url:
        report = proven("metronome", url, TOKEN, VALUES, ["METRONOME-13", "METRONOME-25"])
    assert unproven(report) == set()


def without_the_future() -> Flask:
    """Shows no windows that are still to come, and says in each row which answer it is of."""
    app, number = create(), count()

    @app.after_request
    def cut(reply: Response) -> Response:
        if request.path == "/v1/usage" and reply.status_code == 200:
            page = json.loads(reply.get_data())
            page["data"] = [
                {**row, "answer": next(number)}
                for row in page["data"]
                if instant(row["start_timestamp"]) <= NOW
            ]
            reply.set_data(json.dumps(page))
        return reply

    return app


def test_windows_to_come_and_keys_of_ones_own_are_everybodys_choice() -> None:
    values = {**VALUES, "since": "2025-05-20", "until": "2025-06-20"}
    rules = [f"METRONOME-{n:02}" for n in (3, 6, 8, 9, 11, 15)]
    with served(without_the_future()) as url:
        report = proven("metronome", url, TOKEN, values, rules)
    assert unproven(report) == set()


def test_a_day_of_events_without_the_property_may_have_no_groups() -> None:
    with served(create("events without the property are in no group")) as url:
        report = proven("metronome", url, TOKEN, VALUES, ["METRONOME-15"])
    assert unproven(report) == set()


@pytest.mark.parametrize("rows", [5, 30])
def test_pages_may_be_short(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metronome_usage, "_PAGE", rows)
    rules = [f"METRONOME-{n:02}" for n in (3, 6, 7, 8, 9, 11, 14)]
    with served(create()) as url:
        report = proven("metronome", url, TOKEN, VALUES, rules)
    assert [(each.rule.id, each.expected, each.reason) for each in report.verdicts] == [
        (rule, "", "") for rule in rules
    ]


def test_rows_of_one_pair_alone_may_be_seen_to_be_out_of_order() -> None:
    with served(create("the latest first")) as url:
        values = {**VALUES, "other_customer_id": VALUES["customer_id"]}
        report = proven("metronome", url, TOKEN, values, ["METRONOME-09"])
    assert [each.standing for each in report.verdicts] == [Standing.BROKEN]


def test_a_missing_next_page_hides_no_other_law() -> None:
    with served(create("no next_page on the last page")) as url:
        report = proven("metronome", url, TOKEN, VALUES)
    assert unproven(report) == {"METRONOME-08", "METRONOME-17"}


def test_that_nothing_is_0_is_told_by_its_own_rule_alone() -> None:
    rules = [f"METRONOME-{n}" for n in (14, 18, 19, 20, 22)]
    with served(create("nothing is 0")) as url:
        report = proven("metronome", url, TOKEN, VALUES, rules)
    assert unproven(report) == {"METRONOME-14"}
