"""The ledger answers as a plain loop over plain facts would, whatever is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.instants import Span
from metersim.billing.ledger import Axis, text_of
from metersim.billing.meters import Aggregation, Meter
from metersim.billing.quantity import total
from tests.billing.books import Books, aggregated, axes, books, halves, matching, meters, selections, windows


@dataclass(frozen=True)
class Question:
    """What the ledger is asked."""

    meter: Meter
    selection: Selection
    now: datetime
    axis: Axis


questions = st.builds(Question, meters, selections, halves, axes)

def asked(
    books: Books, meter: Meter, selection: Selection, now: datetime, axis: Axis
) -> MeteredUsage:
    return books.ledger.usage(meter, selection, now, axis)


@settings(deadline=None, max_examples=400)
@given(strategies.books, meters, selections, halves, axes, windows)
def test_a_window_is_what_a_plain_loop_finds_in_it(
    books: Books, meter: Meter, selection: Selection, now: datetime, axis: Axis, window: Span
) -> None:
    expected = aggregated(matching(books, meter, selection, now, axis, window), meter)
    assert books.ledger.usage(meter, selection, now, axis).over(window) == expected


@settings(deadline=None, max_examples=200)
@given(strategies.books, meters, selections, halves, axes, windows)
def test_the_first_fact_and_the_values_are_those_that_a_plain_loop_finds(
    books: Books, meter: Meter, selection: Selection, now: datetime, axis: Axis, window: Span
) -> None:
    found = matching(books, meter, selection, now, axis, window)
    usage = books.ledger.usage(meter, selection, now, axis)
    assert usage.first(window) == (found[0][0] if found else None)
    for name in ("region", "user", "nothing"):
        values = {text_of(fact.properties.get(name, "")) for _, fact in found}
        assert usage.values_of(name, window) == sorted(values)


@settings(deadline=None, max_examples=100)
@given(books, meters, selections, halves, axes, st.lists(halves, min_size=2, max_size=6))
def test_windows_of_an_additive_meter_add_up_and_asking_changes_nothing(
    books: Books, meter: Meter, selection: Selection, now: datetime, axis: Axis, cuts: list[datetime]
) -> None:  # fmt: skip
    usage = books.ledger.usage(meter, selection, now, axis)
    cuts.sort()
    whole = Span(cuts[0], cuts[-1])
    parts = [Span(*bounds) for bounds in zip(cuts, cuts[1:], strict=False)]
    before = usage.over(whole)
    values = [value for part in parts if (value := usage.over(part)) is not None]
    assert (before is None) == (not values)
    if meter.aggregation.additive and before is not None:
        assert total(values) == before
    if meter.aggregation is Aggregation.MAX and values:
        assert max(values) == before
    assert usage.over(whole) == before
