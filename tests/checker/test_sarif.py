"""SARIF: what a code-scanning service needs, the same from run to run."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from metersim.checker.reports.sarif import sarif
from metersim.checker.verdict import Report
from tests.checker.reported import COOKIE, RULES, TOKEN, report, told

_TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
_LOCATIONS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "required": ["physicalLocation", "logicalLocations"],
        "properties": {
            "physicalLocation": {
                "required": ["artifactLocation", "region"],
                "properties": {
                    "artifactLocation": {
                        "required": ["uri"],
                        "properties": {"uri": {"pattern": "^openapi/[a-z]+[.]yaml$"}},
                    },
                    "region": {"required": ["startLine"]},
                },
                "additionalProperties": False,
            },
            "logicalLocations": {"type": "array", "minItems": 1},
        },
        "additionalProperties": False,
    },
}
# What the format asks of the parts that are written, and code-scanning services besides.
SHAPE = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {"$ref": "#/$defs/run"},
        },
    },
    "additionalProperties": {"type": "string"},
    "$defs": {
        "run": {
            "required": ["tool", "results", "invocations", "automationDetails"],
            "properties": {
                "tool": {
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "required": ["name", "version", "rules"],
                            "properties": {"rules": {"items": {"$ref": "#/$defs/rule"}}},
                        }
                    },
                },
                "invocations": {
                    "type": "array",
                    "items": {
                        "required": ["executionSuccessful"],
                        "properties": {"executionSuccessful": {"type": "boolean"}},
                    },
                },
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "rule": {
            "required": ["id", "shortDescription", "fullDescription", "help"],
            "properties": {"shortDescription": _TEXT, "fullDescription": _TEXT, "help": _TEXT},
            "not": {"required": ["helpUri"]},
        },
        "result": {
            "required": [
                *("ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints")
            ],
            "properties": {
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": _TEXT,
                "locations": _LOCATIONS,
                "relatedLocations": _LOCATIONS,
                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                "suppressions": {
                    "items": {
                        "required": ["kind"],
                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                    }
                },
                "webRequest": {"type": "object"},
                "webResponse": {
                    "properties": {
                        "statusCode": {"type": "integer"},
                        "headers": {"additionalProperties": {"type": "string"}},
                    }
                },
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer"},
            },
            "additionalProperties": False,
        },
    },
}


def run(found: Report | None = None) -> Any:
    return sarif(told(found))["runs"][0]


def test_it_has_the_shape_of_the_format() -> None:
    jsonschema_rs.validator_for(SHAPE).validate(_plain(sarif(told())))


def _plain(data: Any) -> Any:
    """Decimals are written as numbers."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data if isinstance(data, str | int | bool) else int(data)


def test_every_law_is_a_rule_and_every_result_points_to_its_own() -> None:
    found = run()
    rules = found["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules[:6]] == [
        *(RULES[index].id for index in (0, 5, 1, 2, 3, 4))
    ]
    assert rules[0]["properties"]["basis"] == ["documented"]
    assert rules[0]["properties"]["effect"] == "read"
    assert RULES[5].source in rules[1]["fullDescription"]["text"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in found["results"])


def test_what_is_broken_is_an_error_what_is_assumed_a_note_and_what_is_waived_suppressed() -> None:
    levels = [(each["ruleId"], each["level"], "suppressions" in each) for each in run()["results"]]
    assert levels == [
        (RULES[0].id, "error", False),
        (RULES[5].id, "note", False),
        (RULES[1].id, "error", True),
        ("response conforms", "error", False),
        ("not a server error", "error", True),
    ]


def test_a_result_stands_at_its_operation_in_the_document() -> None:
    location = run()["results"][0]["locations"][0]
    assert location["logicalLocations"][0]["name"] == "getUsage"
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "openapi/saas.yaml"
    assert location["physicalLocation"]["region"]["startLine"] > 1


def test_a_result_has_the_call_and_no_token() -> None:
    result = run()["results"][0]
    assert "curl --globoff" in result["message"]["text"]
    assert result["webResponse"]["statusCode"] == 200
    assert TOKEN not in str(run())
    assert COOKIE not in str(run())


def test_fingerprints_are_the_same_whatever_was_found_and_differ_from_each_other() -> None:
    prints = [
        [each["partialFingerprints"]["primaryLocationLineHash"] for each in run(found)["results"]]
        for found in (report('{"used": 1}'), report('{"used": 2}'))
    ]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 5


def test_a_reply_cannot_put_a_link_into_a_message() -> None:
    text = run(report("see [here](https://example.com)"))["results"][0]["message"]["text"]
    assert "](" not in text


def test_a_waiver_that_has_ended_is_an_error_and_one_that_is_idle_is_not() -> None:
    found = report(expired={"SAAS-09": "SAAS-09 ended"}, idle=["SAAS-11 matched nothing"])
    [invocation] = run(found)["invocations"]
    assert invocation["toolExecutionNotifications"] == [
        {"level": "error", "message": {"text": "SAAS-09 ended"}},
        {"level": "note", "message": {"text": "SAAS-11 matched nothing"}},
    ]


def test_why_a_run_ended_early_is_told_and_what_proved_nothing_has_failed() -> None:
    assert "toolExecutionNotifications" not in run()["invocations"][0]
    for found, successful in (
        (report(stopped="nobody answers"), True),
        (Report("saas", "http://x", 1, stopped="nobody answers"), False),
    ):
        [invocation] = run(found)["invocations"]
        [notice] = invocation["toolExecutionNotifications"]
        assert notice == {"level": "error", "message": {"text": "nobody answers"}}
        assert invocation["executionSuccessful"] is successful
        assert invocation["exitCode"] == found.exit_code
