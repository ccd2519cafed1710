"""A session for each test by the pytest plugin: usage that is sent twice counts once."""

import pytest
from metronome import Metronome

from metersim.client.session import SessionHandle


@pytest.mark.metersim(scenario="new-customer", now="2026-03-18T09:30:00Z")
def test_usage_that_is_sent_twice_counts_once(metersim: SessionHandle) -> None:
    customer, vendor = metersim.state["customers"][0]["id"], metersim.metronome
    with Metronome(base_url=vendor.url, bearer_token=vendor.token) as client:
        for _ in range(2):
            client.v1.usage.ingest(
                usage=[
                    {
                        "transaction_id": "order-7",
                        "customer_id": customer,
                        "event_type": "api_calls",
                        "timestamp": "2026-03-18T09:00:00Z",
                        "properties": {"quantity": "40"},
                    }
                ]
            )
    assert len(metersim.state["events"]) == 1
    assert metersim.journal.count(urlPath="/metronome/v1/ingest") == 2
