"""Usage that grows while it is looked at breaks no rule, and hides none that is broken."""

from __future__ import annotations

from itertools import cycle

import pytest
from flask import Flask, Response, request

from metersim.checker.differing import figures
from metersim.checker.pace import Pace
from metersim.checker.verdict import Report, Standing, Verdict
from metersim.contract.exchange import Asked, Exchange
from metersim.exact_json import decode, encode
from metersim.simulator import Simulator
from tests.checker.machine import Machine
from tests.checker.proven import proven
from tests.checker.test_simulator import VALUES
from tests.implementations import saas
from tests.implementations.serving import served

# The simulator's clock stands within it, and moves with every call.
OPEN = {"since": "2026-02-20", "until": "2026-04-01"}


def at_a_growing_simulator(vendor: str) -> Report:
    """Before each call some minutes pass, in which usage was recorded."""
    given = {**VALUES.get(vendor, {}).get("default", {}), **OPEN}
    with Simulator() as sim:
        handle, machine = getattr(sim, vendor), Machine()

        def pause(seconds: float) -> None:
            machine.pause(seconds)
            sim.clock.advance(minutes=10)

        pace = Pace(interval=1, now=machine.now, pause=pause)
        return proven(vendor, handle.url, handle.token, given, pace=pace, allow_writes=False)


@pytest.mark.parametrize("vendor", ["metronome", "mkio", "monk", "saas"])
def test_usage_that_grows_breaks_no_rule(vendor: str) -> None:
    report = at_a_growing_simulator(vendor)
    broken = [
        (each.rule.id, each.expected, each.found)
        for each in report.verdicts
        if each.standing is Standing.BROKEN
    ]
    assert broken == [], "\n".join(map(str, broken))
    grew = [each for each in report.verdicts if "usage that stands still" in each.reason]
    assert all("of a span that is over" in each.reason for each in grew)


def growing(calls: int, defect: str | None = None) -> Flask:
    """Counts one more seat at each of its first calls, which are so many."""
    app, seen = saas.create(defect), 0

    @app.after_request
    def grow(reply: Response) -> Response:
        nonlocal seen
        if reply.status_code == 200 and not request.args.get("metrics"):
            seen = min(seen + 1, calls)
            body = decode(reply.get_data())
            body["data"]["metrics"]["seats"]["used"] += seen
            reply.set_data(encode(body))
        return reply

    return app


def verdict_on(app: Flask, rule: str) -> Verdict:
    with served(app) as url:
        [verdict] = proven("saas", url, saas.TOKEN, saas.VALUES, [rule]).verdicts
    return verdict


@pytest.mark.parametrize("rule", ["SAAS-03", "SAAS-04"])
def test_what_grew_once_is_looked_at_again(rule: str) -> None:
    assert verdict_on(growing(calls=3), rule).standing is Standing.HOLDS


def test_what_grows_at_every_call_is_said_to() -> None:
    verdict = verdict_on(growing(calls=9_999), "SAAS-03")
    assert verdict.standing is Standing.NOT_APPLICABLE
    assert "it changed while it was looked at, --set since=… until=… of a span" in verdict.reason


def test_where_nothing_moves_what_is_broken_is_told_at_once() -> None:
    steady = verdict_on(saas.create("the second between two spans counts twice"), "SAAS-18")
    assert steady.standing is Standing.BROKEN
    assert len(steady.exchanges) > 1


def test_what_wavers_has_not_grown() -> None:
    right = saas.create()
    wrong = saas.create("levels are summed").test_client()
    turns = cycle([True, False])

    @right.before_request
    def every_other_call_is_answered_wrongly() -> Response | None:
        if not next(turns):
            return None
        reply = wrong.get(request.full_path, headers=dict(request.headers))
        return Response(reply.data, reply.status_code, reply.headers)

    assert verdict_on(right, "SAAS-15").standing is Standing.BROKEN


def test_another_order_is_no_growth_and_another_number_is() -> None:
    def reply(text: str) -> Exchange:
        return Exchange(Asked("GET", "/"), 200, {}, text.encode())

    one = reply('{"value": [{"quantity": 1.50, "at": "noon"}, {"quantity": 2}], "end": "12:00"}')
    same = reply('{"end": "12:01", "value": [{"quantity": 2}, {"quantity": 1.5, "at": "one"}]}')
    more = reply('{"value": [{"quantity": 1.51}, {"quantity": 2}]}')
    assert figures(one) == figures(same)
    assert figures(one) != figures(more)
    assert figures(reply("a,b\n1,2")) != figures(reply("a,b\n1,3"))
