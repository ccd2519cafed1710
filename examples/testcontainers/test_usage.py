"""Tests against a simulator in a container, which Testcontainers starts and removes."""

from collections.abc import Iterator

import httpx
import pytest

from metersim.client import Client, SessionHandle
from metersim.testcontainers import MetersimContainer


@pytest.fixture(scope="session")
def metersim_server() -> Iterator[Client]:
    """In place of the plugin's own: each test's `metersim` is a session of this one."""
    with MetersimContainer("metersim:latest", scenario="overage") as sim:
        yield sim


def usage(metersim: SessionHandle) -> httpx.Response:
    headers = {"Authorization": f"Bearer {metersim.saas.token}"}
    return httpx.get(f"{metersim.saas.url}/api/billing/usage", headers=headers)


def test_seats_beyond_the_plan_are_overage(metersim: SessionHandle) -> None:
    assert usage(metersim).json()["data"]["metrics"]["seats"]["overage"] == 3


def test_an_outage_of_the_vendor_is_one_call_long(metersim: SessionHandle) -> None:
    metersim.faults.add(vendor="saas", times=1, problem={"status": 500})
    assert [usage(metersim).status_code for _ in range(2)] == [500, 200]
