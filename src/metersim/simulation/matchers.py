"""What a text has to be like: WireMock's matchers, compiled once, each bounded in what it costs.

Texts are a header's value, a parameter's, a body; None is one that is not there, and only
``absent`` is content with that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from os.path import commonprefix
from typing import TypeAlias

import jsonschema_rs

from metersim.billing.quantity import ONE, ZERO, divide
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.comparing import Expectation, read_json, shown, write_json
from metersim.simulation.json_path import JsonPath

Test: TypeAlias = Callable[[str | None], bool]

_MOST_NESTED = 10
_LONGEST_EXPRESSION = 1_000
_MOST_PROGRAM_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Matcher:
    """A compiled matcher: its word (``equalTo``), and all of it as the caller gave it."""

    word: str
    given: Json
    test: Test

    def distance(self, text: str | None) -> Decimal:
        """How far the text is from what is expected: 0 when it matches, 1 when nothing does."""
        if self.test(text):
            return ZERO
        expected = self.given.get("equalTo")
        return ONE if text is None or expected is None else apart(expected, text)


def compile_matcher(data: Json, where: str, depth: int = 0) -> Matcher:
    """The matcher that ``where`` leads to; ControlError says what is wrong with it."""
    if not isinstance(data, dict) or not data:
        raise ControlError(f'{where}: expected a matcher such as {{"equalTo": …}}, {_found(data)}')
    if depth > _MOST_NESTED:
        raise ControlError(f"{where}: nested deeper than {_MOST_NESTED} matchers")
    words = [word for word in data if word in _COMPILERS]
    if len(words) > 1:
        raise ControlError(
            f"{where}: expected one matcher, found {', '.join(words)}; join by `and`"
        )
    known = [words[0], *_OPTIONS.get(words[0], ())] if words else list(_COMPILERS)
    for key in data:
        if key not in known:
            raise ControlError(f"{where}: {key!r} is not known here; {nearest(key, known)}")
    (word,) = words
    return Matcher(word, data, _COMPILERS[word](data, f"{where}.{word}", depth))


def fully_matching(expression: str, where: str) -> Test:
    """Whether the whole text is what the regular expression says, in time linear in its length.

    So Rust's ``regex`` and not Python's ``re``, of which one line can take for ever; there are
    neither back references nor look-around.
    """
    if len(expression) > _LONGEST_EXPRESSION:
        raise ControlError(f"{where}: expected at most {_LONGEST_EXPRESSION} characters")
    try:
        # First for itself: within the parentheses, `a)|(b` would come to mean something.
        for pattern in (expression, f"^(?:{expression})$"):
            compiled = jsonschema_rs.Draft202012Validator(
                {"pattern": pattern},
                pattern_options=jsonschema_rs.RegexOptions(size_limit=_MOST_PROGRAM_BYTES),
            )
    except jsonschema_rs.ValidationError:
        raise ControlError(
            f"{where}: expected a regular expression, without look-around or back references and"
            f" not too large, {_found(expression)}"
        ) from None
    return lambda text: text is not None and compiled.is_valid(text)


def spelt_out(given: Json) -> Iterator[tuple[str, str]]:
    """The texts that a valid matcher looks for as they stand, each after its word."""
    for word, value in given.items():
        if word in ("equalTo", "contains", "doesNotContain"):
            yield word, value
        elif word == "not":
            yield from spelt_out(value)
        elif word in ("and", "or"):
            for each in value:
                yield from spelt_out(each)


def apart(expected: str, found: str) -> Decimal:
    """0 for the same text, 1 for one that begins and ends otherwise.

    An edit distance would tell more, but takes the square of the length.
    """
    start = len(commonprefix([expected, found]))
    rests = [expected[start:][::-1], found[start:][::-1]]
    longest = max(len(expected), len(found))
    other = longest - start - len(commonprefix(rests))
    return divide(Decimal(other), Decimal(longest or 1), 6)


# -- each matcher: from what was given to a test


def _equal_to(data: Json, where: str, depth: int) -> Test:
    expected = _text(data["equalTo"], where)
    if not _flag(data, "caseInsensitive", where):
        return lambda text: text == expected
    folded = expected.casefold()
    return lambda text: text is not None and text.casefold() == folded


def _contains(data: Json, where: str, depth: int) -> Test:
    part = _text(data["contains"], where)
    return lambda text: text is not None and part in text


def _does_not_contain(data: Json, where: str, depth: int) -> Test:
    part = _text(data["doesNotContain"], where)
    return lambda text: text is not None and part not in text


def _matches(data: Json, where: str, depth: int) -> Test:
    return fully_matching(_text(data["matches"], where), where)


def _does_not_match(data: Json, where: str, depth: int) -> Test:
    matches = fully_matching(_text(data["doesNotMatch"], where), where)
    return lambda text: text is not None and not matches(text)


def _absent(data: Json, where: str, depth: int) -> Test:
    if data["absent"] not in (True, "(absent)"):  # the latter is what WireMock itself writes
        raise ControlError(f"{where}: expected true, {_found(data['absent'])}")
    return lambda text: text is None


def _and(data: Json, where: str, depth: int) -> Test:
    tests = _tests(data["and"], where, depth)
    return lambda text: all(test(text) for test in tests)


def _or(data: Json, where: str, depth: int) -> Test:
    tests = _tests(data["or"], where, depth)
    return lambda text: any(test(text) for test in tests)


def _not(data: Json, where: str, depth: int) -> Test:
    test = compile_matcher(data["not"], where, depth + 1).test
    return lambda text: text is not None and not test(text)


def _equal_to_json(data: Json, where: str, depth: int) -> Test:
    given = data["equalToJson"]
    try:
        # Data goes through text too, so that a float from Python is the number that it shows.
        expected = read_json(given if isinstance(given, str) else write_json(given))
    except ValueError as error:
        raise ControlError(f"{where}: {error}") from None
    expectation = Expectation(
        expected,
        any_order=_flag(data, "ignoreArrayOrder", where),
        any_more=_flag(data, "ignoreExtraElements", where),
    )
    return _on_json(expectation.met_by)


def _matches_json_path(data: Json, where: str, depth: int) -> Test:
    given = data["matchesJsonPath"]
    if isinstance(given, str):
        anywhere = JsonPath(given, where)
        return _on_json(lambda found: _leads_somewhere(anywhere, found))
    if not isinstance(given, dict) or "expression" not in given:
        raise ControlError(f'{where}: expected a path, or {{"expression": …}}, {_found(given)}')
    path = JsonPath(_text(given["expression"], f"{where}.expression"), f"{where}.expression")
    rest = {key: value for key, value in given.items() if key != "expression"}
    matcher = compile_matcher(rest, where, depth + 1)
    whole = matcher.word == "equalToJson"
    return _on_json(lambda found: any(map(matcher.test, _texts(path, found, whole))))


_COMPILERS: Mapping[str, Callable[[Json, str, int], Test]] = {
    "equalTo": _equal_to,
    "contains": _contains,
    "doesNotContain": _does_not_contain,
    "matches": _matches,
    "doesNotMatch": _does_not_match,
    "absent": _absent,
    "equalToJson": _equal_to_json,
    "matchesJsonPath": _matches_json_path,
    "and": _and,
    "or": _or,
    "not": _not,
}
_OPTIONS = {
    "equalTo": ("caseInsensitive",),
    "equalToJson": ("ignoreArrayOrder", "ignoreExtraElements"),
}


def _on_json(test: Callable[[Json], bool]) -> Test:
    """The test of data as one of text: what is no JSON does not match."""

    def on_text(text: str | None) -> bool:
        if text is None:
            return False
        try:
            data = read_json(text)
        except ValueError:
            return False
        return test(data)

    return on_text


def _leads_somewhere(path: JsonPath, data: Json) -> bool:
    """As WireMock has it: to any value, but to nothing empty where there can be one only."""
    values = path.select(data)
    return bool(values) and not (path.definite and values[0] in (None, [], {}))


def _texts(path: JsonPath, data: Json, whole: bool) -> Sequence[str | None]:
    """What the path leads to, as texts; nothing is one that is absent.

    As WireMock has it: an array stands for its items, unless it is compared as JSON.
    """
    values = path.select(data)
    if whole:
        return [write_json(values[0] if path.definite else values)] if values else [None]
    if path.definite and values and isinstance(values[0], list):
        values = values[0]
    return [_as_text(value) for value in values] or [None]


def _as_text(value: Json) -> str | None:
    return value if value is None or isinstance(value, str) else write_json(value)


def _tests(data: Json, where: str, depth: int) -> list[Test]:
    if not isinstance(data, list) or not data:
        raise ControlError(f"{where}: expected a list of matchers, {_found(data)}")
    return [compile_matcher(each, f"{where}[{at}]", depth + 1).test for at, each in enumerate(data)]


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise ControlError(f"{where}: expected text, {_found(value)}")
    return value


def _flag(data: Json, name: str, where: str) -> bool:
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise ControlError(f"{where}: {name}: expected true or false, {_found(value)}")
    return value


def _found(value: Json) -> str:
    return f"found {shown(value)}"
