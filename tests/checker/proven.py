"""Checks an implementation's rules as a run does, and tells how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metersim.checker.pace import Pace
from metersim.checker.run import Run, selected
from metersim.checker.target import Target
from metersim.checker.verdict import Report
from metersim.simulation.vendor import installed_vendors

VENDORS = installed_vendors()


def proven(
    vendor: str,
    url: str,
    token: str,
    values: Mapping[str, str],
    rules: Sequence[str] = (),
    pace: Pace | None = None,
) -> Report:
    """The report of a run that may write, and has no fuzzing."""
    found = VENDORS[vendor]
    with Target(url, pace or Pace()) as target:
        run = Run(found, target, selected(found, rules), token, values, allow_writes=True)
        report = run.prove()
    assert report.calls <= run.most_calls or report.failures or report.notices
    return report
