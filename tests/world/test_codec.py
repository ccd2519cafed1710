"""Changes leave the process as JSON and come back the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.quantity import exact
from metersim.billing.usage import Value
from metersim.errors import ControlError
from metersim.world.changes import (
    Change,
    ClockSet,
    CustomerArchived,
    CustomerCreated,
    IngestAliasesSet,
    MeterArchived,
    MetricsEndpointSwitched,
    PaymentMethodAssigned,
    TermsAccepted,
    UsageRecorded,
)
from metersim.world.clock import FASTEST
from metersim.world.codec import decoded, encoded
from tests.world.opened import NOW, recorded

encode = msgspec.json.Encoder(decimal_format="number").encode
decode = msgspec.json.Decoder(float_hook=exact).decode

words = st.text(max_size=20)
several = st.lists(words, max_size=3).map(tuple)
instants = st.datetimes(timezones=st.just(NOW.tzinfo))
# No JSON that we read is a negative nothing.
numbers = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda number: abs(number.adjusted()) < 400 and not (number.is_signed() and not number)
)
rates = st.decimals(0, FASTEST, places=3)
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(
        UsageRecorded,
        words,
        words,
        st.none() | words,
        instants,
        instants,
        instants,
        st.dictionaries(words, numbers | words),
        st.none() | words,
        st.booleans(),
    ),
    st.builds(CustomerCreated, words, words, several, instants),
    st.builds(IngestAliasesSet, words, several, instants),
    st.builds(CustomerArchived, words, instants),
    st.builds(MeterArchived, words, instants),
    st.builds(PaymentMethodAssigned, words, words, instants),
    st.builds(TermsAccepted, words),
    st.builds(MetricsEndpointSwitched, words, st.booleans()),
    st.builds(ClockSet, instants, st.none() | rates),
)


@given(st.lists(changes, max_size=5))
def test_what_was_written_is_read_the_same_to_the_last_digit(made: list[Change]) -> None:
    content = encode([encoded(each) for each in made])
    read = decoded(decode(content))
    assert read == made
    assert encode([encoded(each) for each in read]) == content


def test_a_number_and_its_text_are_told_apart() -> None:
    properties: dict[str, Value] = {
        "number": Decimal("1.50"),
        "text": "1.50",
        "whole": Decimal(1),
        "one": "1",
    }
    change = UsageRecorded("calls", "acme", None, NOW, NOW, NOW, properties)
    (read,) = decoded(decode(encode([encoded(change)])))
    assert isinstance(read, UsageRecorded)
    assert {key: str(value) for key, value in read.properties.items()} == {
        key: str(value) for key, value in properties.items()
    }
    assert [type(each) for each in read.properties.values()] == [Decimal, str, Decimal, str]


def test_every_kind_of_change_is_drawn_above() -> None:
    kinds = {
        *(UsageRecorded, PaymentMethodAssigned, TermsAccepted, MetricsEndpointSwitched, ClockSet),
        *(CustomerCreated, IngestAliasesSet, CustomerArchived, MeterArchived),
    }
    assert kinds == set(get_args(Change))


def test_of_keys_that_are_not_known_the_first_by_name_is_told_in_every_process() -> None:
    row = {"change": "TermsAccepted", **dict.fromkeys("hgfedcba", 1)}
    with pytest.raises(ControlError, match=r"changes\.0\.a: is not known"):
        decoded([row])


USAGE = encoded(recorded(1))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (7, "changes.1: expected an object, found '7'"),
        ({}, "changes.1.change: no change 'None'"),
        ({"change": "ClockSat"}, "no change 'ClockSat'; did you mean 'ClockSet'?"),
        ({"change": "ClockSet"}, "changes.1.now: is required"),
        ({"change": "ClockSet", "now": "noon"}, "changes.1.now: not an RFC 3339 date-time: 'noon'"),
        ({"change": "ClockSet", "now": 7}, "changes.1.now: expected text, found '7'"),
        ({"change": "TermsAccepted", "method": "x"}, "did you mean 'payment_method'?"),
        (
            {"change": "ClockSet", "now": "2026-03-18T09:30:00Z", "rate": -1},
            "changes.1.rate: expected a number from 0 to 1000000, found '-1'",
        ),
        (
            {"change": "MetricsEndpointSwitched", "project": "site", "enabled": 1},
            "changes.1.enabled: expected true or false, found '1'",
        ),
        (
            {"change": "IngestAliasesSet", "customer": "acme", "aliases": "a"},
            "changes.1.aliases: expected a list, found 'a'",
        ),
        (
            {"change": "IngestAliasesSet", "customer": "acme", "aliases": ["a", 1]},
            "changes.1.aliases.1: expected text, found '1'",
        ),
        ({**USAGE, "properties": []}, "changes.1.properties: expected an object, found '[]'"),
        ({**USAGE, "properties": {"a": True}}, "properties.a: expected a number, found 'True'"),
        ({**USAGE, "properties": {"a": 10**500}}, "changes.1.properties.a: number beyond"),
    ],
)
def test_what_is_no_change_is_told_by_its_number_and_key(row: Any, message: str) -> None:
    with pytest.raises(ControlError) as refusal:
        decoded([USAGE, row])
    assert message in str(refusal.value)
