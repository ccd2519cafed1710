"""One of a kind is said to be one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click import unstyle

from metersim.checker import table
from metersim.checker.wording import counted
from tests.checker.reported import report, told


@pytest.mark.parametrize(("number", "said"), [(0, "0 rules"), (1, "1 rule"), (2, "2 rules")])
def test_a_number_is_said_with_its_noun(number: int, said: str) -> None:
    assert counted(number, "rule") == said


def test_the_summary_says_one_of_one() -> None:
    found = replace(report(), calls=1)
    ending = unstyle(table.ending(told(found)))
    assert "schema  1 departure, 1 waived" in ending
    assert "were proven, in 1 call" in ending.splitlines()[-1]
    twice = replace(report(), departures=found.departures[:1] * 2)
    ending = unstyle(table.ending(told(twice)))
    assert "schema  2 departures" in ending
    assert "were proven, in 16 calls" in ending
