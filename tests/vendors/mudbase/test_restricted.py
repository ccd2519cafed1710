"""A restricted organization: unpaid, or over its spend limit. Its projects take no usage."""

from __future__ import annotations

from pathlib import Path

import pytest
from mudbase import ApiClient, BillingApi, Configuration, RecordUsageRequest
from mudbase.exceptions import ServiceException

from metersim import Simulator
from metersim.reading import Json
from tests.wire import Answer, Simulated, simulate

USAGE = {"email": "someone@seen.example", "metric": "calls", "quantity": 1}
SDK_USAGE = RecordUsageRequest(email="someone@seen.example", metric="calls", quantity=1)
SCENARIO = """
clock: 2026-03-01
meters: {calls: {}}
customers: {unpaid: {restricted: true}, paid: {}}
projects:
  open: {customer: unpaid, id: proj_open}
  closed: {customer: unpaid, id: proj_closed, secured: true}
  other: {customer: paid, id: proj_other}
credentials:
  key-of-closed: {scopes: [usage:write], project: closed}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO)
    return path


def record(sim: Simulated, project: str, key: str = "", body: Json = USAGE) -> Answer:
    path = f"/api/billing/public/projects/{project}/usage"
    return sim.caller("mudbase", None).send("POST", path, body, headers={"x-api-key": key})


def test_mudbase_08_a_restricted_organization_takes_no_usage_and_does_not_say_why(
    scenario: Path,
) -> None:
    sim = simulate(scenario)
    for project, key in (("proj_open", ""), ("proj_closed", "key-of-closed")):
        answer = record(sim, project, key)
        assert answer.status == 503
        assert {**answer.data, "requestId": None} == {
            "error": "Service unavailable",
            "code": "SERVICE_UNAVAILABLE",
            "details": "this project takes no usage at present",
            "requestId": None,
        }
    assert sim.state["events"] == []
    assert record(sim, "proj_other").status == 200


def test_strangers_are_refused_before_and_mistakes_after(scenario: Path) -> None:
    sim = simulate(scenario)
    assert record(sim, "proj_closed").status == 401
    assert record(sim, "proj_other", "key-of-closed").status == 403
    assert record(sim, "proj_open", body={}).status == 503
    assert record(sim, "proj_nowhere").status == 404


def test_the_control_plane_shows_who_is_restricted(scenario: Path) -> None:
    customers = simulate(scenario).state["customers"]
    assert {each["key"]: each["restricted"] for each in customers} == {
        "unpaid": True,
        "paid": False,
    }


def test_the_sdk_raises_that_the_service_is_unavailable(scenario: Path) -> None:
    with Simulator(scenario) as simulator:
        api = BillingApi(ApiClient(Configuration(host=simulator.mudbase.url)))
        with pytest.raises(ServiceException) as caught:
            api.record_usage("proj_open", SDK_USAGE)
        assert caught.value.status == 503
