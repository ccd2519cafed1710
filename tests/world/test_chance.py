"""Chance follows from the seed and from what is asked, never from what was asked before."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.world.identifiers import Identifiers
from metersim.world.opening import Credential

# Half of a surrogate pair is no text.
words = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4)


@given(st.integers(0), words)
def test_the_same_seed_and_question_give_the_same_answer(seed: int, about: list[str]) -> None:
    one, other = Identifiers(seed), Identifiers(seed)
    other.uuid("asked before")
    assert one.digest(*about) == other.digest(*about)
    assert one.uuid(*about) == other.uuid(*about)
    assert one.token(*about) == other.token(*about)


@given(words, words)
def test_different_questions_give_different_answers(one: list[str], other: list[str]) -> None:
    identifiers = Identifiers(1)
    assert (identifiers.digest(*one) == identifiers.digest(*other)) == (one == other)


def test_different_seeds_give_different_answers() -> None:
    assert len({Identifiers(seed).uuid("call", "1") for seed in range(100)}) == 100


def test_answers_are_the_same_on_every_machine() -> None:
    identifiers = Identifiers(1)
    assert identifiers.uuid("call", "1") == "8a1da2ce-ea90-432d-83e4-d5949660337d"
    assert identifiers.token("metrics user", size=4) == "2db34adf"


@pytest.mark.parametrize("size", [1, 12, 64])
def test_a_token_has_two_hexadecimal_digits_a_byte(size: int) -> None:
    assert len(bytes.fromhex(Identifiers(1).token("secret", size=size))) == size


@given(words)
def test_an_id_is_a_random_uuid_by_its_form(about: list[str]) -> None:
    found = Identifiers(1).uuid(*about)
    assert (UUID(found).version, str(UUID(found))) == (4, found)


@pytest.mark.parametrize(
    ("scopes", "scope", "allowed"),
    [
        ((), "usage:read", False),
        (("*",), "usage:write", True),
        (("*:read",), "usage:read", True),
        (("*:read",), "usage:write", False),
        (("usage:read",), "usage:read", True),
        (("usage:read",), "billing:read", False),
        (("billing:read", "usage:read"), "usage:read", True),
        (("usage",), "usage:read", False),
    ],
)
def test_a_credential_allows_what_its_scopes_cover(
    scopes: tuple[str, ...], scope: str, allowed: bool
) -> None:
    assert Credential("token", scopes).allows(scope) is allowed
