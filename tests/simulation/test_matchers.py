"""Matchers: what each takes for a match, and that none of them can hang the process."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.errors import ControlError
from metersim.simulation.matchers import Matcher, apart, compile_matcher, fully_matching


def holds(matcher: Any, text: str | None) -> bool:
    return compile_matcher(matcher, "m").test(text)


@pytest.mark.parametrize(
    ("matcher", "matching", "other"),
    [
        ({"equalTo": "Ab"}, ["Ab"], ["ab", "Ab ", "", None]),
        ({"equalTo": "Straße", "caseInsensitive": True}, ["STRASSE", "straße"], ["Strase", None]),
        ({"contains": "b"}, ["b", "abc"], ["B", "", None]),
        ({"doesNotContain": "b"}, ["", "B"], ["abc", None]),
        ({"matches": "a.c"}, ["abc", "aéc"], ["abcd", "xabc", "a\nc", "abc\n", None]),
        ({"matches": "a|b"}, ["a", "b"], ["ab", "", "c"]),
        ({"matches": "(?i)a+"}, ["aA"], ["b"]),
        ({"matches": r"\d\w"}, ["1a"], ["٣a", "1é"]),
        ({"matches": ""}, [""], ["a", None]),
        ({"doesNotMatch": "a.c"}, ["abcd", ""], ["abc", None]),
        ({"absent": True}, [None], ["", "a"]),
        ({"absent": "(absent)"}, [None], [""]),
        ({"and": [{"contains": "a"}, {"contains": "b"}]}, ["ba"], ["a", "b", None]),
        ({"or": [{"equalTo": "a"}, {"absent": True}]}, ["a", None], ["b"]),
        ({"not": {"contains": "a"}}, ["", "b"], ["a", None]),
        ({"not": {"absent": True}}, ["", "b"], [None]),
        (
            {"equalToJson": {"a": [1, 2]}},
            ['{"a":[1,2.0]}', '{"a": [1e0, 2]}'],
            ['{"a":[2,1]}', "{"],
        ),
        ({"equalToJson": '{"a": 0.10}'}, ['{"a":0.1}'], ['{"a":0.1000000000000000000001}', None]),
        ({"equalToJson": "null"}, ["null"], ["", "0", "false"]),
        ({"equalToJson": True}, ["true"], ["1", '"true"']),
        ({"equalToJson": 0.1}, ["0.1", "1e-1"], ["0.10000000000000001"]),
        ({"matchesJsonPath": "$.a"}, ['{"a":1}', '{"a":false}'], ['{"a":null}', '{"a":[]}', "a"]),
        ({"matchesJsonPath": "$.a[*]"}, ['{"a":[null]}'], ['{"a":[]}', "{}", None, "<a/>"]),
        ({"matchesJsonPath": "$.a[?@.n > 0.5]"}, ['{"a":[{"n":0.51}]}'], ['{"a":[{"n":0.5}]}']),
        ({"matchesJsonPath": "$.a[?@ == $.b]"}, ['{"a":[{"n":1}],"b":{"n":1.0}}'], ['{"a":[{}]}']),
        ({"matchesJsonPath": "$"}, ["1", "[1]"], ["null", "[]", ""]),
    ],
)
def test_a_matcher_takes_what_it_says(matcher: Any, matching: list[Any], other: list[Any]) -> None:
    assert [text for text in matching if not holds(matcher, text)] == []
    assert [text for text in other if holds(matcher, text)] == []


@pytest.mark.parametrize(
    ("path", "matcher", "body", "holding"),
    [
        ("$.a", {"equalTo": "x"}, '{"a":"x"}', True),
        ("$.a", {"equalTo": "12.50"}, '{"a":12.50}', True),
        ("$.a", {"equalTo": "12.5"}, '{"a":12.50}', False),
        ("$.a", {"equalTo": "true"}, '{"a":true}', True),
        ("$.a", {"equalTo": "y"}, '{"a":["x","y"]}', True),
        ("$..id", {"matches": "c-.*"}, '[{"id":"a"},{"id":"c-1"}]', True),
        ("$.a", {"absent": True}, "{}", True),
        ("$.a", {"absent": True}, '{"a":null}', True),
        ("$.a", {"absent": True}, '{"a":0}', False),
        ("$.a", {"contains": ""}, "{}", False),
        ("$.a", {"contains": ""}, "no JSON", False),
        ("$.a", {"equalToJson": {"b": 1}}, '{"a":{"b":1.0}}', True),
        ("$.a", {"equalToJson": [1, 2]}, '{"a":[1,2]}', True),
        ("$..b", {"equalToJson": [1, 2]}, '[{"b":1},{"b":2}]', True),
        ("$.a", {"equalToJson": "null"}, "{}", False),
        ("$.a", {"matchesJsonPath": "$.b"}, '{"a":{"b":1}}', True),
    ],
)
def test_what_a_path_leads_to_is_matched_as_text(
    path: str, matcher: Any, body: str, holding: bool
) -> None:
    assert holds({"matchesJsonPath": {"expression": path, **matcher}}, body) == holding


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=12,
)
FREE = {"ignoreArrayOrder": True, "ignoreExtraElements": True}


@given(value=values, data=st.data())
def test_json_without_order_is_the_same_however_arrays_are_shuffled(
    value: Any, data: st.DataObject
) -> None:
    def shuffled(each: Any) -> Any:
        if isinstance(each, list):
            return data.draw(st.permutations([shuffled(item) for item in each]))
        if isinstance(each, dict):
            return {key: shuffled(item) for key, item in reversed(each.items())}
        return each

    body = json.dumps(shuffled(value))
    assert holds({"equalToJson": json.dumps(value), "ignoreArrayOrder": True}, body)
    assert holds({"equalToJson": json.dumps(value), **FREE}, body)


@given(value=values, data=st.data())
def test_json_with_more_in_it_is_the_same_only_where_more_is_ignored(
    value: Any, data: st.DataObject
) -> None:
    def grown(each: Any) -> Any:
        if isinstance(each, list):
            return [*map(grown, each), *data.draw(st.lists(values, min_size=1, max_size=2))]
        if isinstance(each, dict):
            return {"more of it": 1, **{key: grown(item) for key, item in each.items()}}
        return each

    body, matcher = json.dumps(grown(value)), {"equalToJson": json.dumps(value)}
    assert holds({**matcher, "ignoreExtraElements": True}, body)
    assert holds({**matcher, **FREE}, body)
    assert holds(matcher, body) == (not isinstance(value, list | dict))


def test_each_expected_item_needs_one_of_its_own() -> None:
    matcher = {"equalToJson": [{}, {"a": 1}, {"b": 2}], **FREE}
    assert holds(matcher, '[{"b":2,"c":3},{"a":1,"b":2},{"a":1}]')
    assert not holds(matcher, '[{"b":2,"c":3},{"a":1,"b":2}]')
    assert not holds(matcher, '[{"a":1},{"a":1},{"a":1}]')
    assert not holds(matcher, '{"a":1}')
    # Both would do with the first and neither with the second.
    assert not holds({"equalToJson": [{"a": 1}, {"b": 1}], **FREE}, '[{"a":1,"b":1,"c":1},{}]')


def test_an_item_gives_way_to_one_that_has_no_other_place() -> None:
    # The first would do with either, and has to leave what it took first to the second.
    assert holds(
        {"equalToJson": [{"a": 1}, {"a": 1, "b": 2}], **FREE}, '[{"a":1,"b":2,"c":3},{"a":1,"d":4}]'
    )


@given(text=st.text(), other=st.text())
def test_distance_is_0_for_the_same_1_for_nothing_alike_and_the_same_both_ways(
    text: str, other: str
) -> None:
    assert apart(text, text) == 0
    assert 0 <= apart(text, other) <= 1
    assert apart(text, other) == apart(other, text)
    assert compile_matcher({"equalTo": text}, "m").distance(None) == 1


def test_only_a_text_that_was_expected_can_be_nearly_right() -> None:
    assert compile_matcher({"equalTo": "abcd"}, "m").distance("abxd") == Decimal("0.25")
    assert compile_matcher({"contains": "abcd"}, "m").distance("abxd") == 1
    assert compile_matcher({"contains": "b"}, "m").distance("abxd") == 0


# Each takes Python's `re` longer than anyone would wait.
@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("(a+)+b", "a" * 200_000),
        ("(a|aa)+$x?b", "a" * 200_000),
        (r"(\w+\s?)*!", "word " * 40_000),
        ("(.*)(.*)(.*)(.*)(.*)[xy]", "a" * 200_000),
        ("[ab]*a[ab]{12}c?", "ab" * 100_000 + "!"),
    ],
)
def test_no_expression_takes_for_ever(expression: str, text: str) -> None:
    assert not fully_matching(expression, "m")(text)


DEEP, WIDE = '{"a":' * 98 + "1" + "}" * 98, json.dumps([{"a": n} for n in range(700)])


@pytest.mark.parametrize(
    ("matcher", "body"),
    [
        ({"matchesJsonPath": "$..*..*..*..*"}, DEEP),
        ({"matchesJsonPath": "$" + "..*" * 300}, DEEP),
        ({"matchesJsonPath": "$..[?count($..*) > 3]"}, WIDE),
        ({"matchesJsonPath": "$..[?$ == $]"}, WIDE),
        ({"equalToJson": [{}] * 700, **FREE}, WIDE),
    ],
)
def test_work_that_multiplies_is_given_up_in_words(matcher: Any, body: str) -> None:
    with pytest.raises(ControlError, match="takes more than 300000 steps|searches too deep"):
        holds(matcher, body)


def test_a_search_that_would_end_python_ends_in_words() -> None:
    path = compile_matcher({"matchesJsonPath": "$" + "[?@" * 90 + "]" * 90}, "m")
    nested = compile_matcher({"equalToJson": "[" * 99 + "]" * 99, **FREE}, "m")

    def far_down(matcher: Matcher, level: int) -> bool:
        return far_down(matcher, level - 1) if level else matcher.test("[" * 99 + "]" * 99)

    for matcher in (path, nested):
        with pytest.raises(ControlError, match="too deep"):
            far_down(matcher, sys.getrecursionlimit() - 250)


@pytest.mark.parametrize("nesting", ["[" * 5_000 + "]" * 5_000, '{"a":' * 101 + "1" + "}" * 101])
def test_a_body_that_is_bottomless_is_no_json(nesting: str) -> None:
    for matcher in ({"matchesJsonPath": "$..a"}, {"equalToJson": "1", **FREE}):
        assert not holds(matcher, nesting)


def test_a_body_as_deep_as_can_be_is_searched_to_the_bottom() -> None:
    body = '{"a":' * 98 + '{"b":1}' + "}" * 98
    assert holds({"matchesJsonPath": "$..b"}, body)
    assert holds({"equalToJson": body, **FREE}, body)


@pytest.mark.parametrize(
    ("matcher", "said"),
    [
        (None, 'm: expected a matcher such as {"equalTo": …}, found null'),
        ({"contain": "a"}, "m: 'contain' is not known here; did you mean 'contains'? allowed: "),
        ({"contains": "a", "matches": "b"}, "m: expected one matcher, found contains, matches; "),
        ({"contains": "a", "caseInsensitive": True}, "m: 'caseInsensitive' is not known here; "),
        ({"equalTo": 5}, "m.equalTo: expected text, found 5"),
        ({"equalTo": "a", "caseInsensitive": 1}, "m.equalTo: caseInsensitive: expected true or"),
        ({"absent": False}, "m.absent: expected true, found false"),
        ({"matches": "a)|(b"}, "m.matches: expected a regular expression, without look-around or "),
        ({"matches": "(?=a)"}, "m.matches: expected a regular expression, "),
        ({"matches": "a{1000}{1000}"}, "m.matches: expected a regular expression, "),
        ({"doesNotMatch": "a" * 1_001}, "m.doesNotMatch: expected at most 1000 characters"),
        ({"and": []}, "m.and: expected a list of matchers, found []"),
        ({"or": [{"equalTo": "a"}, 7]}, "m.or[1]: expected a matcher"),
        ({"equalToJson": "{"}, "m.equalToJson: not JSON: "),
        ({"equalToJson": "[" * 101 + "]" * 101}, "m.equalToJson: not JSON: nested deeper than 100"),
        ({"matchesJsonPath": "a.b"}, "m.matchesJsonPath: expected a JSONPath (RFC 9535), found"),
        ({"matchesJsonPath": "$[?@.a == 1e999]"}, "m.matchesJsonPath: expected a JSONPath"),
        ({"matchesJsonPath": "$[?match(@.a, 'b')]"}, "m.matchesJsonPath: expected a JSONPath"),
        ({"matchesJsonPath": "$" * 1_001}, "m.matchesJsonPath: expected at most 1000 characters"),
        ({"matchesJsonPath": {"equalTo": "a"}}, "m.matchesJsonPath: expected a path, or "),
        ({"matchesJsonPath": {"expression": 1, "equalTo": "a"}}, "m.matchesJsonPath.expression: "),
        ({"matchesJsonPath": {"expression": "$"}}, "m.matchesJsonPath: expected a matcher"),
    ],
)
def test_what_is_refused_says_where_and_what_was_found(matcher: Any, said: str) -> None:
    with pytest.raises(ControlError) as refused:
        holds(matcher, "")
    assert str(refused.value).startswith(said)


def test_a_matcher_within_too_many_others_is_refused() -> None:
    matcher: Any = {"equalTo": "a"}
    for _ in range(11):
        matcher = {"not": matcher}
    with pytest.raises(ControlError, match="nested deeper than 10 matchers"):
        holds(matcher, "a")
    assert holds(matcher["not"], "a")
