"""What the page says of a run at a glance, and which findings it takes together."""

from __future__ import annotations

from typing import Any

import pytest

from metersim.checker.reports.page import page
from metersim.checker.reports.standings import departures, sentence, unseen
from tests.checker.reported import RULES, report, told


def departed(**changes: Any) -> dict[str, Any]:
    """A departure that counts, as data."""
    first: dict[str, Any] = told()["schema"][0]
    return first | changes


def test_departures_that_are_alike_are_one_finding_and_what_counts_goes_first() -> None:
    data = told()
    assumed = departed(counts=False, message="assumed")
    data["schema"] = [assumed, departed(), departed(operation="another"), departed(message="else")]
    found = [[each["operation"] for each in alike] for alike in departures(data)]
    assert found == [["getUsage", "another"], ["getUsage"], ["getUsage"]]
    assert departures(data)[-1] == [assumed]
    data["rules"] = []
    written = page(data)
    assert (written.count("<article"), written.count("<details")) == (3, 4)  # with each call


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "1 of 6 rules broken, and 1 departure from the document."),
        ({"schema": []}, "1 of 6 rules broken."),
        ({"rules": 2}, "0 of 2 rules broken, and 1 departure from the document."),
        ({"rules": 1, "schema": []}, "0 of 1 rule proven here, and nothing broken that counts."),
        ({"rules": 3, "schema": []}, "1 of 3 rules proven here, and nothing broken that counts."),
        (
            {"rules": 3, "schema": [], "expired": ["ended"]},
            "1 of 3 rules proven here, but a waiver has ended.",
        ),
        (
            {"rules": 0, "schema": [], "stopped": "nobody answers"},
            "Nothing was found, and too little was seen to say more.",
        ),
    ],
)
def test_the_verdict_is_said_in_a_sentence(changes: dict[str, Any], said: str) -> None:
    data = told()
    # From the last, which was not run, backwards: not applicable, holds.
    last = changes.get("rules", 6)
    data |= {**changes, "rules": data["rules"][6 - last :]}
    assert sentence(data) == said


def test_what_was_not_seen_is_told_by_reason_the_most_frequent_first() -> None:
    data = told(report("none"))
    writes = data["rules"][5]
    data["rules"].append({**writes, "id": "SAAS-99"})
    assert unseen(data) == [
        ("it writes: --allow-writes", [RULES[4].id, "SAAS-99"]),
        ("needs usage: none", [RULES[3].id]),
    ]


def test_a_long_message_is_a_short_heading_with_all_of_it_below() -> None:
    data = told()
    data["schema"] = [departed(message="word " * 60 + "end")]
    written = page(data)
    assert written.count("word " * 60 + "end") == 1
    assert "<h3>" + "word " * 23 + "word …</h3>" in written
