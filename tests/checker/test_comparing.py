"""``metersim compare``: what is alike is called alike, and what differs is named where it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response, request

from metersim import Simulator
from metersim.checker.comparing import Comparing
from metersim.checker.differing import Unlike, unlike
from metersim.checker.proving import Prover
from metersim.checker.target import Target
from metersim.cli import main
from metersim.contract.exchange import Asked, Exchange
from metersim.contract.proof import Proof, Proofs
from metersim.contract.trial import Trial
from tests.checker.hostile import hostile, reply
from tests.checker.proven import VENDORS
from tests.implementations import saas
from tests.implementations.serving import served

VALUES = [word for pair in saas.VALUES.items() for word in ("--set", "=".join(pair))]


@pytest.fixture(scope="module")
def right() -> Iterator[str]:
    with served(saas.create()) as url:
        yield url


def compare(here: str, there: str, *words: str, vendor: str = "saas") -> Result:
    command = ["compare", vendor, "--url", here, "--url", there, *words]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def compare_saas(here: str, there: str, *words: str) -> Result:
    return compare(here, there, "--token", saas.TOKEN, *VALUES, *words)


def differences(result: Result) -> dict[tuple[str, str], Any]:
    return {
        (operation["operation"], each["pointer"]): each
        for operation in json.loads(result.output)["operations"]
        for each in operation["differences"]
    }


def test_an_implementation_is_like_itself(right: str) -> None:
    result = compare_saas(right, right)
    assert result.exit_code == 0, result.output
    assert "getUsage: " in result.output
    assert "answered alike" in result.output


@pytest.mark.parametrize(
    ("vendor", "rules"),
    [("mkio", "MKIO-0[234]"), ("saas", "SAAS-0[39]"), ("metronome", "METRONOME-0[1-4]")],
)
def test_two_sessions_are_alike_and_another_seed_is_not(vendor: str, rules: str) -> None:
    with Simulator() as sim, Simulator(seed=5) as other:
        here = getattr(sim, vendor)
        words = ("--token", here.token, "--rules", rules, "--json")
        session, there = getattr(sim.session(), vendor), getattr(other, vendor)
        like = compare(here.url, session.url, *words, vendor=vendor)
        unlike_it = compare(here.url, there.url, *words, vendor=vendor)
    assert like.exit_code == 0, like.output
    assert differences(like) == {}
    assert unlike_it.exit_code == 1
    assert differences(unlike_it)


@pytest.mark.parametrize(
    ("defect", "pointer", "a", "b"),
    [
        ("storage in MB", "/data/metrics/storage/unit", '"GB"', '"MB"'),
        ("currency in upper case", "/data/estimatedCost/currency", '"usd"', '"USD"'),
        ("an error beside data", "/error", "nothing", "null"),
        ("another body for 401", "/error/message", '"Authentication', '"Who are you?"'),
        ("an empty span passes", "status", "400 {", "200 {"),
    ],
)
def test_a_defect_is_told_once_and_where_it_is(
    right: str, defect: str, pointer: str, a: str, b: str
) -> None:
    with served(saas.create(defect)) as wrong:
        result = compare_saas(right, wrong, "--json")
    assert result.exit_code == 1
    assert [*differences(result)] == [("getUsage", pointer)]
    [found] = differences(result).values()
    assert found["a"].startswith(a)
    assert found["b"].startswith(b)
    assert right in found["curl_a"]
    assert wrong in found["curl_b"]
    [operation] = json.loads(result.output)["operations"]
    assert operation["alike"] + found["calls"] == operation["calls"]


def test_the_text_names_place_values_and_both_calls(right: str) -> None:
    with served(saas.create("storage in MB")) as wrong:
        told = compare_saas(right, wrong).output
    assert "getUsage  /data/metrics/storage/unit" in told
    assert '  A  "GB"\n  B  "MB"\n' in told
    assert told.count("curl --globoff") == 2


def unsteady() -> Flask:
    """One that is right, save that it numbers its replies."""
    app, replies = saas.create(), iter(range(10_000))

    @app.after_request
    def number(response: Response) -> Response:
        body = json.loads(response.data)
        response.data = json.dumps({**body, "number": next(replies)}).encode()
        return response

    return app


def test_what_the_first_answers_now_so_now_otherwise_is_set_aside() -> None:
    with served(unsteady()) as here, served(unsteady()) as there:
        result = compare_saas(here, there, "--json")
    assert result.exit_code == 0, result.output
    [operation] = json.loads(result.output)["operations"]
    assert operation["set_aside"] == ["/number"]
    assert operation["alike"] == operation["calls"]


def test_calls_that_the_first_answers_by_two_statuses_are_not_compared() -> None:
    app, asked = saas.create(), set()

    @app.before_request
    def once_only() -> Response | None:
        known = request.query_string in asked
        wanted = known and request.args.get("metrics", "").startswith("api_calls")
        asked.add(request.query_string)
        return Response("no", 503) if wanted else None

    with served(app) as here, served(saas.create("storage in MB")) as there:
        result = compare_saas(here, there, "--rules", "SAAS-0[1379]", "--json")
    [operation] = json.loads(result.output)["operations"]
    [difference] = operation["differences"]
    assert operation["unsteady"] > 0
    compared = operation["calls"] - operation["unsteady"]
    assert compared == operation["alike"] + difference["calls"]


def test_nothing_is_written_at_either() -> None:
    with Simulator() as sim, Simulator() as other:
        words = ("--token", sim.mkio.token, "--rules", "MKIO-04", "--rules", "MKIO-2[1-9]")
        result = compare(sim.mkio.url, other.mkio.url, *words, vendor="mkio")
        assert result.exit_code == 0, result.output
        assert [each.changes()["changes"] for each in (sim, other)] == [[], []]
        assert sim.changes()["calls"] > 0


def paging(cursor: str) -> Flask:
    """Two pages, the second for who brings the cursor."""
    app = Flask(__name__)

    @app.get("/api/billing/usage")
    def usage() -> tuple[dict[str, str], int]:
        if not request.args:
            return {"next_page": cursor}, 200
        right = request.args["next_page"] == cursor
        return {"page": "second"}, 200 if right else 400

    return app


@pytest.mark.parametrize(("volatile", "alike"), [({"next_page"}, True), (set(), False)])
def test_each_is_asked_with_the_cursors_of_its_own(volatile: set[str], alike: bool) -> None:
    def both_pages(trial: Trial) -> None:
        cursor = trial.call("getUsage").json["next_page"]
        trial.call("getUsage", query={"next_page": cursor})

    vendor = VENDORS["saas"]
    rule = vendor.rules[0]
    by_rule = {rule.id: Proof(rule.id, both_pages, calls=2)}
    proofs = Proofs(by_rule, {}, lambda trial: {}, volatile=frozenset(volatile))
    with (
        served(paging("a/1=")) as a,
        served(paging("b&2?")) as b,
        Target(a) as here,
        Target(b) as there,
    ):
        prover = Prover(vendor.contract, proofs, here, values={}, token=None, seed=1)
        found = Comparing(prover, [rule], there).compare()["getUsage"]
    assert (found.calls, found.set_aside) == (2, {"/next_page"} if alike else set())
    assert bool(found.differences) is not alike


def test_each_is_asked_with_its_own_token_and_tells_neither(right: str) -> None:
    app = saas.create()

    @app.after_request
    def echo(response: Response) -> Response:
        given = request.environ.get("HTTP_AUTHORIZATION")
        response.data = json.dumps({**json.loads(response.data), "echo": given}).encode()
        return response

    @app.before_request
    def another_token() -> None:
        given = request.environ.get("HTTP_AUTHORIZATION", "")
        assert saas.TOKEN not in given
        request.environ["HTTP_AUTHORIZATION"] = given.replace("key-of-the-sandbox", saas.TOKEN)

    with served(app) as there:
        result = compare_saas(right, there, "--token-b", "key-of-the-sandbox", "--json")
    assert [*differences(result)] == [("getUsage", "/echo")]
    assert saas.TOKEN not in result.output
    assert "key-of-the-sandbox" not in result.output
    assert "$METERSIM_TOKEN_B" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "expected --url A --url B, found 1"),
        (("--url", "ftp://x"), "--url: expected a URL such as"),
        (("--url", "http://127.0.0.1:9"), "does not answer"),
        (("--url", "http://127.0.0.1:9", "--rules", "NO-1"), "no rule matches 'NO-1'"),
        (("--url", "http://127.0.0.1:9", "--max-calls", "3"), "--max-calls: 3 are not enough"),
    ],
)
def test_who_cannot_compare_says_why(right: str, words: tuple[str, ...], message: str) -> None:
    command = ["compare", "saas", "--token", saas.TOKEN, *VALUES, "--url", right, *words]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 2
    assert message in result.output


def test_to_be_refused_alike_by_both_is_not_to_be_alike(right: str) -> None:
    result = compare(right, right, "--token", "of-nobody", *VALUES)
    assert result.exit_code == 2
    assert "with a success: there is nothing to compare" in result.output


def test_silence_at_the_first_is_no_difference(right: str) -> None:
    result = compare_saas("http://127.0.0.1:9", right)
    assert result.exit_code == 2
    assert "http://127.0.0.1:9 does not answer" in result.output


def test_a_reply_of_another_kind_is_a_difference_and_no_accident(right: str) -> None:
    with hostile(reply("200 OK", b"{" * 5_000, "Content-Type: application/json")) as there:
        result = compare_saas(right, there, "--rules", "SAAS-09", "--json")
    # Where the one refuses, statuses differ besides.
    assert {*differences(result)} == {("getUsage", "body"), ("getUsage", "status")}


def exchanged(content: str, status: int = 200, kind: str = "application/json") -> Exchange:
    return Exchange(Asked("GET", "/"), status, {"content-type": kind}, content.encode())


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'),
        ("1.0", "1"),
        ('[1,  "x"]', '[1,"x"]'),
        ("", ""),
    ],
)
def test_spelling_and_order_of_keys_make_no_difference(here: str, there: str) -> None:
    assert list(unlike(exchanged(here), exchanged(there))) == []


@pytest.mark.parametrize(
    ("here", "there", "pointers"),
    [
        ('{"a": 1}', '{"a": 1.0000000000000000000000001}', ["/a"]),
        ('{"a": 1}', '{"a": true}', ["/a"]),
        ('{"a": 0}', '{"a": false}', ["/a"]),
        ('{"a": 1}', '{"a": "1"}', ["/a"]),
        ('{"a": null}', "{}", ["/a"]),
        ('{"a/b~c": 1}', '{"a/b~c": 2}', ["/a~1b~0c"]),
        ("[1, 2, 3]", "[2, 3]", ["body"]),
        ('{"a": [1, 2, 3]}', '{"a": [3, 2, 1]}', ["/a/0", "/a/2"]),
        ('{"a": []}', '{"a": {}}', ["/a"]),
        ("1", "2", ["body"]),
        ("{}", "", ["body"]),
    ],
)
def test_what_differs_is_found_at_its_place(here: str, there: str, pointers: list[str]) -> None:
    found = list(unlike(exchanged(here), exchanged(there)))
    assert [each.pointer for each in found] == pointers


def test_status_and_media_type_go_before_bodies() -> None:
    text = exchanged("{}", kind="text/plain")
    assert list(unlike(exchanged("{}"), text)) == [
        Unlike("media type", "application/json", "text/plain")
    ]
    refused = exchanged('{"no": 1}', 404)
    assert list(unlike(exchanged("{}"), refused)) == [Unlike("status", "200 {}", '404 {"no": 1}')]
