"""``compare --set-b``: the same thing has an id here, another there, and is alike all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response, request

from metersim.checker.differing import Unlike
from metersim.checker.naming import Naming
from metersim.cli import main
from metersim.contract.exchange import Asked
from tests.checker.proven import VENDORS
from tests.implementations import mkio
from tests.implementations.serving import served

KEYS = ("project", "other_project", "payment_method", "other_payment_method")
# One name here begins with another: the longer goes first.
SANDBOX = {
    "other_project": "on air",
    "project": "sand box/1",
    "payment_method": "pm-of-the-sandbox",
}


def called_otherwise(inner: Flask, names: Mapping[str, str]) -> Flask:
    """The same, where what is one thing there is another here: it knows no name of there."""
    app, client = Flask(__name__), inner.test_client()

    def renamed(text: str, back: bool) -> str:
        for there, here in names.items():
            for one, other in ((there, here), (quote(there, safe=""), quote(here, safe=""))):
                text = text.replace(other, one) if back else text.replace(one, other)
        return text

    @app.before_request
    def pass_on() -> Response:
        target = str(request.environ["RAW_URI"])
        sent = request.get_data().decode()
        assert not any(name in target + sent for name in names)
        reply = client.open(
            renamed(target, back=True),
            method=request.method,
            data=renamed(sent, back=True),
            headers=dict(request.headers),
        )
        text = renamed(reply.get_data(as_text=True), back=False)
        headers = {key: each for key, each in reply.headers.items() if key != "Content-Length"}
        return Response(text, reply.status_code, headers)

    return app


@pytest.fixture(scope="module")
def right() -> Iterator[str]:
    with served(mkio.create()) as url:
        yield url


def compare(here: str, there: str, *words: str) -> Result:
    given = [word for pair in mkio.VALUES.items() for word in ("--set", "=".join(pair))]
    command = ["compare", "mkio", "--url", here, "--url", there, "--token", mkio.TOKEN, *given]
    rules = [word for rule in ("MKIO-03", "MKIO-04", "MKIO-12") for word in ("--rules", rule)]
    return CliRunner().invoke(main, [*command, *rules, "--json", *words], catch_exceptions=False)


def names_b() -> list[str]:
    return [word for pair in SANDBOX.items() for word in ("--set-b", "=".join(pair))]


def test_each_is_asked_by_names_of_its_own_which_make_no_difference(right: str) -> None:
    names = {mkio.VALUES[key]: there for key, there in SANDBOX.items()}
    with served(called_otherwise(mkio.create(), names)) as there:
        result = compare(right, there, *names_b())
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert sum(operation["alike"] for operation in told["operations"]) > 5


def test_another_name_than_the_one_that_was_told_is_a_difference(right: str) -> None:
    names = {mkio.VALUES[key]: there for key, there in SANDBOX.items()}
    with served(called_otherwise(mkio.create(), names)) as there:
        words = [word.replace("pm-of", "pm-not-of") for word in names_b()]
        result = compare(right, there, *words)
    assert result.exit_code == 1
    assert "pm-of-the-sandbox" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set-b", "projct=x"), "--set-b: MediaKind MK.IO has no value that is called 'projct'"),
        (("--set-b", "project"), "--set-b: expected KEY=VALUE"),
        (("--set-b", "token_without_scope=hunter22"), "--set-b token_without_scope: what is it at"),
        (("--set-b", "since=2025-05-02"), "--set-b since: both are asked about the same span"),
    ],
)
def test_a_name_that_makes_no_sense_is_told(right: str, words: list[str], said: str) -> None:
    result = compare(right, right, *words)
    assert result.exit_code == 2
    assert said in result.output
    assert "hunter22" not in result.output


CALLS = VENDORS["mkio"].contract.operations


@pytest.mark.parametrize(
    ("target", "there"),
    [
        ("/api/v1/projects/a%20b/usage?name=a+b", "/api/v1/projects/c%2Fd/usage?name=c%2Fd"),
        (
            "/api/v1/projects/b/usage?x=b-1&y=ab&b=b",
            "/api/v1/projects/a%20b/usage?x=b-1&y=ab&b=a%20b",
        ),
        ("/api/v1/projects/bc/usage", "/api/v1/projects/bc/usage"),
        ("/api/v1/projects/usage/usage", "/api/v1/projects/consumption/usage"),
        ("/api/v1/projects/usage?x=usage", "/api/v1/projects/usage?x=consumption"),
        ("/api/v1/projects/x/usage?ids=b,ab%2Cb", "/api/v1/projects/x/usage?ids=a%20b,ab%2Ca%20b"),
        ("/api/v1/projects/x/usage?at=b:usage", "/api/v1/projects/x/usage?at=b:usage"),
    ],
)
def test_names_are_parameters_and_whole_values_and_are_all_put_at_once(
    target: str, there: str
) -> None:
    naming = Naming({"a b": "c/d", "b": "a b", "usage": "consumption"})
    assert naming.asked(Asked("GET", target), CALLS["getProjectUsage"]).target == there


def test_a_name_that_looks_like_a_number_leaves_numbers_alone() -> None:
    headers = {"content-length": "42", "authorization": "Bearer 42"}
    asked = Asked("GET", "/?$top=42&%24top=42&id=42", headers, b'{"n":42,"id":"42","42":4.20}')
    there = Naming({"42": "7"}).asked(asked, CALLS["listPaymentMethods"])
    assert there.target == "/?$top=42&%24top=42&id=7"
    assert there.content == b'{"n":42,"id":"7","42":4.20}'
    assert there.headers == {"content-length": "42", "authorization": "Bearer 7"}


def test_names_are_whole_texts_of_bodies_and_all_else_is_as_it_was_spelt() -> None:
    naming = Naming()
    naming.name("Ada-1", 'O"Hara')
    content = b'{"id": "Ada-1", "ids":["ada-1", "no Ada-1", "\\"Ada-1", "\\x"], "Ada-1":1.0'
    asked = naming.asked(Asked("POST", "/", {"x-id": "Ada-1"}, content))
    assert asked.content == content.replace(b': "Ada-1"', b': "O\\"Hara"').replace(
        b'"ada-1"', b'"o\\"hara"'
    )
    assert asked.headers == {"x-id": "Ada-1"}
    assert naming.asked(Asked("POST", "/", {}, b"\xff")).content == b"\xff"


@pytest.mark.parametrize(
    ("unlike", "alike"),
    [
        (Unlike("/id", '"ada"', '"bob"'), True),
        (Unlike("/id", '"ada"', '"eve"'), False),
        (Unlike("/id", '"adas"', '"bobs"'), False),
        (Unlike("/message", '"no ada here"', '"no bob here"'), True),
        (Unlike("/rows", '{"ada":[7,"ada"]}', '{"bob":[7,"bob"]}'), True),
        (Unlike("/limit", "7", "9"), False),
        (Unlike("/at", '"7"', '"9"'), True),
        (Unlike("body", "name,n\nada,1", "name,n\nbob,1"), True),
        (Unlike("body", "name,n\nada,1", "name,n\nbob,2"), False),
    ],
)
def test_what_differs_by_a_name_alone_is_alike(unlike: Unlike, alike: bool) -> None:
    assert Naming({"ada": "bob", "7": "9"}).alike(unlike) is alike
