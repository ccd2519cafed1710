"""Who may ask, and what comes back for what is no question at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from metersim.simulation.call import Request
from metersim.vendors.monk import VENDOR
from tests.vendors.monk.asking import PATH, ask_as, assert_refused, small_world
from tests.wire import simulate

SCOPES = """
clock: 2026-03-30T12:00:00Z
meters: {calls: {}}
customers: {acme: {id: 550e8400-e29b-41d4-a716-446655440000}}
credentials:
  exact: {scopes: ["usage:read"]}
  every: {scopes: ["*"]}
  writes: {scopes: ["usage:write"]}
  other: {scopes: ["customers:read", "invoices:read"]}
  ends: {scopes: ["*"], expires: 2026-03-30T12:00:01Z}
  ended: {scopes: ["*"], expires: 2026-03-30T12:00:00Z}
"""


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "Authentication required"),
        ("metersim-tokn", "Invalid credentials"),
        ("metersim-expired", "expired"),
    ],
)
def test_monk_01_a_missing_unknown_or_expired_key_is_unauthorized_and_says_which(
    token: str | None, said: str
) -> None:
    answer = ask_as(simulate("docs-monk").caller("monk", token))
    assert_refused(answer, 401, "UNAUTHORIZED", said)


@pytest.mark.parametrize("header", ["metersim-token", "Basic bWV0ZXJzaW0=", "Bearer", "Bearer  "])
def test_monk_01_a_malformed_header_is_told_the_form_it_should_have(header: str) -> None:
    monk = simulate("docs-monk").caller("monk", None)
    answer = monk.send("POST", PATH, {}, headers={"authorization": header})
    assert_refused(answer, 401, "UNAUTHORIZED", "Authorization: Bearer")


def test_monk_01_a_key_is_refused_from_the_instant_at_which_it_expires(tmp_path: Path) -> None:
    simulator = small_world(tmp_path, SCOPES)
    assert ask_as(simulator.caller("monk", "ends")).status == 200
    assert_refused(ask_as(simulator.caller("monk", "ended")), 401, "UNAUTHORIZED")
    simulator.clock.advance(seconds=1)
    assert_refused(ask_as(simulator.caller("monk", "ends")), 401, "UNAUTHORIZED")


def test_monk_01_the_key_is_looked_at_before_the_question() -> None:
    answer = simulate("docs-monk").caller("monk", None).post(PATH, b"{")
    assert_refused(answer, 401, "UNAUTHORIZED")


@pytest.mark.parametrize("token", ["writes", "other", "metersim-noscope"])
def test_monk_02_a_key_without_the_scope_is_told_which(tmp_path: Path, token: str) -> None:
    answer = ask_as(small_world(tmp_path, SCOPES).caller("monk", token))
    assert_refused(answer, 403, "FORBIDDEN", "usage:read")


@pytest.mark.parametrize("token", ["exact", "every", "metersim-token", "metersim-readonly"])
def test_monk_02_the_scope_itself_or_every_scope_passes(tmp_path: Path, token: str) -> None:
    assert ask_as(small_world(tmp_path, SCOPES).caller("monk", token)).status == 200


@pytest.mark.parametrize("body", [None, b"{", b"null", b"[]", b'"x"', b"\xff"])
def test_what_is_no_json_object_is_refused(body: bytes | None) -> None:
    answer = simulate("docs-monk").caller("monk").post(PATH, body)
    assert_refused(answer, 400, "BAD_REQUEST", "body")


def test_another_content_type_is_refused() -> None:
    monk = simulate("docs-monk").caller("monk")
    answer = monk.send("POST", PATH, b"a=b", headers={"content-type": "text/plain"})
    assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE", "application/json")


def test_a_body_over_the_limit_is_refused() -> None:
    headers = {"authorization": "Bearer metersim-token"}
    request = Request("POST", f"/monk{PATH}", headers=headers, body=None)
    assert_refused(simulate("docs-monk").send(request), 413, "PAYLOAD_TOO_LARGE")


def test_another_path_or_method_is_refused() -> None:
    monk = simulate("docs-monk").caller("monk")
    assert_refused(monk.post("/v1/usage/costs", {}), 404, "NOT_FOUND", "/v1/usage/costs")
    answer = monk.get(PATH)
    assert_refused(answer, 405, "METHOD_NOT_ALLOWED", "POST")
    assert answer.headers["allow"] == "POST"


def test_every_law_of_the_book_is_numbered_in_order() -> None:
    assert [rule.id for rule in VENDOR.rules] == [f"MONK-{n:02}" for n in range(1, 24)]
    assert all(rule.modelled and rule.operations for rule in VENDOR.rules)
