"""Mudbase's own Python SDK, unmodified, over a socket."""

from __future__ import annotations

import pytest
from mudbase import ApiClient, BillingApi, Configuration, Error, RecordUsageRequest
from mudbase.exceptions import BadRequestException, NotFoundException, UnauthorizedException

from metersim import Simulator

USAGE = RecordUsageRequest(
    email="melanie_mckenzie@northwind.dev", metric="program reboot", quantity=515.63
)


def billing(simulator: Simulator) -> BillingApi:
    return BillingApi(ApiClient(Configuration(host=simulator.mudbase.url)))


def test_the_sdk_records_usage() -> None:
    with Simulator("docs-mudbase") as simulator:
        answer = billing(simulator).record_usage("proj_nCBo0AB7UWpj", USAGE)
        assert answer.message == "Usage recorded successfully"
        (event,) = simulator.state["events"]
        assert str(event["properties"]["quantity"]) == "515.63"


def test_the_sdk_raises_a_bad_request_with_the_fields_at_fault() -> None:
    with Simulator("docs-mudbase") as simulator:
        usage = RecordUsageRequest(email="melanie", metric="program reboot", quantity=-1)
        with pytest.raises(BadRequestException) as caught:
            billing(simulator).record_usage("proj_nCBo0AB7UWpj", usage)
        error = caught.value.data
        assert isinstance(error, Error)
        assert error.code == "VALIDATION_ERROR"
        assert error.details is not None
        fields = error.details.actual_instance
        assert isinstance(fields, dict)
        assert set(fields) == {"email", "quantity"}


def test_the_sdk_tells_the_other_refusals_apart() -> None:
    with Simulator("docs-mudbase") as simulator:
        api = billing(simulator)
        with pytest.raises(UnauthorizedException):
            api.record_usage("65a3f0c29b7e4d1f8c06a2b6", USAGE)
        with pytest.raises(NotFoundException):
            api.record_usage("65a3f0c29b7e4d1f8c06a2b7", USAGE)
