"""Amounts by formula: what a series holds in each of its slots, and how much up to any of them.

A *slot* is a step of the series' grid. Amounts are whole multiples of a unit, and every formula
here is a running sum: how many units the first slots hold. An amount is the difference of two, so a
window of any length is two evaluations, and windows add up to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from typing import TypeAlias

# Units in the slots before this one.
Running: TypeAlias = Callable[[int], int]

_EVEN = (100,) * 24
_OFFICE = (40, 35, 30, 30, 30, 40, 60, 90, 120, 150, 165, 170) + (
    *(165, 165, 170, 165, 150, 130, 115, 100, 85, 75, 65, 55),
)
_EVENING = (70, 45, 30, 20, 20, 25, 40, 60, 70, 75, 80, 90) + (
    *(95, 95, 95, 100, 115, 145, 180, 215, 230, 215, 170, 120),
)
_WORKING_WEEK = (115, 120, 120, 118, 112, 60, 55)
_WEEKEND = (85, 82, 85, 90, 110, 125, 123)

# Weight of each hour of a day, and of each day of a week from Monday, in percent of the mean. Every
# row averages 100, so that an amount "per hour" is what an hour holds on average.
RHYTHMS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "flat": (_EVEN, _EVEN[:7]),
    "daily": (_OFFICE, _EVEN[:7]),
    "weekly": (_EVEN, _WORKING_WEEK),
    "business": (_OFFICE, _WORKING_WEEK),
    "leisure": (_EVENING, _WEEKEND),
}
_MONTH = timedelta(days=30)
_WEEK = timedelta(days=7)
_WEIGHT = 100 * 100  # the mean's
_DRAWN = 1 << 32  # a draw lies below this


@dataclass(frozen=True, slots=True)
class Episodes:
    """Once in every period, a stretch in which there is ``times`` as much: 0 times is a gap.

    ``every`` and ``lasting`` are in slots, as is ``at``, how far into its period each stretch
    begins; None draws that anew for every period.
    """

    every: int
    lasting: int
    times: int = 0
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """The amounts of a series: a mean with rhythm, growth and noise, in multiples of ``unit``.

    ``growth`` is per 30 days and ``noise`` the largest deviation, both in thousandths of the mean.
    A level stands at one amount for ``holds`` slots, then at the next; without it, amounts flow.
    ``split`` parts each amount, in thousandths, one part after the other: this is the last of them.
    """

    mean: Decimal
    unit: Decimal = Decimal(1)
    rhythm: str = "flat"
    growth: int = 0
    noise: int = 0
    holds: int | None = None
    bursts: Episodes | None = None
    gaps: Episodes | None = None
    split: tuple[int, ...] = ()


class Amounts:
    """The formula of a pattern on a grid, from the seed.

    Where there is a gap there is no fact at all, so slots and facts are numbered apart.
    """

    def __init__(self, pattern: Pattern, seed: str, start: datetime, step: timedelta) -> None:
        running: Running
        # The parts of a sum are rounded, and so depend on all that came before.
        origin = 0 if pattern.split else None
        if pattern.holds is None:
            running = _Flow(pattern, start, step)
            if pattern.noise:
                running = _Noise(running, pattern.noise, seed)
        else:
            running = _Level(pattern, pattern.holds, step, seed, origin)
        if pattern.bursts:
            running = _Episodic(running, pattern.bursts, f"{seed}:burst", origin)
        self._gaps = None
        if pattern.gaps:
            running = self._gaps = _Episodic(running, pattern.gaps, f"{seed}:gap", origin)
        self._running = running
        self._split = pattern.split

    def running(self, slot: int) -> int:
        """Units in the slots before this one, from wherever the count began."""
        part = rest = self._running(slot)
        left = 1_000
        for share in self._split:
            part = rest * share // left
            rest, left = rest - part, left - share
        return part

    def facts_before(self, slot: int) -> int:
        """How many of the slots before this one hold a fact."""
        return slot if self._gaps is None else slot - self._gaps.slots_before(slot)

    def slot_of(self, fact: int) -> int:
        """The slot that holds the fact of this number, counted from 0."""
        return fact if self._gaps is None else self._gaps.slot_outside(fact)


class _Flow:
    """A mean with rhythm and growth: in closed form, since weeks repeat and growth is linear."""

    def __init__(self, pattern: Pattern, start: datetime, step: timedelta) -> None:
        # Mean and unit as whole multiples of one and the same fraction, however fine they are.
        mean, mean_over = pattern.mean.as_integer_ratio()
        unit, unit_over = pattern.unit.as_integer_ratio()
        self._growth = pattern.growth
        self._per_month = _MONTH // step
        self._mean = mean * unit_over
        self._scale = unit * mean_over * _WEIGHT * 1_000 * self._per_month
        self._weight, self._moment = _weights(pattern.rhythm, start.weekday(), start.hour, step)

    def __call__(self, slot: int) -> int:
        period = len(self._weight) - 1
        weeks, rest = divmod(slot, period)
        week, moment = self._weight[-1], self._moment[-1]
        weight = weeks * week + self._weight[rest]
        # The weights times their slots.
        grown = (
            period * (week * (weeks * (weeks - 1) // 2) + weeks * self._weight[rest])
            + weeks * moment
            + self._moment[rest]
        )
        return self._mean * (weight * 1_000 * self._per_month + self._growth * grown) // self._scale


@cache
def _weights(
    rhythm: str, weekday: int, hour: int, step: timedelta
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Running sums of the weights of a week from its first slot on, and of weight times slot."""
    by_hour, by_day = RHYTHMS[rhythm]
    if step == _WEEK / 7:
        weights = [by_day[(weekday + day) % 7] * 100 for day in range(7)]
    else:
        hours = [weekday * 24 + hour + slot * step // timedelta(hours=1) for slot in range(168)]
        weights = [by_day[each // 24 % 7] * by_hour[each % 24] for each in hours]
    moments = (slot * weight for slot, weight in enumerate(weights))
    return tuple(accumulate(weights, initial=0)), tuple(accumulate(moments, initial=0))


class _Noise:
    """Moves usage from one slot to the one before it, never more than the slot holds."""

    def __init__(self, inner: Running, reach: int, seed: str) -> None:
        self._inner = inner
        self._reach = reach
        self._seed = seed

    def __call__(self, slot: int) -> int:
        sum_before = self._inner(slot)
        amount = self._inner(slot + 1) - sum_before
        return sum_before + amount * self._reach * _draw(self._seed, slot) // (1_000 * _DRAWN)


class _Stretches:
    """A running sum over stretches of equal length, each summed once and kept when asked for.

    It counts from ``origin``, or else from the first stretch that anyone asks about: where only
    differences are looked at, a month of years of daily stretches is thirty of them.
    """

    def __init__(self, length: int, total: Callable[[int], int], origin: int | None) -> None:
        self._length = length
        self._total = total
        self._first = self._last = origin
        self._sums = {} if origin is None else {origin: 0}

    def before(self, slot: int) -> tuple[int, int, int]:
        """The stretch that holds the slot, how far into it that is, and the sum before it."""
        number, rest = divmod(slot, self._length)
        if self._first is None or self._last is None:
            self._first = self._last = number
            self._sums[number] = 0
        for each in range(self._last, number):
            self._sums[each + 1] = self._sums[each] + self._total(each)
        for each in range(self._first - 1, number - 1, -1):
            self._sums[each] = self._sums[each + 1] - self._total(each)
        self._first, self._last = min(self._first, number), max(self._last, number)
        return number, rest, self._sums[number]


class _Level:
    """Stands at the mean as it has grown, noise up or down, and steps to the next after a while."""

    def __init__(
        self, pattern: Pattern, holds: int, step: timedelta, seed: str, origin: int | None
    ) -> None:
        mean, mean_over = pattern.mean.as_integer_ratio()
        unit, unit_over = pattern.unit.as_integer_ratio()
        self._pattern = pattern
        self._holds = holds
        self._seed = seed
        self._per_month = _MONTH // step
        self._mean = mean * unit_over
        self._scale = unit * mean_over * 1_000 * self._per_month * 1_000 * _DRAWN
        self._stretches = _Stretches(holds, lambda number: holds * self._level(number), origin)

    def __call__(self, slot: int) -> int:
        number, rest, before = self._stretches.before(slot)
        return before + rest * self._level(number) if rest else before

    def _level(self, number: int) -> int:
        """Units at which it stands, rounded half up."""
        growth, noise = self._pattern.growth, self._pattern.noise
        grown = 1_000 * self._per_month + growth * number * self._holds
        moved = 1_000 * _DRAWN + noise * (2 * _draw(self._seed, number) - _DRAWN)
        return (2 * self._mean * grown * moved + self._scale) // (2 * self._scale)


class _Episodic:
    """An inner running sum with episodes: more in one stretch of each period, or nothing."""

    def __init__(self, inner: Running, episodes: Episodes, seed: str, origin: int | None) -> None:
        self._inner = inner
        self._episodes = episodes
        self._seed = seed
        self._periods = _Stretches(
            episodes.every, lambda period: self._added(period, episodes.lasting), origin
        )

    def __call__(self, slot: int) -> int:
        period, rest, before = self._periods.before(slot)
        return self._inner(slot) + before + self._added(period, self._within(period, rest))

    def slots_before(self, slot: int) -> int:
        """How many slots before this one lie within an episode."""
        period, rest = divmod(slot, self._episodes.every)
        return period * self._episodes.lasting + self._within(period, rest)

    def slot_outside(self, number: int) -> int:
        """The slot of this number, counted from 0, among those outside every episode."""
        every, lasting = self._episodes.every, self._episodes.lasting
        period, rest = divmod(number, every - lasting)
        return period * every + rest + (lasting if rest >= self._begin(period) else 0)

    def _begin(self, period: int) -> int:
        """How far into the period its episode begins."""
        episodes = self._episodes
        if episodes.at is not None:
            return episodes.at
        return _draw(self._seed, period) % (episodes.every - episodes.lasting + 1)

    def _within(self, period: int, rest: int) -> int:
        """How many of the first slots of a period lie within its episode."""
        return min(max(rest - self._begin(period), 0), self._episodes.lasting)

    def _added(self, period: int, length: int) -> int:
        """Units that the first slots of an episode add to what there is, or take from it."""
        if not length:
            return 0
        first = period * self._episodes.every + self._begin(period)
        return (self._episodes.times - 1) * (self._inner(first + length) - self._inner(first))


def _draw(seed: str, number: int) -> int:
    return int.from_bytes(blake2b(f"{seed}:{number}".encode(), digest_size=4).digest())
