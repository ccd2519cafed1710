"""What is modelled of each vendor is told as it is."""

from __future__ import annotations

import pytest

from metersim.simulation.vendor import installed_vendors
from tests.wire import simulate

FOUND = simulate().control("GET", "fidelity")["vendors"]
VENDORS = installed_vendors()


@pytest.mark.parametrize("name", VENDORS)
def test_every_operation_has_its_standing_or_the_reason_why_it_has_none(name: str) -> None:
    vendor, rows = VENDORS[name], FOUND[name]["operations"]
    assert [row["id"] for row in rows] == list(vendor.contract.operations)
    for row in rows:
        assert row["simulated"] is (row["id"] in vendor.behaviours)
        assert row["simulated"] is (row["reason"] is None)


@pytest.mark.parametrize("name", VENDORS)
def test_rules_are_counted_once_by_the_word_they_stand_on(name: str) -> None:
    rules = VENDORS[name].rules
    counts = [FOUND[name]["rules"], *(row["rules"] for row in FOUND[name]["operations"])]
    assert counts[0]["known"] == len(rules)
    assert counts[0]["modelled"] == len([rule for rule in rules if rule.modelled])
    for count in counts:
        for part in ("modelled", "known"):
            assert sum(each[part] for each in count["by_basis"].values()) == count[part]
