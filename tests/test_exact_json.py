"""JSON in and out: exact, or refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from metersim.exact_json import MAX_DEPTH, decode, encode


@pytest.mark.parametrize("text", ['{"a":[12.50,1,true,null,"x"]}', "0.10", "-7"])
def test_what_was_read_is_written_the_same(text: str) -> None:
    assert encode(decode(text)).decode() == text


def test_a_number_is_the_decimal_that_it_spells() -> None:
    (number,) = decode(b"[12.50]")
    assert (type(number), str(number)) == (Decimal, "12.50")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "truncated"),
        ("NaN", "malformed"),
        ("1e401", "beyond"),
        ("[" + "1" * 500 + "]", "beyond"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested deeper than 100 levels"),
        ("[" * 100_000, "recursion|nested|truncated"),
    ],
)
def test_what_is_none_or_goes_too_far_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode(text)


def test_data_may_be_nested_to_the_bound() -> None:
    data: Any = decode("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert isinstance(data, list)
