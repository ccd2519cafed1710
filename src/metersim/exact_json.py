"""JSON in and out: ``12.50`` is the decimal that it spells, and no float comes into being."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from metersim.billing.quantity import exact
from metersim.reading import Json

# What comes after (validators, behaviour, patterns, messages) recurses, and never as deep as this.
MAX_DEPTH = 100

# Of an integer below this one, there is no need to look whether it is within the bound.
_SMALL = 10**18

encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=exact).decode


def decode(content: bytes | str) -> Json:
    """Data in which every number is exact and within the bound, integers not excepted.

    ValueError for what is no JSON, or is nested too deep.
    """
    try:
        data = _decode(content)
    except RecursionError as error:
        raise ValueError(str(error)) from None
    for depth, level in enumerate(levels(data)):
        if depth >= MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        for value in level:
            if isinstance(value, int) and not -_SMALL < value < _SMALL:
                exact(value)
    return data


def levels(data: Json) -> Iterator[list[Json]]:
    """All values within the data, by how deep they stand."""
    level = [data]
    while level:
        yield level
        # In one expression: replies of a hundred thousand rows come this way.
        level = [
            child
            for value in level
            if isinstance(value, (dict, list))
            for child in (value.values() if isinstance(value, dict) else value)
        ]
