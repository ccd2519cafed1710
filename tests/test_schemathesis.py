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

from metersim.reading import read_file
from metersim.simulation.vendor import installed_vendors
from metersim.simulator import Simulator

VENDORS = installed_vendors()
VALID_REQUEST_REFUSED = "ST202"
# What the server says to what is no HTTP: no vendor is asked.
NO_HTTP = "Invalid HTTP request received."

# What a refusal says -> the rule that demands it.
DEMANDED = {
    "metronome": {
        "must be midnight UTC": "METRONOME-04",
        "must be at least one day after": "METRONOME-05",
        "the cursor": "METRONOME-11",
        "is not a group key of": "METRONOME-15",
        "must be at most 24 hours ahead": "METRONOME-21",
    },
    "mkio": {
        "must be after startDate": "MKIO-07",
        "covers at most": "MKIO-09, MKIO-10",
    },
    "monk": {
        "must be before endDate": "MONK-05",
        "name different customers": "MONK-06",
        "must be at most 1 hour ahead": "MONK-22",
    },
    "saas": {
        "startDate must be before endDate": "SAAS-05",
    },
}


def auth(vendor: str, token: str) -> dict[str, Any]:
    """The token, by every security scheme that takes one; a password is the simulator's to give."""
    schemes = read_file(VENDORS[vendor].document).data["components"].get("securitySchemes", {})
    kinds = {name: scheme.get("scheme", "api_key") for name, scheme in schemes.items()}
    return {name: {kind: token} for name, kind in kinds.items() if kind != "basic"}


def run(vendor: str, simulator: Simulator, most: int) -> tuple[list[str], Counter[str]]:
    """Schemathesis's findings, and how often each operation answered with success."""
    handle = getattr(simulator, vendor)
    settings: dict[str, Any] = {
        "seed": 1,
        "workers": 1,
        "base-url": handle.url,
        "continue-on-failure": True,
        "generation": {"max-examples": most, "database": "none"},
        "analysis": {"constants": {"enabled": False}},
        "cache": {"enabled": False},
    }
    if tokens := auth(vendor, handle.token):
        settings["auth"] = {"openapi": tokens}
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
            demanded = any(words in said for words in DEMANDED.get(vendor, {}))
            if not (failure.code == VALID_REQUEST_REFUSED and demanded or said == NO_HTTP):
                found.append(f"{failure.code} {failure.title}: {failure.message} {said}")
    return found


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("scenario", "most"),
    [pytest.param("docs-{}", 15, id="docs", marks=pytest.mark.unmeasured), ("default", 10)],
    ids=(None, "default"),
)
@pytest.mark.parametrize("vendor", VENDORS)
def test_schemathesis_finds_nothing(vendor: str, scenario: str, most: int) -> None:
    with Simulator(scenario.format(vendor)) as simulator:
        findings, succeeded = run(vendor, simulator, most)
    assert findings == []
    # A run in which nothing was ever answered would find nothing either.
    expected = {
        f"{operation.method} {operation.path}"
        for operation in VENDORS[vendor].contract.operations.values()
        if operation.public or any(need.type != "basic" for need in operation.security)
    }
    assert expected <= succeeded.keys()
