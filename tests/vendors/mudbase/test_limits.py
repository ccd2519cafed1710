"""Mudbase with its rate limit on: a thousand requests an hour by one API key."""

from __future__ import annotations

from tests.wire import Answer, Simulated, simulate

MOST = 1_000
SECURED, SECOND = "65a3f0c29b7e4d1f8c06a2b6", "65a3f0c29b7e4d1f8c06a2b5"
KEY, OTHER_KEY = {"x-api-key": "key-of-secured-project"}, {"x-api-key": "key-of-second-project"}
USAGE = {"email": "amari_koss69@northwind.dev", "metric": "program quantify", "quantity": 1}


def limited() -> Simulated:
    return simulate("docs-mudbase", vendor_limits=True)


def record(sim: Simulated, project: str, headers: dict[str, str]) -> Answer:
    path = f"/api/billing/public/projects/{project}/usage"
    return sim.caller("mudbase", None).send("POST", path, USAGE, headers=headers)


def exhaust(sim: Simulated) -> None:
    """As many calls by the key as are allowed; that they are to another's project is no matter."""
    assert {record(sim, SECOND, KEY).status for _ in range(MOST)} == {403}


def test_mudbase_08_a_call_beyond_the_limit_is_told_in_the_body_how_long_to_wait() -> None:
    sim = limited()
    exhaust(sim)
    sim.clock.advance(minutes=59, seconds=30)
    answer = record(sim, SECURED, KEY)
    assert (answer.status, answer.headers["retry-after"]) == (429, "30")
    assert {**answer.data, "requestId": None} == {
        "error": "Rate limit exceeded",
        "code": "RATE_LIMITED",
        "details": "Too many requests; try again in 30 s",
        "requestId": None,
        "retryAfter": 30,
    }
    assert sim.state["events"] == []
    sim.clock.advance(seconds=30)
    assert record(sim, SECURED, KEY).status == 200


def test_other_keys_users_and_callers_without_credentials_are_not_limited() -> None:
    sim = limited()
    exhaust(sim)
    assert record(sim, SECURED, {**KEY, "authorization": "  "}).status == 429
    assert record(sim, SECOND, OTHER_KEY).status == 200
    # A JWT is looked at first, so the call is the user's and not the key's.
    assert record(sim, SECURED, {**KEY, "authorization": "Bearer metersim-token"}).status == 200
    for headers in ({}, {"authorization": "Bearer metersim-token"}):
        assert {record(sim, SECOND, headers).status for _ in range(MOST + 1)} == {200}
