"""MK.IO with its rate limits on: so many reads and writes a minute of each project."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.vendors.mkio.calls import METHODS, REPORT, project
from tests.wire import Answer, Caller, Simulated, simulate

READ = "GET", project("my-project", "paymentMethod")
WRITE = "POST", project("my-project", "paymentMethod")
OTHERS = "GET", project("northwind-staging", "paymentMethod")
MOST = {"GET": 2_000, "POST": 1_000}


@pytest.fixture
def sim() -> Simulated:
    return simulate(vendor_limits=True)


def anyone(sim: Simulated) -> Caller:
    """Without a token: who calls does not matter, and a call that is refused for it counts."""
    return sim.caller("mkio", None)


def exhausted(sim: Simulated, method: str, path: str) -> Iterator[Answer]:
    """As many calls as are allowed."""
    return (anyone(sim).send(method, path) for _ in range(MOST[method]))


def status(sim: Simulated, method: str, path: str) -> int:
    return anyone(sim).send(method, path).status


@pytest.mark.parametrize("call", [READ, WRITE])
def test_mkio_30_one_call_beyond_the_limit_is_refused_in_the_standard_shape(
    sim: Simulated, call: tuple[str, str]
) -> None:
    assert {answer.status for answer in exhausted(sim, *call)} == {401}
    answer = sim.caller("mkio").send(*call)
    assert (answer.status, answer.headers["retry-after"]) == (429, "60")
    assert answer.data == {
        "error": {
            "code": "too_many_requests",
            "detail": "Too many requests; try again in 60 s",
            "extraDetail": None,
        },
        "status": 429,
        "ref": answer.headers["x-metersim-request-id"],
    }


def test_mkio_30_who_waits_as_told_is_served(sim: Simulated) -> None:
    list(exhausted(sim, *READ))
    sim.clock.advance(seconds=59)
    assert sim.caller("mkio").get(READ[1]).headers["retry-after"] == "1"
    sim.clock.advance(seconds=1)
    assert sim.caller("mkio").get(READ[1]).status == 200


def test_mkio_30_reads_and_writes_are_counted_apart(sim: Simulated) -> None:
    list(exhausted(sim, *WRITE))
    patch = "PATCH", project("my-project", "metricsEndpoint")
    assert (status(sim, *WRITE), status(sim, *patch), status(sim, *READ)) == (429, 429, 401)


def test_mkio_30_other_projects_and_the_organization_are_not_affected(
    sim: Simulated,
) -> None:
    list(exhausted(sim, *READ))
    spelt_otherwise = "GET", project("my%2Dproject", "usage")
    assert (status(sim, *READ), status(sim, *spelt_otherwise)) == (429, 429)
    assert (status(sim, *OTHERS), status(sim, "GET", METHODS)) == (401, 401)


def test_mkio_30_paths_without_a_project_are_counted_together(sim: Simulated) -> None:
    list(exhausted(sim, "GET", METHODS))
    assert (status(sim, "GET", f"{METHODS}/pm-aws"), status(sim, *READ)) == (429, 401)
    list(exhausted(sim, "POST", REPORT))
    assert status(sim, "POST", f"{METHODS}/pm-aws/acceptTermsAndConditions") == 429
