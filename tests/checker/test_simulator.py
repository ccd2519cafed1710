"""The simulator keeps every rule that it can be held to, in every scenario."""

from __future__ import annotations

from typing import Any

import pytest

from metersim.checker.pace import Pace
from metersim.checker.verdict import Report, Standing
from metersim.scenario import scenario_names
from metersim.simulator import Simulator
from tests.checker.proven import proven

# Vendor -> scenario -> what its proofs need there and cannot find.
VALUES: dict[str, dict[str, dict[str, str]]] = {
    "metronome": {},
    "mkio": {
        "default": {"inactive_project": "heron-idea"},
        "docs-mkio": {"inactive_project": "new-project", "charged_late": "2026-01-20"},
        "inactive-project": {"project": "my-project"},
        "high-cardinality": {
            "project": "customer-0001",
            "other_project": "customer-0002",
            "since": "2026-02-01",
            "until": "2026-02-15",
        },
        # The usage of the first quarter is on the boundaries of tiers.
        "tiers": {"since": "2026-01-01", "until": "2026-04-01"},
    },
    "monk": {
        "default": {
            "customer_id": "550e8400-e29b-41d4-a716-446655440000",
            "external_customer_id": "cust_northwind",
            "other_customer_id": "d7abd0cd-4ae9-4db7-8676-e986a4ebd8dc",
            "event_name": "token_used",
            "other_event_name": "api_calls",
            "inactive_event_name": "sms",
            "property_key": "sub_org_id",
            "property_value": "org_xyz",
            "token_without_scope": "metersim-noscope",
        },
        "docs-monk": {
            "customer_id": "550e8400-e29b-41d4-a716-446655440000",
            "external_customer_id": "cust_acme",
            "event_name": "token_used",
            "property_key": "sub_org_id",
            "property_value": "org_xyz",
        },
        # The usage of the first quarter is on the boundaries of tiers.
        "tiers": {
            "external_customer_id": "acme",
            "event_name": "volume",
            "other_event_name": "package",
            "property_key": "region",
            "property_value": "us",
            "since": "2026-01-01",
            "until": "2026-04-01",
        },
        "high-cardinality": {
            "external_customer_id": "customer-0001",
            "event_name": "api_calls",
            "other_event_name": "searches",
            "property_key": "region",
            "property_value": "eu",
        },
        "late-charges": {
            "external_customer_id": "broadcaster",
            "event_name": "streamed_gb",
            "other_event_name": "live_minutes",
        },
        "overage": {
            "external_customer_id": "acme",
            "event_name": "api_calls",
            "other_event_name": "bandwidth",
        },
        "new-customer": {"external_customer_id": "regular", "event_name": "api_calls"},
        "leap-year": {"external_customer_id": "acme", "event_name": "api_calls"},
        "month-end": {"external_customer_id": "acme", "event_name": "api_calls"},
        "inactive-project": {
            "external_customer_id": "broadcaster",
            "event_name": "live_minutes",
        },
    },
    "mudbase": {
        "default": {
            "project_id": "proj_nCBo0AB7UWpj",
            "email": "amari_koss69@northwind.dev",
            "secured_project_id": "65f0c2a49b7e4d1f8c06a2b5",
            "secured_project_key": "key-of-larkspur-vault",
            "other_project_key": "key-of-my-project",
        },
        "docs-mudbase": {
            "project_id": "65a3f0c29b7e4d1f8c06a2b5",
            "email": "amari_koss69@northwind.dev",
            "secured_project_id": "65a3f0c29b7e4d1f8c06a2b6",
            "secured_project_key": "key-of-secured-project",
            "other_project_key": "key-of-second-project",
        },
        "tiers": {"project_id": "proj_website", "email": "billing@acme.example"},
    },
}

# Where a vendor's proofs have all they need, and the rules that do not hold even there: they
# cannot be seen, or want limits, which are off.
COMPLETE: dict[str, tuple[str, set[str]]] = {
    "mkio": ("default", {"MKIO-30"}),
    "monk": ("default", {"MONK-19", "MONK-23"}),
    "mudbase": ("default", {"MUDBASE-04", "MUDBASE-08", "MUDBASE-09"}),
}


def proven_at(vendor: str, scenario: str, *rules: str, **options: Any) -> Report:
    """A run against the simulator, with the vendor's values for the scenario."""
    values = VALUES[vendor].get(scenario, {})
    with Simulator(scenario, **options) as sim:
        handle = getattr(sim, vendor)
        return proven(vendor, handle.url, handle.token, values, rules)


@pytest.mark.unmeasured
@pytest.mark.timeout(240)  # a year of a thousand projects, on a machine that does other work too
@pytest.mark.parametrize("scenario", scenario_names())
@pytest.mark.parametrize("vendor", VALUES)
def test_the_simulator_breaks_no_rule_of_its_own(vendor: str, scenario: str) -> None:
    report = proven_at(vendor, scenario)
    broken = [
        (each.rule.id, each.expected, each.found)
        for each in report.verdicts
        if each.standing is Standing.BROKEN
    ]
    assert broken == []
    assert report.departures == []
    assert report.stopped == ""


@pytest.mark.parametrize("vendor", COMPLETE)
def test_where_all_is_known_every_rule_holds(vendor: str) -> None:
    scenario, unseen = COMPLETE[vendor]
    report = proven_at(vendor, scenario)
    assert {each.rule.id for each in report.verdicts if each.standing is not Standing.HOLDS} == (
        unseen
    )


def test_every_rule_of_metronome_holds_within_its_limits() -> None:
    with Simulator(vendor_limits=True) as sim:
        # Whoever waits is waited with: the simulator's clock stands otherwise.
        def pause(seconds: float) -> None:
            sim.clock.advance(seconds=int(seconds))

        url, token = sim.metronome.url, sim.metronome.token
        report = proven("metronome", url, token, {}, pace=Pace(pause=pause))
    assert {
        each.rule.id for each in report.verdicts if each.standing is not Standing.HOLDS
    } == set()
    assert report.departures == []


def test_monk_limits_requests_and_not_events() -> None:
    report = proven_at("monk", "docs-monk", "MONK-23", vendor_limits=True)
    assert [each.standing for each in report.verdicts] == [Standing.HOLDS]
