"""A client of WireMock's admin API, which nobody here wrote, finds its way about our journal."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from wiremock.constants import Config
from wiremock.resources.near_misses import NearMissMatchPatternRequest as Pattern
from wiremock.resources.requests.resource import Requests

from metersim import Simulator

USAGE = Pattern(method="GET", url_path="/saas/api/billing/usage")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of two calls for usage and one astray, the client told where they were made."""
    with Simulator() as sim:
        token = f"Bearer {sim._setup.admin_token}"
        monkeypatch.setattr(Config, "base_url", f"{sim.url}/__admin")
        monkeypatch.setattr(Config, "headers", {**Config.headers, "Authorization": token})
        headers = {"Authorization": f"Bearer {sim.saas.token}"}
        paths = ("/api/billing/usage", "/api/billing/usage", "/api/billing/usagee")
        replies = [httpx.get(f"{sim.saas.url}{path}", headers=headers) for path in paths]
        yield [reply.headers["X-Metersim-Request-Id"] for reply in replies]


def test_it_lists_the_calls_the_newest_first(asked: list[str]) -> None:
    listed = Requests.get_all_received_requests(parameters={})
    assert [each.id for each in listed.requests] == asked[::-1]
    assert listed.meta.total == 3
    assert listed.request_journal_disabled is False
    limited = Requests.get_all_received_requests(limit=1, parameters={})
    assert [each.id for each in limited.requests] == asked[-1:]


def test_it_reads_one_call_with_its_answer(asked: list[str]) -> None:
    one = Requests.get_request(asked[0])
    assert (one.id, one.request.method) == (asked[0], "GET")
    assert one.request.url == "/saas/api/billing/usage"
    assert (one.response_definition.status, one.response_definition.from_configured_stub) == (
        *(200, True),
    )


def test_it_counts_and_finds_what_matches(asked: list[str]) -> None:
    assert Requests.get_matching_request_count(USAGE).count == 2
    found = Requests.get_matching_requests(USAGE)
    assert [each.url for each in found.requests] == ["/saas/api/billing/usage"] * 2


def test_it_finds_what_went_astray_and_what_was_meant(asked: list[str]) -> None:
    (stray,) = Requests.get_unmatched_requests().requests
    assert stray.url == "/saas/api/billing/usagee"
    nearest, *_ = Requests.get_unmatched_requests_near_misses().near_misses
    assert nearest.request.url == stray.url
    assert 0 < nearest.match_result.distance < 1


def test_it_resets_the_journal(asked: list[str]) -> None:
    Requests.reset_request_journal()
    assert Requests.get_matching_request_count(USAGE).count == 0
