"""The checker finds nothing in what is right, and every defect by its rule."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from metersim.checker.verdict import Standing
from tests.checker.proven import VENDORS, proven
from tests.implementations.serving import served

IMPLEMENTATIONS = {
    vendor: import_module(f"tests.implementations.{vendor}")
    for vendor in ("metronome", "mkio", "monk", "mudbase", "saas")
}


def defects() -> list[Any]:
    return [
        pytest.param(vendor, defect, rule, id=f"{rule}: {defect}")
        for vendor, implementation in IMPLEMENTATIONS.items()
        for defect, rule in implementation.DEFECTS.items()
    ]


@pytest.mark.parametrize("vendor", IMPLEMENTATIONS)
def test_nothing_is_found_in_what_is_right(vendor: str) -> None:
    right = IMPLEMENTATIONS[vendor]
    with served(right.create()) as url:
        report = proven(vendor, url, right.TOKEN, right.VALUES)
    found = [(each.rule.id, each.expected, each.found) for each in report.verdicts if each.expected]
    assert found == []
    assert report.departures == []
    # What is not proven here is proven nowhere, and a defect of it would not be found.
    unproven = {each.rule.id for each in report.verdicts if each.standing is not Standing.HOLDS}
    assert unproven == set(right.UNPROVEN)


@pytest.mark.unmeasured
@pytest.mark.parametrize(("vendor", "defect", "rule"), defects())
def test_every_defect_is_found_and_named_by_its_rule(vendor: str, defect: str, rule: str) -> None:
    wrong = IMPLEMENTATIONS[vendor]
    with served(wrong.create(defect)) as url:
        report = proven(vendor, url, wrong.TOKEN, wrong.VALUES, [rule])
    broken = {each.rule.id for each in report.verdicts if each.standing is Standing.BROKEN}
    assert rule in broken
    assert report.exit_code == 1 or report.notices


def test_every_rule_that_can_be_seen_has_a_defect() -> None:
    for vendor, implementation in IMPLEMENTATIONS.items():
        proven_here = {rule.id for rule in VENDORS[vendor].rules} - set(implementation.UNPROVEN)
        # A rule may be seen to be broken that cannot be seen to hold.
        assert proven_here <= set(implementation.DEFECTS.values())
