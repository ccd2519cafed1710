"""The JUnit report, as CI servers read it: counts that add up, and each verdict in its element."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from metersim.checker.reports.junit import junit
from metersim.checker.verdict import Departure, Report, Standing, Verdict
from metersim.contract.rule import Basis
from tests.checker.reported import RULES, TOKEN, exchange, report, told

# What the schema that CI servers share has: element -> its attributes, and what may be in it.
SHAPE: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": (
        {"name", "tests", "failures", "errors", "skipped"},
        {"testsuite"},
    ),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped"},
        {"testcase", "system-out", "system-err"},
    ),
    "testcase": ({"classname", "name"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "error": ({"message"}, set()),
    "system-out": (set(), set()),
    "system-err": (set(), set()),
}
COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def read(found: Report) -> ET.Element:
    """The report as XML, held to the shape."""
    root = ET.fromstring(junit(told(found)))
    for element in root.iter():
        attributes, children = SHAPE[element.tag]
        assert element.attrib.keys() == attributes, element.tag
        assert {each.tag for each in element} <= children
        assert len(element) <= 1 or element.tag != "testcase"
    for suite in (root, *root):
        cases = [*suite.iter("testcase")]
        assert suite.get("tests") == str(len(cases))
        for count, tag in COUNTED.items():
            assert suite.get(count) == str(len([*suite.iter(tag)])), (suite.get("name"), count)
    return root


def cases(root: ET.Element, suite: int) -> dict[str, ET.Element | None]:
    """What came of each case of a suite, by the first word of its name."""
    return {
        str(case.get("name")).partition(" ")[0]: next(iter(case), None)
        for case in root[suite].iter("testcase")
    }


def told_by(element: ET.Element | None) -> str:
    assert element is not None
    return f"{element.tag}: {element.get('message')}"


def test_every_rule_is_a_case_and_stands_as_it_does() -> None:
    root = read(report())
    found = cases(root, 0)
    assert root.get("tests") == "8"
    assert [*found] == [rule.id for rule in (*RULES[:1], RULES[5], *RULES[1:5])]
    assert found["SAAS-03"] is None
    assert told_by(found["SAAS-01"]).startswith("failure: expected status 401; found {")
    assert told_by(found["SAAS-06"]).startswith("skipped: notice, on an assumed rule: expected")
    assert told_by(found["SAAS-02"]).startswith("skipped: waived: until May: expected one")
    assert told_by(found["SAAS-04"]).startswith("skipped: not applicable: needs usage")
    assert told_by(found["SAAS-05"]) == "skipped: not run: it writes: --allow-writes"


def test_a_failure_says_on_whose_word_and_how_to_see_it_again() -> None:
    failure = cases(read(report()), 0)["SAAS-01"]
    assert failure is not None
    assert failure.get("type") == "documented"
    text = failure.text or ""
    assert "curl --globoff" in text
    assert "→ 200" in text
    assert "--no-fuzz --rules SAAS-01" in text
    assert TOKEN not in text


def test_every_departure_is_a_case_of_its_own() -> None:
    assumed = Departure("response conforms", "getUsage", "odd", exchange(), Basis.ASSUMED)
    found = report()
    root = read(replace(found, departures=[*found.departures, assumed]))
    outcomes = [told_by(next(iter(case))) for case in root[1].iter("testcase")]
    assert outcomes == [
        'failure: status 200: {"success": true}',
        "skipped: waived: a known one",
        "skipped: notice, on an assumed basis: odd",
    ]
    assert [case.get("name") for case in root[1]][:2] == [
        "getUsage: response conforms",
        "getUsage: not a server error",
    ]


def test_in_a_strict_run_a_notice_is_a_failure() -> None:
    root = read(replace(report(), strict=True))
    assert told_by(cases(root, 0)["SAAS-06"]).startswith("failure: ")
    assert root.get("failures") == "3"


def test_a_run_that_stopped_has_an_error_and_says_why() -> None:
    root = read(replace(report(), stopped="the target does not answer"))
    assert told_by(cases(root, 0)["run"]) == "error: the target does not answer"
    assert root.get("errors") == "1"
    assert (root[0].findtext("system-err") or "") == "the target does not answer"


def test_what_is_said_of_waivers_is_told_beside() -> None:
    ended = replace(report(), expired={"SAAS-09": "the waiver of SAAS-09 ended"})
    root = read(replace(ended, idle=["the waiver of SAAS-11 matched nothing"]))
    assert root[0].findtext("system-out") == (
        "the waiver of SAAS-09 ended\nthe waiver of SAAS-11 matched nothing"
    )


def test_a_run_of_nothing_is_empty_and_sound() -> None:
    root = read(Report("saas", "http://127.0.0.1:3000", 1))
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["0", "0", "0"]


@pytest.mark.parametrize(
    "text", ["\x00\x1b[31m", "]]>", "<b>&amp;</b>", "\ud800", "\uffff", "🚀\n\t"]
)
def test_whatever_a_target_says_is_no_broken_xml(text: str) -> None:
    shown = [exchange()]
    broken = Verdict(RULES[0], Standing.BROKEN, "", text, text, shown, Basis.DOCUMENTED, 1)
    failure = cases(read(Report("saas", "http://x", 1, verdicts=[broken])), 0)["SAAS-01"]
    assert failure is not None
    kept = "".join(each for each in text if each not in "\x00\x1b\ud800\uffff")
    assert kept.strip() in (failure.get("message") or "").replace("\N{REPLACEMENT CHARACTER}", "")
