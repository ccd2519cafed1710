"""Delays: drawn as WireMock draws them, from the seed, and never beyond their bounds."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from metersim.simulation.delays import LONGEST, Chance, read_delay

MILLISECONDS = st.integers(0, LONGEST)


def chance(seed: str) -> Chance:
    """A source of chance of our own."""

    def draw(*about: str) -> Fraction:
        digest = sha256("/".join([seed, *about]).encode()).digest()
        return Fraction(int.from_bytes(digest[:8]), 2**64)

    return draw


def drawn(distribution: dict[str, Any], count: int = 400) -> list[int]:
    delay = read_delay({"delayDistribution": distribution})
    return [delay.draw(chance(str(number))) for number in range(count)]


@given(MILLISECONDS, st.text())
def test_a_fixed_delay_is_what_it_is(fixed: int, seed: str) -> None:
    assert read_delay({"fixedDelayMilliseconds": fixed}).draw(chance(repr(seed))) == fixed


@given(MILLISECONDS, MILLISECONDS)
def test_a_uniform_delay_lies_within_its_bounds(one: int, other: int) -> None:
    lower, upper = sorted((one, other))
    found = drawn({"type": "uniform", "lower": lower, "upper": upper}, 20)
    assert all(lower <= each <= upper for each in found)


def test_a_uniform_delay_reaches_both_bounds_and_everything_between() -> None:
    assert set(drawn({"type": "uniform", "lower": 3, "upper": 6})) == {3, 4, 5, 6}


@given(MILLISECONDS, st.decimals(0, 10, places=2), MILLISECONDS)
def test_a_log_normal_delay_never_goes_beyond_its_maximum(
    median: int, sigma: Any, most: int
) -> None:
    found = drawn({"type": "lognormal", "median": median, "sigma": sigma, "maxValue": most}, 20)
    assert all(0 <= each <= most for each in found)


def test_half_of_log_normal_delays_lie_below_the_median_and_a_sixth_beyond_one_sigma() -> None:
    # With sigma ln 2 one deviation doubles.
    found = drawn({"type": "lognormal", "median": 1_000, "sigma": "0.6931471805599453"}, 4_000)
    assert 1_900 < sum(each < 1_000 for each in found) < 2_100
    assert 550 < sum(each > 2_000 for each in found) < 720
    assert 550 < sum(each < 500 for each in found) < 720


def test_a_dribble_may_follow_a_delay() -> None:
    dribble = {"numberOfChunks": 3, "totalDuration": 9}
    delay = read_delay({"fixedDelayMilliseconds": 7, "chunkedDribbleDelay": dribble})
    assert (delay.draw(chance("")), delay.chunks, delay.spread) == (7, 3, 9)
