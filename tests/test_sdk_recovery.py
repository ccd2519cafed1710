"""What the vendors' own SDKs, unmodified but for their patience, make of faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import httpx
import metronome
import pytest
from metronome import Metronome
from mudbase import ApiClient, BillingApi, Configuration, RecordUsageRequest
from mudbase.exceptions import ServiceException
from urllib3.exceptions import HTTPError

from metersim import Simulator

ONE_DAY: Any = {
    "window_size": "DAY",
    "starting_on": "2026-03-01T00:00:00Z",
    "ending_before": "2026-03-02T00:00:00Z",
}
CALLS: Any = {
    "transaction_id": "f3c1",
    "customer_id": "cust_northwind",
    "event_type": "api_calls",
    "timestamp": "2026-03-18T09:30:00Z",
    "properties": {"quantity": "25"},
}
EMAILS = RecordUsageRequest(email="melanie_mckenzie@northwind.dev", metric="emails", quantity=25)
ASSIGNMENT = "/api/v1/projects/my-project/paymentMethod"
PROJECT = "proj_nCBo0AB7UWpj"


class Impatient(Metronome):
    """Notes how long it would have waited, and tries again at once."""

    waits: list[float]

    def _calculate_retry_timeout(self, *args: Any, **kwargs: Any) -> float:
        self.waits.append(super()._calculate_retry_timeout(*args, **kwargs))
        return 0


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator() as sim:
        yield sim


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    yield running
    running.reset()


@pytest.fixture
def client(sim: Simulator) -> Iterator[Impatient]:
    with Impatient(base_url=sim.metronome.url, bearer_token=sim.metronome.token) as connected:
        connected.waits = []
        yield connected


def answered(sim: Simulator) -> list[int | None]:
    """The status of each answer that went out; None for one that did not."""
    entries = sim.control("GET", "requests")["requests"][::-1]
    return [entry.get("response", {}).get("status") for entry in entries]


def test_metronomes_waits_as_long_as_it_is_told_and_recovers(
    sim: Simulator, client: Impatient
) -> None:
    sim.faults.add(vendor="metronome", problem={"status": 429, "retryAfter": 7}, times=2)
    assert client.v1.usage.list(**ONE_DAY).data
    assert client.waits == [7, 7]
    assert answered(sim) == [429, 429, 200]


@pytest.mark.parametrize(
    "rule",
    [
        {"problem": {"status": 500}},
        {"problem": {"status": 500, "after_work": True}},
        {"fault": "CONNECTION_RESET_BY_PEER"},
        {"fault": "EMPTY_RESPONSE"},
        {"fault": "RANDOM_DATA_THEN_CLOSE"},
        {"fault": "ANSWER_LOST"},
    ],
)
def test_metronomes_recovers_from_what_passes(
    sim: Simulator, client: Impatient, rule: dict[str, Any]
) -> None:
    expected = client.v1.usage.list(**ONE_DAY).data
    sim.faults.add(**rule, times=2)
    assert client.v1.usage.list(**ONE_DAY).data == expected
    assert len(client.waits) == 2
    assert [row["hits"] for row in sim.faults.list()] == [2]


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ({"fault": "ANSWER_LOST"}, [None, None, 200]),
        ({"fault": "CONNECTION_RESET_BY_PEER"}, [None, None, 200]),
        ({"problem": {"status": 429, "retryAfter": 1}}, [429, 429, 200]),
        ({"problem": {"status": 500, "after_work": True}}, [500, 500, 200]),
    ],
)
def test_metronomes_usage_that_is_sent_again_is_applied_once(
    sim: Simulator, client: Impatient, rule: dict[str, Any], answers: list[int | None]
) -> None:
    sim.faults.add(operation="ingestUsage", **rule, times=2)
    client.v1.usage.ingest(usage=[CALLS])
    assert answered(sim) == answers
    (event,) = sim.state["events"]
    assert event["properties"] == CALLS["properties"]
    assert len(sim.control("GET", "changes")["changes"]) == 1


def test_metronomes_gives_up_on_what_stays(sim: Simulator, client: Impatient) -> None:
    sim.faults.add(vendor="metronome", problem={"status": 429})
    with pytest.raises(metronome.RateLimitError):
        client.v1.usage.list(**ONE_DAY)
    assert answered(sim) == [429] * 3


def test_metronomes_does_not_see_a_field_go_missing(sim: Simulator, client: Impatient) -> None:
    sim.faults.add(vendor="metronome", defect={"remove": "/data/0/start_timestamp"})
    first = client.v1.usage.list(**ONE_DAY).data[0]
    assert "start_timestamp" not in first.to_dict()


def test_mudbases_usage_is_recorded_once_when_the_answer_is_lost(sim: Simulator) -> None:
    sim.faults.add(operation="recordUsage", fault="ANSWER_LOST", times=1)
    with ApiClient(Configuration(host=sim.mudbase.url)) as mudbase:
        with pytest.raises(HTTPError):
            BillingApi(mudbase).record_usage(PROJECT, EMAILS)
        assert len(sim.state["events"]) == 1
        assert answered(sim) == [None]


def test_mudbases_usage_is_recorded_though_the_answer_denies_it(sim: Simulator) -> None:
    sim.faults.add(operation="recordUsage", problem={"status": 503, "after_work": True})
    with ApiClient(Configuration(host=sim.mudbase.url)) as mudbase:
        with pytest.raises(ServiceException):
            BillingApi(mudbase).record_usage(PROJECT, EMAILS)
        assert len(sim.state["events"]) == 1


def test_mkios_assignment_that_is_sent_again_after_a_lost_answer_is_one(sim: Simulator) -> None:
    sim.faults.add(operation="replaceProjectPaymentMethod", fault="ANSWER_LOST", times=1)
    headers = {"Authorization": f"Bearer {sim.mkio.token}"}
    with httpx.Client(base_url=sim.mkio.url, headers=headers) as mkio:
        for outcome in (pytest.raises(httpx.RemoteProtocolError), nullcontext()):
            with outcome:
                mkio.post(ASSIGNMENT, json={"paymentMethodId": "pm-aws"}).raise_for_status()
    assert len(sim.control("GET", "changes")["changes"]) == 1
