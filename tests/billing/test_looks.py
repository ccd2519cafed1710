"""A look at a series: it costs what it spans, and finds the same whatever was looked at before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing import patterns as drawing
from metersim.billing.instants import Span
from metersim.billing.patterns import Episodes, Pattern
from metersim.billing.quantity import total
from metersim.billing.usage import Series, SeriesSums
from tests.billing.drawn import parts_of_patterns, patterns

BEGIN = datetime(2016, 3, 1, tzinfo=UTC)
HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
LATE = BEGIN + 120 * MONTH


def series(pattern: Pattern) -> Series:
    return Series("seed", "calls", "acme", None, pattern, BEGIN, HOUR)


def held(sums: SeriesSums, window: Span) -> Decimal:
    return sums.total(*sums.indices(window))


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(Decimal(10), bursts=Episodes(24, 3, times=12)),
        Pattern(Decimal(10), gaps=Episodes(24, 6)),
        Pattern(Decimal(10), noise=300, holds=24),
    ],
)
def test_a_look_costs_what_it_spans_however_long_ago_the_series_began(
    pattern: Pattern, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, drawn = drawing._draw, list[int]()

    def counted(seed: str, number: int) -> int:
        drawn.append(number)
        return draw(seed, number)

    monkeypatch.setattr(drawing, "_draw", counted)
    sums = SeriesSums(series(pattern))
    for start in (LATE, LATE - MONTH, LATE + MONTH):
        assert held(sums, Span(start, start + MONTH)) > 0
        assert 0 < len(drawn) < 10 * (MONTH // DAY)
        drawn.clear()


windows = st.tuples(st.integers(0, 900), st.integers(0, 200)).map(
    lambda hours: Span(BEGIN + hours[0] * HOUR, BEGIN + sum(hours) * HOUR)
)


@given(patterns | parts_of_patterns, st.lists(windows, min_size=2, max_size=4))
def test_a_window_holds_the_same_whatever_was_looked_at_before(
    pattern: Pattern, looks: list[Span]
) -> None:
    sums, whole = SeriesSums(series(pattern)), Span(BEGIN, BEGIN + 1_200 * HOUR)
    everything = held(sums, whole)
    for window in looks:
        other = SeriesSums(series(pattern))
        assert held(other, window) == held(sums, window)
        before, after = Span(BEGIN, window.start), Span(window.end, whole.end)
        assert total(held(other, part) for part in (before, window, after)) == everything
