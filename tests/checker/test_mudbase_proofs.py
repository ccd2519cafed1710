"""Mudbase's proofs where not all values are given, or several rules could tell a defect."""

from __future__ import annotations

import pytest
from flask import Response, jsonify, request

from metersim.checker.verdict import Report, Standing
from tests.checker.proven import proven
from tests.implementations.mudbase import TOKEN, VALUES, create
from tests.implementations.serving import served

_SECURED = {"secured_project_id": VALUES["secured_project_id"]}


def report_of(defect: str | None, values: dict[str, str], rules: str = "*") -> Report:
    with served(create(defect)) as url:
        return proven("mudbase", url, TOKEN, values, [rules])


def broken(report: Report) -> set[str]:
    return {each.rule.id for each in report.verdicts if each.standing is Standing.BROKEN}


@pytest.mark.parametrize("given", ["secured_project_key", "other_project_key"])
def test_a_key_that_is_not_given_is_named_where_the_rest_holds(given: str) -> None:
    [verdict] = report_of(None, {**_SECURED, given: VALUES[given]}, "MUDBASE-07").verdicts
    assert verdict.standing is Standing.NOT_APPLICABLE
    (missing,) = {"secured_project_key", "other_project_key"} - {given}
    assert verdict.reason == f"needs --set {missing}=…"


@pytest.mark.parametrize(
    ("defect", "given"),
    [
        ("secured projects are open", ()),
        ("any unknown key opens a project", ()),
        ("the beginning of a key opens a project", ("secured_project_key",)),
        ("any key opens every project", ("other_project_key",)),
    ],
)
def test_a_part_of_the_values_shows_a_part_of_the_law(defect: str, given: tuple[str, ...]) -> None:
    values = {**_SECURED, **{key: VALUES[key] for key in given}}
    assert broken(report_of(defect, values, "MUDBASE-07")) == {"MUDBASE-07"}


@pytest.mark.parametrize("defect", ["metrics are identifiers", "another message"])
def test_a_defect_is_told_by_its_own_rule_alone(defect: str) -> None:
    report = report_of(defect, VALUES)
    assert len(broken(report)) == 1


def test_another_success_than_200_leaves_what_a_metric_may_be_alone() -> None:
    found = broken(report_of("201 for what was recorded", VALUES))
    assert "MUDBASE-01" in found
    assert not found & {"MUDBASE-03", "MUDBASE-04"}


def test_a_metric_of_64_characters_at_most_is_free_text() -> None:
    app = create()

    @app.before_request
    def long_ones_are_refused() -> tuple[Response, int] | None:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or len(str(body.get("metric"))) <= 64:
            return None
        told = {"error": "no", "code": "VALIDATION_ERROR", "details": {"metric": "is too long"}}
        return jsonify(told), 400

    with served(app) as url:
        [verdict] = proven("mudbase", url, TOKEN, VALUES, ["MUDBASE-03"]).verdicts
    assert verdict.standing is Standing.HOLDS


def test_both_forms_of_an_id_are_documented() -> None:
    report = report_of("ids are ObjectIds alone", VALUES, "MUDBASE-06")
    assert broken(report) == {"MUDBASE-06"}
    assert report.exit_code == 1
