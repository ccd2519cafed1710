"""What is right comes out clean under fuzzing too, whatever servers do by themselves."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from importlib import import_module

import pytest
from flask import Flask, Response, request

from metersim.checker.fuzzing import EXAMPLES, Fuzzing
from metersim.checker.run import Run
from metersim.checker.target import Target
from tests.checker.proven import VENDORS
from tests.implementations.serving import served

IMPLEMENTATIONS = {
    vendor: import_module(f"tests.implementations.{vendor}")
    for vendor in ("metronome", "mkio", "monk", "mudbase", "saas")
}
pytestmark = pytest.mark.unmeasured
# Of which a few calls tell as much.
SMALL = ["mudbase", "saas"]


def found(vendor: str, prepare: Callable[[Flask], object], examples: int = 3) -> list[str]:
    """What is found in the right implementation, when it may be written to."""
    right, declared = IMPLEMENTATIONS[vendor], VENDORS[vendor]
    app = right.create()
    prepare(app)
    with served(app) as url, Target(url) as target:
        run = Run(declared, target, [], token=right.TOKEN, given=right.VALUES, allow_writes=True)
        run.prove()
        report = run.fuzz(
            Fuzzing(
                declared,
                target,
                token=right.TOKEN,
                seed=1,
                allow_writes=True,
                examples=examples,
                inputs=run.inputs,
            )
        )
    assert report.stopped == ""
    assert report.calls > 40
    return [f"{each.basis} {each.check}: {each.message}" for each in report.departures]


@pytest.mark.parametrize("vendor", IMPLEMENTATIONS)
def test_nothing_is_found_in_what_is_right(vendor: str) -> None:
    assert found(vendor, lambda app: app, EXAMPLES) == []


def packed(answered: Response) -> Response:
    """Compressed, whatever the caller said that it can read."""
    if content := answered.get_data():
        answered.set_data(gzip.compress(content))
        answered.headers["Content-Encoding"] = "gzip"
    return answered


def dribbled(answered: Response) -> Response:
    """In chunks."""
    content = answered.get_data()
    if content and request.method != "HEAD":
        del answered.headers["Content-Length"]
        answered.response = iter([content[:5], content[5:]])
    return answered


def adorned(answered: Response) -> Response:
    """With what frameworks add."""
    if answered.mimetype == "application/json":
        answered.headers["Content-Type"] = "application/json;charset=UTF-8"
    answered.headers["ETag"] = 'W/"1"'
    answered.headers["X-Powered-By"] = "patience"
    return answered


def answering_any_method() -> Response | None:
    if request.method == "OPTIONS":
        return Response("", 204, {"Allow": "GET, POST, PUT, DELETE"})
    return None if request.method in ("GET", "POST") else Response("Hello.")


def refusing_methods_in_html() -> Response | None:
    return None if request.method in ("GET", "POST") else html(404)


def refusing_by_size_and_type() -> Response | None:
    if len(request.full_path) > 200:
        return html(414)
    typed = request.method != "POST" or request.mimetype == "application/json"
    return None if typed else html(415)


def refusing_odd_urls() -> Response | None:
    path, _, query = request.environ["RAW_URI"].partition("?")
    odd = re.search(r"%[0-7]|;|//", path) or re.search(r"%[01]", query)
    return html(400) if odd else None


def html(status: int) -> Response:
    return Response("<h1>No.</h1>", status, mimetype="text/html")


@pytest.mark.parametrize("vendor", SMALL)
@pytest.mark.parametrize("changed", [packed, dribbled, adorned])
def test_how_a_reply_comes_is_no_finding(
    vendor: str, changed: Callable[[Response], Response]
) -> None:
    assert found(vendor, lambda app: app.after_request(changed)) == []


@pytest.mark.parametrize("vendor", SMALL)
@pytest.mark.parametrize(
    "refused", [answering_any_method, refusing_methods_in_html, refusing_by_size_and_type]
)
def test_what_a_server_does_by_itself_is_no_finding(
    vendor: str, refused: Callable[[], Response | None]
) -> None:
    assert found(vendor, lambda app: app.before_request(refused)) == []


@pytest.mark.parametrize("vendor", SMALL)
def test_how_a_server_refuses_odd_urls_is_a_notice_at_most(vendor: str) -> None:
    findings = found(vendor, lambda app: app.before_request(refusing_odd_urls))
    assert {each.partition(" ")[0] for each in findings} <= {"assumed"}
