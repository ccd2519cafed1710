"""Which meters are priced, and which of their events count."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import add
from tests.vendors.monk.asking import ACME, ask, assert_refused, cost, small_world
from tests.wire import simulate

EVENTS = ["api_calls", "bandwidth", "emails", "webhooks", "token_used", "export_finished", "sms"]
PROPERTIES = {
    "region": ["eu", "us", "moon"],
    "model": ["small", "large"],
    "sub_org_id": ["org_xyz", "org_abc"],
    "environment": ["production", "staging"],
}

FILTERS = st.sampled_from([(key, value) for key, values in PROPERTIES.items() for value in values])


def filters(*wanted: tuple[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in wanted]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # 120.5 of traffic and one write; gifts and levels have no price, the others are not active.
        (None, "0.6205"),
        (["read", "write"], "0.6205"),
        # Of the traffic, what was written; and the count of writes.
        (["write"], "0.52"),
        (["read"], "0.1005"),
        (["read", "read"], "0.1005"),
        (["gifts", "held"], "0"),
        (["paused", "retired"], "0"),
        # The name of a meter is not that of an event.
        (["traffic", "nothing"], "0"),
        ([], "0"),
    ],
)
def test_monk_09_event_names_select_active_meters(
    tmp_path: Path, names: list[str] | None, expected: str
) -> None:
    total = cost(small_world(tmp_path), customerId=ACME, eventNames=names)
    assert total == Decimal(expected)


def test_monk_09_a_meter_that_is_paused_or_retired_costs_nothing() -> None:
    simulator = simulate()
    assert cost(simulator, startDate="2025-01-01T00:00:00Z", eventNames=["sms", "faxes"]) == 0
    assert cost(simulator, eventNames=EVENTS) == cost(simulator)


@settings(max_examples=25)
@given(st.sets(st.sampled_from(EVENTS)), st.sets(st.sampled_from(EVENTS)))
def test_monk_10_disjoint_sets_of_names_add_up_to_their_union(one: set[str], two: set[str]) -> None:
    simulator = simulate()
    parts = [cost(simulator, eventNames=sorted(names)) for names in (one, two - one)]
    assert add(*parts) == cost(simulator, eventNames=sorted(one | two))


def test_monk_10_events_of_one_meter_add_up_too(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    parts = [cost(simulator, customerId=ACME, eventNames=[name]) for name in ("read", "write")]
    assert add(*parts) == cost(simulator, customerId=ACME)


@pytest.mark.parametrize(
    ("field", "item", "most"),
    [("eventNames", "token_used", 50), ("propertyFilters", {"key": "region", "value": "eu"}, 20)],
)
def test_monk_11_lists_have_a_longest(field: str, item: object, most: int) -> None:
    assert ask(simulate(), **{field: [item] * most}).status == 200
    answer = ask(simulate(), **{field: [item] * (most + 1)})
    assert_refused(answer, 400, "BAD_REQUEST", field, str(most), str(most + 1))


@pytest.mark.parametrize("wrong", [{}, "token_used", [""], [7], [None]])
def test_monk_11_event_names_are_texts_that_say_something(wrong: object) -> None:
    assert_refused(ask(simulate(), eventNames=wrong), 400, "BAD_REQUEST", "eventNames")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "region"},
        {"value": "eu"},
        {"key": "", "value": "eu"},
        {"key": "region", "value": 7},
        "region",
    ],
)
def test_monk_11_a_filter_has_a_key_and_a_value(wrong: object) -> None:
    answer = ask(simulate(), propertyFilters=[wrong])
    assert_refused(answer, 400, "BAD_REQUEST", "propertyFilters.0")


@settings(max_examples=25)
@given(st.lists(FILTERS, max_size=3), FILTERS)
def test_monk_12_a_further_filter_never_raises_the_total(
    some: list[tuple[str, str]], further: tuple[str, str]
) -> None:
    simulator = simulate()
    before = cost(simulator, propertyFilters=filters(*some))
    assert cost(simulator, propertyFilters=filters(*some, further)) <= before


def test_monk_12_filters_must_all_hold() -> None:
    simulator = simulate()
    small, xyz, both = (
        cost(simulator, propertyFilters=filters(*wanted))
        for wanted in (
            [("model", "small")],
            [("sub_org_id", "org_xyz")],
            [("model", "small"), ("sub_org_id", "org_xyz")],
        )
    )
    assert 0 < both < min(small, xyz)
    assert cost(simulator, propertyFilters=filters(("model", "small"), ("model", "large"))) == 0


@pytest.mark.parametrize("key", ["region", "model"])
def test_monk_12_the_values_of_a_property_add_up_to_the_whole(key: str) -> None:
    simulator = simulate()
    values = [*PROPERTIES[key], ""]  # without the property, the empty text
    parts = [cost(simulator, propertyFilters=filters((key, value))) for value in values]
    assert sum(parts[1:], parts[0]) == cost(simulator) == cost(simulator, propertyFilters=[])


def test_monk_12_a_number_is_compared_in_its_shortest_spelling(tmp_path: Path) -> None:
    simulator = small_world(tmp_path)
    found = [
        cost(simulator, customerId=ACME, propertyFilters=filters(("size", value)))
        for value in ("7.5", "7.50")
    ]
    assert found == [Decimal("0.52"), 0]
