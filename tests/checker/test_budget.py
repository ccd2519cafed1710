"""A run makes no more calls than it says it will, as long as the rules hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from metersim.checker.run import Run, selected
from metersim.checker.target import Target
from metersim.checker.values import proofs_of
from metersim.checker.verdict import Standing
from metersim.simulator import Simulator
from tests.checker.machine import Machine
from tests.checker.proven import VENDORS
from tests.checker.test_implementations import IMPLEMENTATIONS
from tests.checker.test_simulator import VALUES
from tests.implementations.serving import served


@contextmanager
def reached(vendor: str, where: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """URL, token and values of an implementation, or of the simulator."""
    if where == "simulator":
        with Simulator() as sim:
            handle = getattr(sim, vendor)
            yield handle.url, handle.token, VALUES.get(vendor, {}).get("default", {})
    else:
        right = IMPLEMENTATIONS[vendor]
        with served(right.create()) as url:
            yield url, right.TOKEN, right.VALUES


@pytest.mark.unmeasured
@pytest.mark.parametrize("values", ["given", "found"])
@pytest.mark.parametrize("writes", [False, True], ids=["reading", "writing"])
@pytest.mark.parametrize("where", ["implementation", "simulator"])
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_run_makes_no_more_calls_than_it_announces(
    vendor: str, where: str, writes: bool, values: str
) -> None:
    found, pace = VENDORS[vendor], Machine().pace()
    with reached(vendor, where) as (url, token, known), Target(url, pace) as target:
        given = known if values == "given" else {}
        run = Run(found, target, selected(found, []), token=token, given=given, allow_writes=writes)
        report = run.prove()
    assert report.calls <= run.most_calls + pace.again
    proofs = proofs_of(found)
    for verdict in report.verdicts:
        if verdict.standing is Standing.HOLDS:
            proof = proofs.by_rule[verdict.rule.id]
            assert verdict.calls <= proof.calls * proof.examples + pace.again, verdict.rule.id
    assert report.calls - sum(each.calls for each in report.verdicts) <= proofs.finding


def announced(vendor: str, *rules: str, writes: bool = False) -> int:
    """How many calls a run says that it makes at most."""
    found = VENDORS[vendor]
    with Target("http://127.0.0.1:9", Machine().pace()) as target:
        return Run(found, target, selected(found, rules), allow_writes=writes).most_calls


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_run_announces_what_its_rules_and_finding_values_take(vendor: str) -> None:
    proofs = proofs_of(VENDORS[vendor])
    for rule in VENDORS[vendor].rules:
        proof = proofs.by_rule.get(rule.id)
        expected = proofs.finding + (proof.calls * proof.examples if proof else 0)
        assert announced(vendor, rule.id, writes=True) == expected


def test_what_is_not_run_is_not_announced() -> None:
    finding = proofs_of(VENDORS["metronome"]).finding
    assert announced("metronome", "METRONOME-18") == finding
    assert announced("metronome") < announced("metronome", writes=True)
