"""Hints: the nearest name where there is one, and nothing slow or silly where there is none."""

from __future__ import annotations

import pytest

from metersim import errors
from metersim.errors import cut, nearest

ID = "550e8400-e29b-41d4-a716-446655440000"


def test_the_nearest_name_is_offered_and_the_others_are_told() -> None:
    assert nearest("mkoi", ["monk", "mkio"]) == "did you mean 'mkio'? allowed: mkio, monk"
    assert nearest("x", map(str, range(20))).endswith("and 8 more")


@pytest.mark.parametrize(
    ("found", "allowed"),
    [
        (f"{ID[:-1]}1", [ID]),
        (f"{ID[:-1]}1".upper(), [ID.upper()]),
        ("x" * 1_000, ["x" * 999]),
        ("name-0", [f"name-{number}" for number in range(1, 2_000)]),
    ],
)
def test_what_is_no_misspelling_or_slow_to_compare_is_compared_with_nothing(
    monkeypatch: pytest.MonkeyPatch, found: str, allowed: list[str]
) -> None:
    monkeypatch.setattr(errors, "get_close_matches", lambda *_, **__: pytest.fail("compared"))
    assert nearest(found, allowed).startswith("allowed: ")


def test_a_long_text_is_cut() -> None:
    assert (cut("a" * 80), cut("a" * 81)) == ("a" * 80, "a" * 77 + "…")
