"""The vendor that the page about adding one shows: all that it declares is at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from metersim import Simulator, Vendor
from metersim.cli import main
from metersim.simulation import vendor as vendors
from tests.examples.acme import VENDOR

PAGE = Path(__file__).parent.parent.parent / "docs" / "vendors.md"
OPENING = {
    "include": "default",
    "credentials": {"key-of-website": {"scopes": ["*"], "project": "my-project"}},
}


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with pytest.MonkeyPatch.context() as patch:
        ours = vendors._in_package
        patch.setattr(vendors, "_in_package", lambda package: [*ours(package), VENDOR])
        with Simulator() as simulator:
            yield simulator


def ask(
    sim: Simulator, path: str = "cust_northwind", *, method: str = "GET", token: str | None = None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or sim.acme.token}"}
    with httpx.Client(transport=sim.transport(), headers=headers) as client:
        return client.request(method, f"{sim.url}/acme/balance/{path}")


def test_the_page_tells_of_all_that_a_vendor_can_declare() -> None:
    told = PAGE.read_text(encoding="utf-8")
    assert [each.name for each in fields(Vendor) if f"| `{each.name}` |" not in told] == []


def test_the_example_declares_all_of_it() -> None:
    unsaid = [each.name for each in fields(Vendor) if not getattr(VENDOR, each.name)]
    assert unsaid == []


def test_its_limit_is_kept_where_limits_are(sim: Simulator) -> None:
    sim.update_settings(vendor_limits=True)
    statuses = [ask(sim).status_code for _ in range(101)]
    sim.reset()
    assert (set(statuses[:100]), statuses[100]) == ({200}, 429)


def test_what_it_does_not_simulate_is_answered_with_the_reason(sim: Simulator) -> None:
    reply = ask(sim, "cust_northwind/settlement", method="POST")
    assert (reply.status_code, "how a balance is settled" in reply.text) == (501, True)


def test_whom_it_does_not_admit_is_refused(sim: Simulator) -> None:
    sim.open(OPENING)
    reply = ask(sim, token="key-of-website")
    sim.open("default")
    assert (reply.status_code, reply.json()) == (403, {"error": "a project's key opens no balance"})


def test_its_number_is_explained(sim: Simulator) -> None:
    explanation = sim.explain("acme", {"customer": "cust_northwind"})
    assert explanation["amount"] == ask(sim).json()["calls"]


def test_its_view_agrees_with_the_world(sim: Simulator) -> None:
    laws = {each["id"]: each for each in sim.invariants()["invariants"]}
    assert laws["WORLD-01"]["holds"]


@pytest.mark.parametrize("kept", [True, False])
def test_the_checker_sees_whether_its_rule_is_kept(sim: Simulator, kept: bool) -> None:
    if not kept:
        nobody = {"urlPath": "/acme/balance/cust_northwind-of-nobody"}
        sim.faults.add(request=nobody, defect={"retype": "/error"})
    given = ("--url", sim.acme.url, "--token", sim.acme.token, "--no-fuzz")
    told = CliRunner().invoke(
        main, ["check", "acme", *given, "--set", "customer_id=cust_northwind"]
    )
    sim.reset()
    assert told.exit_code == (0 if kept else 1), told.output
    assert ("expected" in told.output) is not kept
