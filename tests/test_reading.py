"""YAML is read as data and nothing else: what hurts in files about money is kept out."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.reading import ReadingError, read_file, read_text


def data(text: str) -> Any:
    return read_text(text, "file.yaml").data


def refusal(text: str) -> str:
    """What is said of the text, with its line."""
    with pytest.raises(ReadingError) as refused:
        data(text)
    said = str(refused.value)
    assert said.startswith("file.yaml:")
    return said.removeprefix("file.yaml:")


@pytest.mark.parametrize(
    "word",
    [
        *("on", "off", "yes", "no", "y", "n", "On", "NO", "True", "FALSE", "Null", "NULL"),
        *("2024-01-31", "2024-01-31T00:00:00Z", "12:30:45", "1:30", "0x1F", "0o17", "0b1", "017"),
        *(".5", "5.", "1e", "+", ".", ".inf", "-.inf", ".nan", "NaN", "Infinity", "_1"),
        *("=", "<<", "1.2.3", "1,000", "٣", "1 000", "proj_1", "-01", "00.5"),
    ],
)
def test_words_stay_words(word: str) -> None:
    assert data(f"key: {word}") == {"key": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("1_000", 1000),
        ("0.10", Decimal("0.10")),
        ("0.1000000000000000000000001", Decimal("0.1000000000000000000000001")),
        ("1e3", Decimal("1e3")),
        ("-2.5E-3", Decimal("-0.0025")),
        ("9" * 400, int("9" * 400)),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_numbers_are_exact_and_three_words_have_a_meaning(text: str, value: object) -> None:
    found = data(f"key: {text}")["key"]
    assert (found, type(found)) == (value, type(value))
    assert str(found) == str(value)


@pytest.mark.parametrize("text", ["'12'", '"12"', "|\n  12", ">-\n  12"])
def test_what_is_quoted_is_text(text: str) -> None:
    assert data(f"key: {text}")["key"].strip() == "12"
    assert data('a: "true"\nb: ""\nc: "null"') == {"a": "true", "b": "", "c": "null"}


def test_keys_are_text() -> None:
    assert list(data("on: 1\n2024-01-31: 2\n200: 3\n1.0: 4\ntrue: 5\n'': 6")) == [
        *("on", "2024-01-31", "200", "1.0", "true", "")
    ]
    assert data("<<: {a: 1}") == {"<<": {"a": 1}}


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "---", "null"])
def test_an_empty_file_is_nothing(text: str) -> None:
    assert data(text) is None


def test_a_value_that_is_used_again_is_read_again() -> None:
    assert data("a: &x [1, {b: 2}]\nc: *x") == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "3: key given twice: 'a'"),
        ("a:\n  {b: 1, b: 2}", "2: key given twice: 'b'"),
        ("? [a]\n: 1", "1: a key must be plain text"),
        ("? {a: 1}\n: 1", "1: a key must be plain text"),
        ("? !!int 1\n: 1", "1: a key must be plain text"),
        ("a: !!python/object/apply:os.system ['true']", "1: tags are not allowed: tag:yaml.org"),
        ("a: 1\nb: !secret x", "2: tags are not allowed: !secret"),
        ("a: !!set {b, c}", "1: tags are not allowed"),
        ("a: !!omap [b: 1]", "1: tags are not allowed"),
        ("a: !!float 1", "1: tags are not allowed"),
        ("a: 1e401", "1: a: number beyond 1e±400: '1e401'"),
        (f"a: {'9' * 5_000}", "1: "),
        ("a: [1, 2", "2: not YAML: "),
        ("a: 1\n\tb: 2", "2: not YAML: indented with a tab, expected spaces"),
        ("a: *nobody", "1: not YAML: found undefined alias"),
        ("a: 1\n---\nb: 2", "2: not YAML: "),
        ("a: \x00", "1: not YAML: "),
        ("%YAML 3.0\n---\na: 1", "1: not YAML: "),
    ],
)
def test_what_is_refused_says_the_line(text: str, said: str) -> None:
    assert refusal(text).startswith(said)


def test_a_tag_that_says_what_the_value_is_anyway_is_no_harm() -> None:
    assert data("a: !!map {b: !!seq [!!str c]}") == {"a": {"b": ["c"]}}


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &a [*a]",
        "&a {b: *a}",
        "[" * 61,
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "\n".join(" " * depth + "a:" for depth in range(200)),
    ],
    ids=["multiplying", "itself", "around itself", *["deep"] * 5],
)
def test_aliases_that_multiply_and_bottomless_nesting_are_refused(text: str) -> None:
    said = refusal(text)
    assert "nested deeper than 60 levels" in said or "aliases that multiply" in said


def test_sixty_levels_are_not_too_deep() -> None:
    found = data("[" * 60 + "]" * 60)
    for _ in range(59):
        (found,) = found
    assert found == []


def test_each_value_knows_its_line() -> None:
    source = read_text("a:\n  - b: 1\n    c: 2\nd: 3\n", "f")
    assert source.where(("a", 0, "c")) == "f:3"
    assert source.where(("d",)) == "f:4"
    # What is not there is where it should have been.
    assert source.where(("a", 0, "missing", "deeper")) == "f:2"
    assert source.where(()) == "f:1"
    assert read_text("", "f").where(("a",)) == "f:1"


def test_a_file_is_read_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("name: Größe 🙂", encoding="utf-8")
    assert read_file(path).data == {"name": "Größe 🙂"}
    assert read_file(path).where(("name",)) == f"{path}:1"
    path.write_bytes("name: Größe".encode("latin-1"))
    with pytest.raises(ReadingError, match=r"file\.yaml: not UTF-8"):
        read_file(path)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.yaml", tmp_path / "file.yaml" / "below"):
        with pytest.raises(ReadingError) as refused:
            read_file(path)
        assert str(refused.value).startswith(f"{path}: cannot be read: ")


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a: 1\n" + "#" * 4_000_000)
    with pytest.raises(ReadingError, match="larger than 4000000 bytes"):
        read_file(path)


# What YAML takes for a break or refuses to print has to be escaped, and JSON escapes it otherwise.
words = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")))


@settings(max_examples=50)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | words,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
        max_leaves=12,
    )
)
def test_json_is_read_as_what_it_says(value: Any) -> None:
    assert data(json.dumps(value, ensure_ascii=False)) == value


@settings(max_examples=200)
@given(text=st.text(max_size=60) | st.text("{}[]&*!|>:-, \nab01\"'#%", max_size=40))
def test_no_text_is_refused_otherwise_than_in_words(text: str) -> None:
    with suppress(ReadingError):
        data(text)
