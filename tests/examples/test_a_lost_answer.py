"""What happens to a bill when the answer to a recorded usage gets lost."""

import pytest
from mudbase import ApiClient, BillingApi, Configuration, RecordUsageRequest
from urllib3.exceptions import ProtocolError

from metersim import Simulator


def test_whoever_tries_again_after_a_lost_answer_bills_twice() -> None:
    with Simulator() as sim, ApiClient(Configuration(host=sim.mudbase.url)) as client:
        sim.faults.add(operation="recordUsage", fault="ANSWER_LOST", times=1)
        usage = RecordUsageRequest(
            email="melanie_mckenzie@northwind.dev", metric="emails", quantity=25
        )
        with pytest.raises(ProtocolError):
            BillingApi(client).record_usage("proj_nCBo0AB7UWpj", usage)
        BillingApi(client).record_usage("proj_nCBo0AB7UWpj", usage)
        assert [event["properties"]["quantity"] for event in sim.state["events"]] == [25, 25]
