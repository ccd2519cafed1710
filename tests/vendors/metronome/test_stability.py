"""A walk goes on undisturbed while usage is recorded: every row once, as it was or as it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.metronome.asking import ask, customer, meter, query, rows
from tests.views import record
from tests.wire import Simulated, simulate

# Of customers that are known and that are not, and of sums that are shown, hidden and new.
EMAILS = ["melanie_mckenzie@northwind.dev", "accounts@heron.example", "nobody@nowhere.example"]
METRICS = ["api_calls", "emails", "faxes", "webhooks", "made up"]
STARTS = {"hour": date(2026, 3, 9), "day": date(2026, 3, 17)}
recordings = st.lists(
    st.lists(
        st.tuples(st.sampled_from(METRICS), st.sampled_from(EMAILS), st.integers(0, 99)), max_size=2
    ),
    max_size=12,
)


def identity(row: Any) -> tuple[str, str, str]:
    return row["customer_id"], row["billable_metric_id"], row["start_timestamp"]


def walk(sim: Simulated, body: object, meanwhile: list[list[tuple[str, str, int]]]) -> list[Any]:
    """All rows, with some usage recorded after each page."""
    found: list[Any] = []
    cursor = None
    while True:
        page = ask(sim, body, cursor).data
        found += page["data"]
        for metric, email, quantity in meanwhile.pop(0) if meanwhile else ():
            assert record(sim, metric, quantity, email).status == 200
        cursor = page["next_page"]
        if cursor is None:
            return found


@settings(max_examples=25)
@given(st.sampled_from(sorted(STARTS)), recordings)
def test_metronome_10_usage_recorded_during_a_walk_adds_no_row_and_takes_none(
    size: str, meanwhile: list[list[tuple[str, str, int]]]
) -> None:
    sim = simulate()
    body = query(
        STARTS[size],
        date(2026, 3, 20),
        size,
        customer_ids=[customer(sim, key) for key in ("northwind", "heron")],
        billable_metrics=[{"id": meter(sim, key)} for key in METRICS[:-1]],
    )
    before = rows(sim, body)
    walked = walk(sim, body, [*meanwhile])
    after = rows(sim, body)
    assert list(map(identity, walked)) == list(map(identity, before))
    assert len(set(map(identity, walked))) == len(walked)
    for rows_of_one in zip(before, walked, after, strict=True):
        was, found, now = (row["value"] or Decimal(0) for row in rows_of_one)
        assert was <= found <= now


@settings(max_examples=10)
@given(recordings)
def test_metronome_10_a_walk_over_everything_is_the_same_walk(
    meanwhile: list[list[tuple[str, str, int]]],
) -> None:
    sim = simulate()
    body = query(date(2026, 3, 18), date(2026, 3, 19))
    before = list(map(identity, rows(sim, body)))
    assert list(map(identity, walk(sim, body, [*meanwhile]))) == before
