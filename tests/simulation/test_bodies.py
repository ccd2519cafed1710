"""Bodies as they come over the wire: exact where they are JSON, and refused where they are not."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metersim.simulation.call import Call, Reply
from metersim.simulation.vendor import Vendor
from metersim.world.world import World
from tests.simulation.parcels import parcels, post

quiet = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return parcels(tmp_path)


def received(tmp_path: Path, body: bytes) -> Any:
    """The body as behaviour gets it."""
    bodies: list[Any] = []

    def keep(call: Call, world: World) -> Reply:
        bodies.append(call.body)
        return Reply(None, 204)

    reply = post(parcels(tmp_path, {"createParcel": keep}), body)
    assert reply.status == 204, reply.body
    return bodies[0]


def refused(vendor: Vendor, body: bytes) -> str:
    """What is said of a body that is refused."""
    reply = post(vendor, body)
    assert reply.status == 400
    return str(reply.body["error"])


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"{",
            b"{}}",
            b"{} {}",
            b"{'weight': 1}",
            b'{"weight": 1,}',
            b'{"weight" 1}',
            b"weight=1",
        ),
        *(
            b'{"weight": 01}',
            b'{"weight": +1}',
            b'{"weight": .5}',
            b'{"weight": 1.}',
            b"   ",
            b"\0",
        ),
        *(b'{"weight": NaN}', b'{"weight": Infinity}', b'{"weight": -Infinity}', b'{"weight": 1e}'),
        *(b'{"a": "\\x41"}', b'{"a": "\n"}', b"\xef\xbb\xbf{}", '{"weight": 1}'.encode("utf-16")),
        *(b"[" * 100_000, b'{"a":' * 100_000),
    ],
)
def test_what_is_no_json_is_refused(vendor: Vendor, body: bytes) -> None:
    assert refused(vendor, body).startswith("body: expected JSON, found otherwise: ")


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"weight": 1, "a": "\xff"}', b'{"\xfe": 1, "weight": 1}', b'{"a": "\xc3"}', b"\xff"),
        *(b'{"weight": 1, "a": "\\ud800"}', b'{"weight": 1, "\\udfff": 1}', b'"\\ud800\\ud800"'),
        *(b'{"weight": 1, "a": "\xed\xa0\x80"}', b'{"weight": 1, "a": "\\udc00\\ud800"}'),
    ],
)
def test_what_is_no_unicode_is_refused(vendor: Vendor, body: bytes) -> None:
    assert refused(vendor, body).startswith("body: ")


def test_a_surrogate_pair_is_one_character(tmp_path: Path) -> None:
    assert received(tmp_path, b'{"weight": 1, "a": "\\ud83d\\ude00"}')["a"] == "\U0001f600"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "body: expected object, found []"),
        (b'[{"weight": 1}]', 'body: expected object, found [{"weight": 1}]'),
        (b'"weight"', 'body: expected object, found "weight"'),
        (b"1.5", "body: expected object, found 1.5"),
        (b"true", "body: expected object, found true"),
        (b"null", "body: expected object, found null"),
        (b"", "body: expected object, found null"),
        (b"{}", "weight: is required"),
        (b'{"weight": "1"}', 'weight: expected number, found "1"'),
        (b'{"weight": "NaN"}', 'weight: expected number, found "NaN"'),
        (b'{"weight": true}', "weight: expected number, found true"),
        (b'{"weight": null}', "weight: expected number, found null"),
        (b'{"weight": [1]}', "weight: expected number, found [1]"),
    ],
)
def test_json_of_another_form_is_refused_by_its_place(
    vendor: Vendor, body: bytes, said: str
) -> None:
    assert refused(vendor, body) == said


@pytest.mark.parametrize(
    "number",
    [
        *("0.1", "0.10", "1.0", "-0.0", "1e3", "1E-7", "0.1000000000000000000000000000000000001"),
        *("9007199254740993.000000001", "1e400", "1e-400", "-1.7976931348623157e308", "5e-324"),
    ],
)
def test_a_fraction_arrives_as_it_was_written(tmp_path: Path, number: str) -> None:
    found = received(tmp_path, b'{"weight": %b}' % number.encode())["weight"]
    assert isinstance(found, Decimal)
    assert str(found) == str(Decimal(number))


@pytest.mark.parametrize("number", ["0", "-0", "7", "9007199254740993", "1" + "0" * 400])
def test_an_integer_arrives_as_it_was_written(tmp_path: Path, number: str) -> None:
    found = received(tmp_path, b'{"weight": %b}' % number.encode())["weight"]
    assert (found, type(found)) == (int(number), int)


@pytest.mark.parametrize(
    "number",
    ["1e401", "1e-401", "-1e999999999999", "1" + "0" * 401, "9" * 5_000, "0." + "1" * 5_000],
)
@pytest.mark.parametrize("place", ['{"weight": %s}', '{"weight": 1, "a": [{"b": [%s]}]}', "%s"])
def test_a_number_beyond_every_double_is_refused_wherever_it_stands(
    vendor: Vendor, number: str, place: str
) -> None:
    assert refused(vendor, (place % number).encode()).startswith("body: ")


@pytest.mark.parametrize("depth", [101, 256, 300, 900, 990, 1_100, 5_000])
@pytest.mark.parametrize(
    "place", [b"%b", b'{"weight": %b}', b'{"weight": 1, "a": %b}'], ids=["body", "known", "other"]
)
@pytest.mark.parametrize("around", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
def test_bottomless_nesting_is_refused_wherever_it_stands(
    vendor: Vendor, depth: int, place: bytes, around: tuple[bytes, bytes]
) -> None:
    opening, closing = around
    body = place % (opening * depth + b"1" + closing * depth)
    assert "nest" in refused(vendor, body) or "recursion" in refused(vendor, body)


def test_a_hundred_levels_are_not_too_deep(tmp_path: Path) -> None:
    body = b'{"weight": 1, "a": %b}' % (b"[" * 99 + b"]" * 99)
    found = received(tmp_path, body)["a"]
    for _ in range(98):
        (found,) = found
    assert found == []


def test_of_a_key_given_twice_the_last_counts(tmp_path: Path) -> None:
    assert received(tmp_path, b'{"weight": 1, "weight": 2}') == {"weight": 2}


@quiet
@given(body=st.binary(max_size=60) | st.text(max_size=30).map(str.encode))
def test_no_bytes_are_a_defect(vendor: Vendor, body: bytes) -> None:
    assert post(vendor, body).status in (204, 400)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@quiet
@given(value=JSON_VALUES, weight=JSON_VALUES)
def test_no_json_is_a_defect(vendor: Vendor, value: Any, weight: Any) -> None:
    for body in (value, {"weight": weight}, {"weight": 1, "more": value}):
        assert post(vendor, json.dumps(body).encode()).status in (204, 400)
