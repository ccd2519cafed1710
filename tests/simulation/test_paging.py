"""Cursors: what was written is read back, for its own query and under its own seed alone."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.simulation.paging import CursorError, read_cursor, write_cursor
from metersim.world.identifiers import Identifiers

IDENTIFIERS = Identifiers(1)


class Place(NamedTuple):
    name: str
    number: int


PLACE = Place("é/\x00", 7)
places = st.builds(Place, st.text(), st.integers(-(2**63), 2**63 - 1))
queries = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(place=places, query=queries)
def test_a_position_comes_back_as_it_was(place: Place, query: Any) -> None:
    cursor = write_cursor(place, query, IDENTIFIERS)
    assert read_cursor(cursor, query, IDENTIFIERS, Place) == place


@given(place=places, query=queries)
def test_a_cursor_is_good_for_a_url_as_it_is(place: Place, query: Any) -> None:
    cursor = write_cursor(place, query, IDENTIFIERS)
    assert cursor == base64.urlsafe_b64encode(base64.urlsafe_b64decode(cursor)).decode()
    assert cursor == write_cursor(place, query, Identifiers(1))


@given(place=places, query=queries, other=queries)
def test_a_cursor_is_refused_for_another_query(place: Place, query: Any, other: Any) -> None:
    cursor = write_cursor(place, {"q": query}, IDENTIFIERS)
    with pytest.raises(CursorError, match="does not belong to this query"):
        read_cursor(cursor, {"q": query, "more": other}, IDENTIFIERS, Place)


def test_the_order_of_keys_makes_no_other_query() -> None:
    cursor = write_cursor(PLACE, {"a": 1, "b": {"c": 2, "d": 3}}, IDENTIFIERS)
    assert read_cursor(cursor, {"b": {"d": 3, "c": 2}, "a": 1}, IDENTIFIERS, Place) == PLACE


def test_a_cursor_is_refused_under_another_seed() -> None:
    with pytest.raises(CursorError, match="does not belong to this query"):
        read_cursor(write_cursor(PLACE, {}, Identifiers(2)), {}, IDENTIFIERS, Place)


@given(text=st.text(max_size=80) | st.binary(max_size=60).map(base64.b64encode).map(bytes.decode))
def test_text_of_other_origin_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        read_cursor(text, {}, IDENTIFIERS, Place)


@given(data=st.data())
def test_a_cursor_that_differs_in_one_character_is_refused(data: st.DataObject) -> None:
    cursor = write_cursor(PLACE, {}, IDENTIFIERS)
    at = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda each: each != cursor[at]))
    with pytest.raises(CursorError):
        read_cursor(cursor[:at] + other + cursor[at + 1 :], {}, IDENTIFIERS, Place)


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    # Two characters of padding leave bits of the last digit that say nothing.
    cursors = [write_cursor(Place("x" * size, 0), {}, IDENTIFIERS) for size in range(3)]
    (padded,) = [cursor for cursor in cursors if cursor.endswith("==")]
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spelt = padded[:-3] + digits[digits.index(padded[-3]) ^ 1] + "=="
    assert base64.urlsafe_b64decode(spelt) == base64.urlsafe_b64decode(padded)
    for other in (spelt, padded + "==", padded + "\n", f" {padded}"):
        with pytest.raises(CursorError):
            read_cursor(other, {}, IDENTIFIERS, Place)


@given(position=queries | st.text())
def test_a_position_of_another_shape_is_refused_though_we_signed_it(position: Any) -> None:
    cursor = write_cursor({"position": position}, {}, IDENTIFIERS)
    with pytest.raises(CursorError, match="malformed"):
        read_cursor(cursor, {}, IDENTIFIERS, Place)


@pytest.mark.parametrize("position", [None, 7, "x", [], ["x"], ["x", "7"], ["x", 7, 8], [7, "x"]])
def test_a_list_of_another_shape_is_refused_though_we_signed_it(position: object) -> None:
    cursor = write_cursor(position, {}, IDENTIFIERS)
    with pytest.raises(CursorError, match="malformed"):
        read_cursor(cursor, {}, IDENTIFIERS, Place)


def test_a_cursor_error_is_a_value_error() -> None:
    assert issubclass(CursorError, ValueError)
