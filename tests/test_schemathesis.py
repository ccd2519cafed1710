"""Schemathesis, with all its checks on, finds nothing in the simulator.

It takes a refusal of a request that satisfies the schema for a fault, as it must: that one date
comes before another or how long a span may be, no schema can say. Those refusals, and no others,
are let pass; each stands here with the rule that demands it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from metersim.server import Simulator
from metersim.simulation.vendor import installed_vendors

VENDORS = installed_vendors()
VALID_REQUEST_REFUSED = "ST202"

# What a refusal says -> the rule that demands it.
DEMANDED = {
    "metronome": {
        "must be midnight UTC": "METRONOME-04",
        "must be at least one day after": "METRONOME-05",
        "the cursor": "METRONOME-11",
        "is not a group key of": "METRONOME-15",
    },
    "mkio": {
        "must be after startDate": "MKIO-07",
        "covers at most": "MKIO-09, MKIO-10",
    },
    "monk": {
        "must be before endDate": "MONK-05",
        "name different customers": "MONK-06",
    },
    "saas": {
        "startDate must be before endDate": "SAAS-05",
    },
    "mudbase": {},
}


def run(vendor: str, simulator: Simulator) -> tuple[list[str], Counter[str]]:
    """Schemathesis's findings, and how often each operation answered with success."""
    handle = getattr(simulator, vendor)
    settings: dict[str, Any] = {
        "seed": 1,
        "workers": 1,
        "base-url": handle.url,
        "continue-on-failure": True,
        "generation": {"max-examples": 15, "database": "none"},
        "analysis": {"constants": {"enabled": False}},
        "cache": {"enabled": False},
    }
    if vendor != "mudbase":
        settings["auth"] = {"openapi": {"bearerAuth": {"bearer": handle.token}}}
    schema = schemathesis.openapi.from_path(
        str(VENDORS[vendor].document), config=SchemathesisConfig.from_dict(settings)
    )
    findings: list[str] = []
    succeeded: Counter[str] = Counter()
    for event in from_schema(schema).execute():
        assert not isinstance(event, (events.NonFatalError, events.FatalError)), event
        if isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            for case_id, interaction in recorder.interactions.items():
                if interaction.response is not None and interaction.response.status_code < 300:
                    succeeded[recorder.cases[case_id].value.operation.label] += 1
            findings += _findings(vendor, recorder)
    return findings, succeeded


def _findings(vendor: str, recorder: Any) -> list[str]:
    found = []
    for case_id, checks in recorder.checks.items():
        for failure in (check.failure_info.failure for check in checks if check.failure_info):
            response = recorder.interactions[case_id].response
            said = response.content.decode(errors="replace") if response is not None else ""
            demanded = any(words in said for words in DEMANDED[vendor])
            if not (failure.code == VALID_REQUEST_REFUSED and demanded):
                found.append(f"{failure.code} {failure.title}: {failure.message} {said}")
    return found


@pytest.mark.timeout(180)
@pytest.mark.parametrize("vendor", VENDORS)
def test_schemathesis_finds_nothing(vendor: str) -> None:
    with Simulator(f"docs-{vendor}") as simulator:
        findings, succeeded = run(vendor, simulator)
    assert findings == []
    # A run in which nothing was ever answered would find nothing either.
    contract = VENDORS[vendor].contract
    credentialed_elsewhere = {"scrapeMetrics"}  # its password is handed out by the simulator alone
    expected = {
        f"{operation.method} {operation.path}"
        for operation in contract.operations.values()
        if operation.id not in credentialed_elsewhere
    }
    assert expected <= succeeded.keys()
