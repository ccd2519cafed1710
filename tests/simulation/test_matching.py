"""Request patterns: which requests they match, what they say of others, and which are refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.errors import ControlError
from metersim.simulation.journal import BOUNDS
from metersim.simulation.matching import Mismatch, Pattern
from tests.simulation.exchanges import USAGE, asked, matches, posted, received

URL = "/monk/v1/usage?from=2026-02-01&meter=a&meter=b"


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"method": "GET"},
        {"method": "get"},
        {"method": "ANY"},
        {"url": URL},
        {"urlPattern": r"/monk/.*meter=\w"},
        {"urlPath": "/monk/v1/usage"},
        {"urlPathPattern": "/[a-z]+/v1/usage"},
        {"headers": {"Accept": {"equalTo": "*/*"}}},
        {"headers": {"Authorization": {"contains": "Bearer"}, "x-trace": {"absent": True}}},
        {"queryParameters": {"from": {"matches": r"\d{4}-\d\d-\d\d"}}},
        {"queryParameters": {"meter": {"equalTo": "a"}}},
        {"queryParameters": {"meter": {"equalTo": "b"}, "to": {"absent": True}}},
        {"bodyPatterns": []},
        {"bodyPatterns": [{"absent": True}, {"equalTo": ""}]},
        {"method": "GET", "urlPath": "/monk/v1/usage", "headers": {"accept": {"equalTo": "*/*"}}},
    ],
)
def test_a_request_matches_when_all_that_is_asked_holds(pattern: Any) -> None:
    assert matches(pattern)
    assert Pattern(pattern).mismatches(received(USAGE)) == []
    assert Pattern(pattern).distance(received(USAGE)) == 0


@pytest.mark.parametrize(
    ("pattern", "part", "found"),
    [
        ({"method": "POST"}, "method", "GET"),
        ({"url": "/monk/v1/usage"}, "url", URL),
        ({"urlPattern": "/monk"}, "url", URL),
        ({"urlPath": "/monk/v1"}, "url", "/monk/v1/usage"),
        ({"urlPathPattern": "/v1/usage"}, "url", "/monk/v1/usage"),
        ({"headers": {"Accept": {"absent": True}}}, "headers.Accept", "*/*"),
        ({"headers": {"X-Trace": {"doesNotContain": "a"}}}, "headers.X-Trace", None),
        ({"queryParameters": {"meter": {"equalTo": "c"}}}, "queryParameters.meter", ["a", "b"]),
        ({"queryParameters": {"Meter": {"equalTo": "a"}}}, "queryParameters.Meter", None),
        ({"bodyPatterns": [{"contains": ""}, {"contains": "a"}]}, "bodyPatterns[1]", ""),
    ],
)
def test_a_mismatch_names_the_part_and_what_there_was(pattern: Any, part: str, found: Any) -> None:
    assert not matches(pattern)
    (mismatch,) = Pattern(pattern).mismatches(received(USAGE))
    assert (mismatch.part, mismatch.found) == (part, found)


def test_a_mismatch_says_what_was_expected_as_the_caller_put_it() -> None:
    pattern = Pattern({"headers": {"Accept": {"equalTo": "text/html", "caseInsensitive": True}}})
    expected = {"equalTo": "text/html", "caseInsensitive": True}
    assert pattern.mismatches(received(USAGE)) == [Mismatch("headers.Accept", expected, "*/*")]


def test_a_url_is_the_same_in_every_session() -> None:
    for base in ("http://localhost:8640/monk", "https://elsewhere/s/other/monk"):
        assert matches({"url": URL}, asked(base_url=base))


def test_values_are_compared_as_they_were_meant_and_not_as_they_were_encoded() -> None:
    exchange = asked(query="name=a+b%26c&empty=")
    assert matches({"queryParameters": {"name": {"equalTo": "a b&c"}}}, exchange)
    assert matches({"queryParameters": {"empty": {"equalTo": ""}}}, exchange)
    assert not matches({"queryParameters": {"empty": {"absent": True}}}, exchange)


def test_of_a_body_that_was_cut_nothing_is_said_to_match() -> None:
    whole, cut = posted(b"a" * BOUNDS.body), posted(b"a" * BOUNDS.body + b"b")
    for matcher in ({"doesNotContain": "b"}, {"contains": "a"}, {"not": {"equalTo": "b"}}):
        assert matches({"bodyPatterns": [matcher]}, whole)
        assert not matches({"bodyPatterns": [matcher]}, cut)
    assert not matches({"bodyPatterns": [{"absent": True}]}, cut)
    assert Pattern({"bodyPatterns": [{"contains": "a"}]}).distance(received(cut)) == 1
    assert not matches({"bodyPatterns": [{"absent": True}]}, asked(body=None))


def test_who_asks_for_another_thing_is_further_off_than_who_asks_otherwise() -> None:
    request = received(USAGE)
    url, method, header = {"urlPath": "/x"}, {"method": "PUT"}, {"headers": {"a": {"equalTo": "b"}}}
    right: Any = {"method": "GET", "urlPath": "/monk/v1/usage", "headers": {"a": {"absent": True}}}
    distances = [Pattern(right | wrong).distance(request) for wrong in ({}, header, method, url)]
    assert distances == sorted(set(distances))
    assert distances[0] == 0


def test_who_mistypes_is_nearer_than_who_means_something_else() -> None:
    request = received(USAGE)
    paths = ("/monk/v1/usage", "/monk/v1/usagee", "/monk/v2/usage", "/saas/v1/costs", "/x")
    distances = [Pattern({"urlPath": path}).distance(request) for path in paths]
    assert distances == sorted(distances)
    assert distances[1] == Decimal("0.066667")  # one character of fifteen


patterns = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "POST", "ANY"]),
        "urlPath": st.text(max_size=20) | st.just("/monk/v1/usage"),
        "headers": st.dictionaries(
            st.sampled_from(["accept", "x-a", "x-b"]),
            st.sampled_from([{"equalTo": "*/*"}, {"absent": True}, {"contains": "*"}]),
        ),
        "bodyPatterns": st.lists(st.builds(lambda text: {"equalTo": text}, st.text(max_size=5))),
    },
)


@given(pattern=patterns)
def test_match_mismatches_and_distance_say_the_same(pattern: Any) -> None:
    compiled, request = Pattern(pattern), received(USAGE)
    assert compiled.matches(request) == (compiled.mismatches(request) == [])
    assert compiled.matches(request) == (compiled.distance(request) == 0)
    assert 0 <= compiled.distance(request) <= 1


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ([], "expected a request pattern, found []"),
        ({"metod": "GET"}, "'metod' is not known here; did you mean 'method'? allowed: "),
        ({"method": "GTE"}, "method: found \"GTE\"; did you mean 'GET'? allowed: "),
        ({"method": 1}, "method: found 1; "),
        ({"url": "/a", "urlPath": "/a"}, "expected one of url, urlPattern, urlPath, urlPath"),
        ({"urlPath": None}, "urlPath: expected text, found null"),
        ({"urlPattern": "["}, "urlPattern: expected a regular expression"),
        ({"headers": []}, "headers: expected matchers by name, found []"),
        (
            {"headers": {"a": "b"}},
            'headers.a: expected a matcher such as {"equalTo": …}, found "b"',
        ),
        ({"queryParameters": {"a": {}}}, "queryParameters.a: expected a matcher such as "),
        ({"bodyPatterns": {}}, "bodyPatterns: expected a list of matchers, found {}"),
        ({"bodyPatterns": [{"equalsTo": "a"}]}, "bodyPatterns[0]: 'equalsTo' is not known here; "),
        ({"bodyPatterns": [{"absent": True}] * 101}, "expected at most 100 matchers"),
    ],
)
def test_a_pattern_that_is_none_is_refused_by_the_name_of_what_is_wrong(
    pattern: Any, said: str
) -> None:
    with pytest.raises(ControlError) as refused:
        Pattern(pattern)
    assert str(refused.value).startswith(said)
