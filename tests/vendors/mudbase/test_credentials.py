"""Who may record usage: anyone in an open project, whoever holds its key in a secured one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.wire import Answer, Simulated, simulate

OPEN, OTHER, SECURED = (
    "proj_nCBo0AB7UWpj",
    "65a3f0c29b7e4d1f8c06a2b5",
    "65a3f0c29b7e4d1f8c06a2b6",
)
STANDARD = {
    "metersim-token": (200, None),
    "metersim-readonly": (403, "FORBIDDEN"),
    "metersim-noscope": (403, "FORBIDDEN"),
    "metersim-expired": (401, "UNAUTHORIZED"),
    "metersim-tokn": (401, "UNAUTHORIZED"),
}


def record(sim: Simulated, project: str, headers: Mapping[str, str]) -> Answer:
    body = {"email": "amari_koss69@northwind.dev", "metric": "storage_mb", "quantity": 1}
    path = f"/api/billing/public/projects/{project}/usage"
    return sim.caller("mudbase", None).send("POST", path, body, headers=headers)


def outcome(project: str, headers: Mapping[str, str]) -> tuple[int, str | None, int]:
    """Status, code, and how many events were recorded."""
    sim = simulate("docs-mudbase")
    answer = record(sim, project, headers)
    return answer.status, answer.data.get("code"), len(sim.state["events"])


def test_mudbase_07_a_secured_project_takes_nothing_without_a_key() -> None:
    assert outcome(SECURED, {}) == (401, "UNAUTHORIZED", 0)


@pytest.mark.parametrize("headers", [{"x-api-key": "  "}, {"authorization": ""}])
def test_mudbase_07_a_blank_key_is_none(headers: Mapping[str, str]) -> None:
    assert outcome(SECURED, headers) == (401, "UNAUTHORIZED", 0)


def test_mudbase_07_a_secured_project_refuses_the_key_of_another() -> None:
    assert outcome(SECURED, {"x-api-key": "key-of-second-project"}) == (403, "FORBIDDEN", 0)


def test_mudbase_07_a_secured_project_takes_usage_with_its_own_key() -> None:
    assert outcome(SECURED, {"x-api-key": "key-of-secured-project"}) == (200, None, 1)


def test_mudbase_07_an_open_project_takes_its_own_key_and_refuses_that_of_another() -> None:
    assert outcome(OTHER, {"x-api-key": "key-of-second-project"}) == (200, None, 1)
    assert outcome(OPEN, {"x-api-key": "key-of-second-project"}) == (403, "FORBIDDEN", 0)


@pytest.mark.parametrize("project", [OPEN, SECURED])
@pytest.mark.parametrize("token", STANDARD)
def test_a_credential_that_is_presented_is_judged_in_any_project(token: str, project: str) -> None:
    expected = STANDARD[token]
    for headers in ({"x-api-key": token}, {"authorization": f"Bearer {token}"}):
        assert outcome(project, headers)[:2] == expected


def test_a_scheme_that_is_not_taken_is_refused() -> None:
    assert outcome(OPEN, {"authorization": "Basic bWV0ZXJzaW0="}) == (401, "UNAUTHORIZED", 0)


def test_of_a_jwt_and_a_key_the_jwt_is_looked_at() -> None:
    key = {"x-api-key": "key-of-secured-project"}
    assert outcome(SECURED, {"authorization": "Bearer unknown", **key})[0] == 401
    assert outcome(SECURED, {"authorization": "Bearer metersim-token", "x-api-key": "?"})[0] == 200


def test_an_unknown_project_is_not_found_before_its_key_is_looked_at() -> None:
    headers = {"x-api-key": "key-of-second-project"}
    assert outcome("65a3f0c29b7e4d1f8c06a2b7", headers) == (404, "NOT_FOUND", 0)


def test_mudbase_07_a_secured_project_says_nothing_of_a_body_to_a_stranger() -> None:
    simulator = simulate("docs-mudbase")
    path = "/api/billing/public/projects/65a3f0c29b7e4d1f8c06a2b6/usage"
    assert simulator.caller("mudbase", token=None).post(path, {"email": "x"}).status == 401
    foreign = simulator.caller("mudbase", token="key-of-second-project")
    assert foreign.post(path, {"email": "x"}).status == 403
    own = simulator.caller("mudbase", token="key-of-secured-project")
    assert own.post(path, {"email": "x"}).status == 400
