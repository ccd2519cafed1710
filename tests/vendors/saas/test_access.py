"""Whose usage a session shows, and what comes back to those without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from metersim.simulation.call import Request
from metersim.vendors.saas import VENDOR
from tests.vendors.saas.asking import PATH, ask, assert_refused, small_world, usage
from tests.wire import simulate

PRINTED = '{"success":false,"error":{"code":"UNAUTHORIZED","message":"Authentication required"}}'


@pytest.mark.parametrize(
    "header",
    [
        "Bearer metersim-tokn",
        "Bearer metersim-expired",
        "Basic bWV0ZXJzaW0=",
        "metersim-token",
        "Bearer",
        "",
    ],
)
def test_saas_01_a_token_that_is_not_valid_gets_the_printed_body(header: str) -> None:
    saas = simulate("docs-saas").caller("saas", None)
    answer = saas.send("GET", PATH, headers={"authorization": header})
    assert (answer.status, answer.text) == (401, PRINTED)


def test_saas_01_so_does_no_token_at_all_whatever_is_asked() -> None:
    saas = simulate("docs-saas").caller("saas", None)
    for answer in (saas.get(PATH), saas.get(PATH, {"metrics": "x", "startDate": "y"})):
        assert (answer.status, answer.text) == (401, PRINTED)


@pytest.mark.parametrize("token", ["metersim-token", "metersim-readonly"])
def test_saas_01_a_token_that_may_read_passes(token: str) -> None:
    assert usage(simulate("docs-saas"), token)["metrics"]


def test_a_token_without_rights_is_forbidden() -> None:
    answer = ask(simulate("docs-saas"), "metersim-noscope")
    assert_refused(answer, 403, "FORBIDDEN", "usage:read")


def test_saas_02_success_has_data_and_failure_an_error_never_both() -> None:
    simulator = simulate("docs-saas")
    assert ask(simulator).data.keys() == {"success", "data"}
    assert ask(simulator, metrics="x").data.keys() == {"success", "error"}


def test_saas_02_another_path_or_method_fails_in_the_same_envelope() -> None:
    saas = simulate("docs-saas").caller("saas")
    assert_refused(saas.get("/api/billing/usages"), 404, "NOT_FOUND", "/api/billing/usages")
    answer = saas.post(PATH)
    assert_refused(answer, 405, "METHOD_NOT_ALLOWED", "GET")
    assert answer.headers["allow"] == "GET"


def test_a_body_is_not_looked_at_however_large() -> None:
    headers = {"authorization": "Bearer metersim-token"}
    request = Request("GET", f"/saas{PATH}", headers=headers, body=None)
    assert simulate("docs-saas").send(request).status == 200


def test_a_session_shows_its_own_customer_only() -> None:
    simulator = simulate()
    calls = {
        token: usage(simulator, token)["metrics"]["apiCalls"]["used"]
        for token in ("metersim-token", "larkspur-token", "heron-token")
    }
    assert calls["metersim-token"] == usage(simulator)["metrics"]["apiCalls"]["used"]
    assert len(set(calls.values())) == 3


def test_a_session_of_no_customer_shows_nobodys_usage(tmp_path: Path) -> None:
    simulator = small_world(tmp_path, "clock: 2024-01-01\nmeters: {api_calls: {}}")
    assert_refused(ask(simulator), 403, "FORBIDDEN", "no customer")


def test_a_customer_without_a_plan_has_no_metrics_and_no_cost(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    data = usage(simulator, "guest-token")
    assert (data["metrics"], data["projectedUsage"]) == ({}, {})
    assert data["estimatedCost"] == {"base": 0, "overage": 0, "total": 0, "currency": "usd"}
    calls = usage(simulator, "guest-token", metrics="api_calls")["metrics"]["apiCalls"]
    assert (calls["included"], calls["used"], calls["overage"]) == (0, 4, 4)


def test_every_law_of_the_book_is_numbered_in_order() -> None:
    assert [rule.id for rule in VENDOR.rules] == [f"SAAS-{n:02}" for n in range(1, 19)]
    assert all(rule.modelled for rule in VENDOR.rules)
    assert all(bool(rule.operations) is rule.modelled for rule in VENDOR.rules)
