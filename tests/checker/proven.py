"""Checks an implementation's rules as a run does, and tells how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metersim.checker.pace import Pace
from metersim.checker.run import Run, selected
from metersim.checker.target import Target
from metersim.checker.verdict import Report
from metersim.simulation.vendor import installed_vendors
from tests.checker.machine import Machine

VENDORS = installed_vendors()


def proven(
    vendor: str,
    url: str,
    token: str,
    values: Mapping[str, str],
    rules: Sequence[str] = (),
    pace: Pace | None = None,
    allow_writes: bool = True,
) -> Report:
    """The report of a run that has no fuzzing, and takes no time to wait."""
    found = VENDORS[vendor]
    pace = pace or Machine().pace()
    with Target(url, pace) as target:
        run = Run(
            found,
            target,
            selected(found, rules),
            token=token,
            given=values,
            allow_writes=allow_writes,
        )
        report = run.prove()
    told = run.most_calls + pace.again
    assert report.calls <= told or report.failures or report.notices
    return report
