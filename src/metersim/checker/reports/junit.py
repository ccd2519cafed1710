"""JUnit XML, which every CI server reads: a test case for each rule, and one for each operation."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from metersim.reading import Json

# What XML 1.0 has no way to say.
_UNSPEAKABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(told: Json) -> str:
    """Failures are broken rules that count; what was not proven is skipped, with the reason.

    A run that ended early is an error.
    """
    suites = Element("testsuites", name="metersim")
    rules = SubElement(suites, "testsuite", name=f"{told['vendor']} rules")
    for verdict in told["rules"]:
        name = f"{verdict['id']} {verdict['statement']}"
        case = SubElement(
            rules, "testcase", classname=f"metersim.{told['vendor']}", name=_said(name)
        )
        _judge_rule(case, verdict)
    schema = SubElement(suites, "testsuite", name=f"{told['vendor']} schema")
    for departure in told["schema"]:
        name = f"{departure['operation']}: {departure['check']}"
        case = SubElement(
            schema, "testcase", classname=f"metersim.{told['vendor']}.schema", name=_said(name)
        )
        if departure["waived"]:
            SubElement(case, "skipped", message=_said(f"waived: {departure['waived']}"))
        elif not departure["counts"]:
            told_so = f"notice, on an assumed basis: {departure['message']}"
            SubElement(case, "skipped", message=_said(told_so))
        else:
            failure = SubElement(case, "failure", message=_said(departure["message"]))
            failure.set("type", departure["basis"])
            failure.text = _said(_shown(departure["exchange"]))
    if told["stopped"]:
        # No rule failed by it, and yet the run did.
        case = SubElement(rules, "testcase", classname=f"metersim.{told['vendor']}", name="run")
        SubElement(case, "error", message=_said(told["stopped"]))
    if beside := [*told["expired"], *told["idle"]]:
        SubElement(rules, "system-out").text = _said("\n".join(beside))
    if told["stopped"]:
        SubElement(rules, "system-err").text = _said(told["stopped"])
    for suite in (suites, rules, schema):
        suite.set("tests", str(len(list(suite.iter("testcase")))))
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(count, str(len(list(suite.iter(tag)))))
    indent(suites)
    return tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _judge_rule(case: Element, verdict: Json) -> None:
    if "basis" not in verdict:
        if verdict["verdict"] != "holds":
            reason = f"{verdict['verdict']}: {verdict['reason']}"
            SubElement(case, "skipped", message=_said(reason))
        return
    message = f"expected {verdict['expected']}; found {verdict['found']}"
    text = "\n\n".join([*map(_shown, verdict["exchanges"]), f"Again: {verdict['repeat']}"])
    if verdict["counts"]:
        SubElement(case, "failure", type=verdict["basis"], message=_said(message)).text = _said(
            text
        )
    elif verdict["waived"]:
        SubElement(case, "skipped", message=_said(f"waived: {verdict['waived']}: {message}"))
    else:
        SubElement(case, "skipped", message=_said(f"notice, on an assumed rule: {message}"))


def _shown(exchange: Json) -> str:
    return f"{exchange['curl']}\n→ {exchange['status']} {exchange['reply']}"


def _said(text: str) -> str:
    return _UNSPEAKABLE.sub("\N{REPLACEMENT CHARACTER}", text)
