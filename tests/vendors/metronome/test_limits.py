"""Metronome with its rate limit on: eight requests a second, for the whole account."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from metronome import Metronome, RateLimitError

from metersim import Simulator
from tests.vendors.metronome.asking import TWO_DAYS, ask, assert_refused
from tests.wire import simulate

MOST = 8
ONE_DAY: Any = {
    "window_size": "DAY",
    "starting_on": "2026-03-01T00:00:00Z",
    "ending_before": "2026-03-02T00:00:00Z",
}


def test_metronome_26_the_ninth_request_of_a_second_is_refused() -> None:
    sim = simulate(vendor_limits=True)
    assert {ask(sim, TWO_DAYS).status for _ in range(MOST)} == {200}
    answer = ask(sim, TWO_DAYS)
    assert_refused(answer, "Too many requests", status=429)
    assert answer.headers["retry-after"] == "1"
    sim.clock.advance(seconds=1)
    assert {ask(sim, TWO_DAYS).status for _ in range(MOST)} == {200}


def test_metronome_26_every_token_is_the_same_accounts() -> None:
    sim = simulate(vendor_limits=True)
    for _ in range(MOST):
        ask(sim, TWO_DAYS)
    for token in ("metersim-readonly", "metersim-noscope", None):
        assert sim.caller("metronome", token).post("/v1/usage", TWO_DAYS).status == 429


def test_metronome_26_the_sdk_recovers_by_itself() -> None:
    statuses = []

    def note(reply: httpx.Response) -> None:
        statuses.append(reply.status_code)
        if reply.status_code == 429:
            sim.clock.tick(60)  # fast enough, however little of the second the client waits

    with (
        Simulator(vendor_limits=True) as sim,
        httpx.Client(event_hooks={"response": [note]}) as wire,
        Metronome(
            base_url=sim.metronome.url, bearer_token=sim.metronome.token, http_client=wire
        ) as client,
    ):
        for _ in range(MOST + 1):
            assert client.v1.usage.list(**ONE_DAY).data
        assert statuses == [200] * MOST + [429, 200]


def test_metronome_26_a_client_that_does_not_retry_is_told_how_long_to_wait() -> None:
    with (
        Simulator(vendor_limits=True) as sim,
        Metronome(
            base_url=sim.metronome.url, bearer_token=sim.metronome.token, max_retries=0
        ) as client,
    ):
        for _ in range(MOST):
            client.v1.usage.list(**ONE_DAY)
        with pytest.raises(RateLimitError) as caught:
            client.v1.usage.list(**ONE_DAY)
        assert caught.value.response.headers["retry-after"] == "1"
