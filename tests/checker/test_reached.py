"""A target is reached however its URL is written, and refusals alone prove nothing."""

from __future__ import annotations

import httpx
import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from metersim.checker.target import Target
from metersim.checker.verdict import Standing
from metersim.contract.exchange import Asked
from tests.checker.hostile import hostile, reply
from tests.checker.proven import proven
from tests.implementations import saas
from tests.implementations.serving import served


@pytest.mark.parametrize("path", ["/", "/billing/api", "/billing/api/"])
def test_a_prefix_and_a_slash_at_the_end_make_no_difference(path: str) -> None:
    app, prefix = saas.create(), path.rstrip("/")
    app.wsgi_app = DispatcherMiddleware(Flask("none"), {prefix: app.wsgi_app})  # type: ignore[method-assign]
    with served(app) as url:
        report = proven("saas", url + path, saas.TOKEN, saas.VALUES, ["SAAS-0[19]"])
    assert [each.standing for each in report.verdicts] == [Standing.HOLDS] * 2


@pytest.mark.parametrize("url", ["http://[::1]:8640/x", "http://[::1]:8640/x/"])
def test_an_address_of_ipv6_is_reached(url: str) -> None:
    transport = httpx.MockTransport(lambda asked: httpx.Response(200, text=str(asked.url)))
    with Target(url, transport=transport) as target:
        reply = target.send(Asked("GET", "/api?a=1"))
    assert reply.text == "http://[::1]:8640/x/api?a=1"


@pytest.mark.parametrize("vendor", ["metronome", "mkio", "monk", "saas"])
def test_who_is_refused_throughout_has_proven_nothing(vendor: str) -> None:
    refusal = reply("418 No Coffee", b'{"message": "no"}', "Content-Type: application/json")
    with hostile(refusal) as url:
        report = proven(vendor, url, "of-nobody", {}, allow_writes=False)
    assert [each.rule.id for each in report.verdicts if each.standing is Standing.HOLDS] == []
