"""Rate limits: never more than is allowed in any window of virtual time, and never less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.instants import LATEST, TICK
from metersim.contract.operation import Operation
from metersim.errors import ContractError
from metersim.simulation.call import Request
from metersim.simulation.limits import Limit, Limiter
from metersim.simulation.problems import Problem
from tests.simulation.parcels import parcels
from tests.world.opened import NOW

Calls: TypeAlias = list[tuple[timedelta, str]]

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
OPERATION = Operation(
    *("any", "GET", "/", "", "assumed"), (), None, {}, security=(), public=True, strict_query=False
)

limits = st.builds(
    lambda requests, per: Limit(requests, per, by=lambda path, request: path.get("key")),
    st.integers(1, 4),
    st.timedeltas(TICK, 3 * SECOND),
)
# So many that limits are reached; whole seconds, so that windows end as others begin.
pauses = st.sampled_from([timedelta(0), TICK, SECOND]) | st.timedeltas(timedelta(0), 4 * SECOND)
calls = st.lists(st.tuples(pauses, st.sampled_from("ab")), max_size=30)


def wait(limiter: Limiter, now: datetime, limits: Sequence[Limit], **path: str) -> int:
    """Calls, and says how many seconds to wait before it is worth another try: 0 when admitted."""
    try:
        limiter.admit(limits, OPERATION, path, Request("GET", "/"), now)
    except Problem as problem:
        return int(problem.headers["Retry-After"])
    return 0


@given(limits, calls)
def test_a_call_is_refused_where_the_window_up_to_it_is_full_and_nowhere_else(
    limit: Limit, made: Calls
) -> None:
    admitted: list[tuple[str, datetime]] = []
    limiter, now = Limiter(), NOW
    for pause, key in made:
        now += pause
        within = [at for whose, at in admitted if whose == key and now - at < limit.per]
        refused = wait(limiter, now, [limit], key=key) > 0
        assert refused is (len(within) == limit.requests)
        if not refused:
            admitted.append((key, now))
    for whose, start in admitted:
        window = [at for each, at in admitted if each == whose and start <= at < start + limit.per]
        assert len(window) <= limit.requests


@given(limits, calls)
def test_who_waits_as_told_is_served_and_who_waits_a_second_less_is_not(
    limit: Limit, made: Calls
) -> None:
    limiter, now = Limiter(), NOW
    for pause, _ in made:
        now += pause
        if seconds := wait(limiter, now, [limit], key="a"):
            assert seconds == 1 or wait(limiter, now + (seconds - 1) * SECOND, [limit], key="a")
            now += seconds * SECOND
            assert not wait(limiter, now, [limit], key="a")


@given(limits, calls)
def test_each_key_is_served_as_if_it_were_alone(limit: Limit, made: Calls) -> None:
    limiter, alone = Limiter(), {"a": Limiter(), "b": Limiter()}
    now = NOW
    for pause, key in made:
        now += pause
        assert wait(limiter, now, [limit], key=key) == wait(alone[key], now, [limit], key=key)


@given(limits, st.lists(st.timedeltas(-DAY, DAY)))
def test_wherever_the_clock_is_set_nobody_waits_longer_than_the_window(
    limit: Limit, moves: list[timedelta]
) -> None:
    limiter, now = Limiter(), NOW
    for move in moves:
        now += move
        waits = [wait(limiter, now, [limit], key="a") for _ in range(limit.requests + 1)]
        assert timedelta(0) <= (waits[-1] - 1) * SECOND < limit.per


def test_what_was_called_later_than_now_does_not_count() -> None:
    limiter, limit = Limiter(), Limit(1, DAY, by=lambda path, request: "all")
    assert not wait(limiter, NOW, [limit])
    assert not wait(limiter, NOW - TICK, [limit])
    assert wait(limiter, NOW, [limit]) == 86_400


def test_at_the_calendars_end_it_is_said_how_long_to_wait() -> None:
    limiter, limit = Limiter(), Limit(1, DAY, by=lambda path, request: "all")
    assert not wait(limiter, LATEST, [limit])
    assert wait(limiter, LATEST, [limit]) == 86_400


@given(limits, calls)
def test_no_more_calls_are_remembered_than_count(limit: Limit, made: Calls) -> None:
    limiter, now = Limiter(), NOW
    for pause, key in made:
        now += pause
        wait(limiter, now, [limit], key=key)
        assert limiter.remembered <= 2 * limit.requests
    wait(limiter, now + limit.per, [limit], key="c")
    assert limiter.remembered == 1


def test_of_more_keys_than_are_kept_the_one_that_was_idle_longest_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("metersim.simulation.limits.MOST_KEYS", 2)
    limiter, limit = Limiter(), Limit(1, SECOND, by=lambda path, request: path["key"])
    for key in "ab":
        assert not wait(limiter, NOW, [limit], key=key)
    assert wait(limiter, NOW, [limit], key="a")
    assert not wait(limiter, NOW, [limit], key="c")
    assert limiter.remembered == 2
    assert wait(limiter, NOW, [limit], key="a")
    assert not wait(limiter, NOW, [limit], key="b")


def test_a_call_that_one_limit_refuses_counts_for_no_other() -> None:
    each = Limit(1, SECOND, by=lambda path, request: path["key"])
    both = Limit(2, 9 * SECOND, by=lambda path, request: "all")
    limiter = Limiter()
    assert not wait(limiter, NOW, [each, both], key="a")
    assert wait(limiter, NOW, [each, both], key="a") == 1
    assert not wait(limiter, NOW, [each, both], key="b")
    # The longer of two waits is told: what the other would let in is refused all the same.
    assert wait(limiter, NOW, [each, both], key="b") == 9


def test_limits_of_the_same_figures_count_apart() -> None:
    def by(path: object, request: Request) -> str:
        return "all"

    limiter = Limiter()
    assert not wait(limiter, NOW, [Limit(1, SECOND, by)])
    assert not wait(limiter, NOW, [Limit(1, SECOND, by)])


def test_a_call_without_a_key_or_to_another_operation_is_not_counted() -> None:
    limiter = Limiter()
    unnamed = Limit(1, SECOND, by=lambda path, request: None)
    elsewhere = Limit(1, SECOND, by=lambda path, request: "all", applies=lambda each: False)
    for _ in range(3):
        assert not wait(limiter, NOW, [unnamed, elsewhere])
    assert limiter.remembered == 0


def test_a_limit_of_an_operation_that_documents_no_429_stops_the_start(tmp_path: Path) -> None:
    vendor = parcels(tmp_path)
    gets = Limit(1, SECOND, by=lambda path, request: "all", applies=lambda op: op.method == "GET")
    with pytest.raises(ContractError, match="'getParcel' has a rate limit, and no 429 among its"):
        replace(vendor, limits=[gets]).contract  # noqa: B018
    nothing = replace(gets, applies=lambda op: False)
    replace(vendor, limits=[nothing]).contract  # noqa: B018
