"""Every call to a vendor is kept with its answer, and the control plane tells of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from metersim.app import Application
from metersim.cli import main
from metersim.control import ControlPlane
from metersim.errors import ControlError
from metersim.server import Server, set_up
from metersim.simulation.call import Reply, Request, as_bytes
from metersim.simulation.sessions import Sessions
from tests.wire import Answer, Simulated, SimulatorInProcess, simulate

pytestmark = pytest.mark.inside  # asks the control plane as the server does

STRAY = Request("GET", "/mudbas/api/billing", "token=hidden")


def control(sim: Simulated, method: str, path: str, data: Any = None) -> Reply:
    """The control plane's reply as it is, refusals too."""
    assert isinstance(sim, SimulatorInProcess)
    path, _, query = path.partition("?")
    request = Request(
        method,
        f"/s/{sim.name}/__admin/{path}",
        query,
        {"authorization": f"Bearer {sim.setup.admin_token}"},
        b"" if data is None else msgspec.json.encode(data),
    )
    return sim.setup.application.answer(request)[0]


def ask(sim: Simulated, path: str = "/api/billing/usage", **query: str) -> Answer:
    return sim.caller("saas").get(path, query)


def test_every_reply_of_a_vendors_door_names_its_entry() -> None:
    sim = simulate()
    saas = sim.caller("saas")
    replies = [
        ask(sim),
        ask(sim, "/nowhere"),
        saas.send("PUT", "/api/billing/usage"),
        saas.with_token(None).get("/api/billing/usage"),
        sim.send(STRAY),
        sim.send(Request("GET", "/nobody")),
    ]
    assert [reply.status for reply in replies] == [200, 404, 405, 401, 404, 404]
    for reply in replies:
        event = control(sim, "GET", f"requests/{reply.headers['x-metersim-request-id']}").body
        assert event["response"]["status"] == reply.status
        assert event["response"]["body"] == reply.text
    vendors = [each["metersim"]["vendor"] for each in sim.journal.requests()]
    assert vendors == ["saas", "saas", "saas", "saas", None, None]


def test_a_call_to_no_vendor_is_kept_with_its_whole_address() -> None:
    sim = simulate()
    sim.send(STRAY)
    (request,) = sim.journal.unmatched()
    assert request["url"] == "/mudbas/api/billing?token=[redacted]"
    assert request["absoluteUrl"] == f"{sim.url}/mudbas/api/billing?token=[redacted]"
    misses = control(sim, "GET", "requests/unmatched/near-misses").body["nearMisses"]
    assert misses[0]["request"] == request
    assert 0 < misses[0]["matchResult"]["distance"] < 1


def test_the_control_plane_and_the_front_page_are_not_kept() -> None:
    sim = simulate()
    sim.clock.advance(days=1)
    sim.send(Request("GET", "/"))
    assert sim.journal.requests() == []


def test_sessions_know_nothing_of_each_others_calls() -> None:
    sim, other = simulate(), simulate()
    ask(sim)
    assert (sim.journal.count(), other.journal.count()) == (1, 0)


def test_the_same_calls_make_the_same_journal_byte_for_byte() -> None:
    sim, journals = simulate(), []
    for _ in range(2):
        ask(sim)
        sim.clock.advance(days=1)
        ask(sim, "/nowhere")
        sim.send(STRAY)
        journals.append(as_bytes(control(sim, "GET", "requests")))
        sim.reset()
    assert journals[0] == journals[1]


def test_the_newest_come_first_as_many_and_from_when_on_as_asked() -> None:
    sim = simulate()
    ask(sim)
    sim.clock.advance(days=1)
    ask(sim, "/nowhere")
    ask(sim)

    def numbers(query: str) -> list[int]:
        listed = control(sim, "GET", f"requests?{query}").body
        return [event["metersim"]["number"] for event in listed["requests"]]

    assert numbers("") == [3, 2, 1]
    assert numbers("limit=2") == [3, 2]
    assert numbers("limit=0") == []
    assert numbers("unmatched=true") == [2]
    assert numbers(f"since={sim.clock.now:%Y-%m-%dT%H:%M:%SZ}") == [3, 2]
    assert numbers("since=2030-01-01") == []


def test_what_matches_a_pattern_is_found_counted_and_removed() -> None:
    sim = simulate()
    for period in ("day", "week"):
        ask(sim, period=period)
    ask(sim, "/nowhere")
    weeks = {
        "urlPath": "/saas/api/billing/usage",
        "queryParameters": {"period": {"equalTo": "week"}},
    }
    (request,) = sim.journal.find(**weeks)
    assert request["url"].endswith("period=week")
    (event,) = sim.journal.requests(**weeks)
    assert event["request"] == request
    assert (sim.journal.count(**weeks), sim.journal.count(), sim.journal.count(method="PUT")) == (
        *(1, 3, 0),
    )
    removed = sim.control("POST", "requests/remove", weeks)
    assert [each["id"] for each in removed["serveEvents"]] == [event["id"]]
    assert (sim.journal.count(**weeks), sim.journal.count(), sim.journal.dropped) == (0, 2, 0)


def test_what_nearly_matches_says_which_part_differs() -> None:
    sim = simulate()
    ask(sim)
    (miss,) = sim.journal.near_misses(method="GET", urlPath="/saas/api/billing/usages")
    (mismatch,) = miss["metersim"]["mismatches"]
    assert (mismatch["part"], mismatch["found"]) == ("url", "/saas/api/billing/usage")


@pytest.mark.parametrize("clear", [("DELETE", "requests"), ("POST", "requests/reset")])
def test_what_was_asked_is_forgotten_on_request_and_by_a_reset(clear: tuple[str, str]) -> None:
    sim = simulate()
    ask(sim)
    assert control(sim, *clear).body == {}
    assert sim.journal.count() == 0
    ask(sim)
    sim.reset()
    assert sim.journal.count() == 0
    ask(sim)
    sim.journal.clear()
    assert sim.journal.count() == 0


def test_one_call_is_told_and_forgotten_by_its_id() -> None:
    sim = simulate()
    call_id = ask(sim).headers["x-metersim-request-id"]
    assert control(sim, "DELETE", f"requests/{call_id}").body == {}
    for method in ("GET", "DELETE"):
        reply = control(sim, method, f"requests/{call_id}")
        assert (reply.status, reply.body["error"]) == (
            404,
            f"no request {call_id!r} is kept, and 0 were dropped",
        )


@pytest.mark.parametrize(
    ("method", "path", "data", "message"),
    [
        ("POST", "requests/count", {"urlPth": "/x"}, "did you mean 'urlPath'?"),
        ("POST", "requests/find", [], "body: expected object, found []"),
        ("POST", "requests/wait", {}, "body.pattern: is required"),
        ("POST", "requests/wait", {"pattern": {}, "count": 0}, "expected at least 1, found 0"),
        (
            *("POST", "requests/wait", {"pattern": {}, "timeoutMilliseconds": 60_001}),
            "expected at most 60000, found 60001",
        ),
        ("POST", "requests/wait", {"pattern": {"methd": "GET"}}, "did you mean 'method'?"),
        ("GET", "requests?limit=-1", None, "query.limit: expected at least 0, found -1"),
        ("GET", "requests?limt=1", None, "did you mean 'limit'?"),
        ("GET", "requests?since=noon", None, "which is no instant such as"),
        ("GET", "requests/export?format=harr", None, "did you mean 'har'?"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(
    method: str, path: str, data: Any, message: str
) -> None:
    reply = control(simulate(), method, path, data)
    assert (reply.status, message in reply.body["error"]) == (400, True), reply.body


def test_the_journal_is_exported_for_other_tools_and_to_be_made_again() -> None:
    sim = simulate()
    ask(sim)
    assert len(control(sim, "GET", "requests/export").body["log"]["entries"]) == 1
    curl, test = (
        control(sim, "GET", f"requests/export?format={each}") for each in ("curl", "pytest")
    )
    assert (curl.media_type, curl.body[:9]) == ("text/x-shellscript", "#!/bin/sh")
    assert test.media_type == "text/x-python"
    compile(test.body, "exported", "exec")
    for script in (curl.body, test.body):
        assert "/saas/api/billing/usage" in script


def test_who_waits_is_answered_by_the_call_that_another_makes() -> None:
    sim = simulate()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(sim.journal.wait, 2, milliseconds=60_000, method="GET")
        ask(sim)
        ask(sim)
        assert len(waiting.result()) == 2
    assert len(sim.journal.wait(2, milliseconds=0)) == 2


def test_who_waits_in_vain_is_told_what_came_near() -> None:
    sim = simulate()
    ask(sim)
    with pytest.raises(ControlError, match="expected 1 requests that match, found 0") as refused:
        sim.journal.wait(milliseconds=1, method="PUT")
    assert "GET /saas/api/billing/usage came near: method was 'GET'" in str(refused.value)


def test_a_stream_needs_a_connection() -> None:
    reply = control(simulate(), "GET", "requests/stream")
    assert (reply.status, "needs a connection" in reply.body["error"]) == (406, True)


def test_a_journal_keeps_no_more_than_it_is_told_and_says_what_it_dropped() -> None:
    sim = SimulatorInProcess(set_up("docs-saas", journal_entries=2), "any")
    for _ in range(3):
        ask(sim)
    assert (sim.journal.count(), sim.journal.dropped) == (2, 1)
    for kind in ("har", "curl", "pytest"):
        exported = control(sim, "GET", f"requests/export?format={kind}")
        assert "1 calls" in as_bytes(exported).decode()


def test_a_journal_that_is_off_keeps_nothing_and_says_so() -> None:
    sim = SimulatorInProcess(set_up("docs-saas", journal=False), "any")
    assert ask(sim).headers["x-metersim-request-id"]
    sim.send(STRAY)
    listed = sim.control("GET", "requests")
    assert (listed["requests"], listed["requestJournalDisabled"]) == ([], True)
    with pytest.raises(ControlError, match="nothing can be waited for"):
        sim.journal.wait()


def test_an_unknown_door_opens_no_session_beyond_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("metersim.simulation.sessions.MOST_SESSIONS", 0)
    setup = set_up("docs-saas")
    sessions = Sessions(setup.opening)
    plane = ControlPlane(sessions, setup.vendors, "admin")
    reply, call_id = Application(setup.vendors, sessions, plane).answer(Request("GET", "/nobody"))
    assert (reply.status, call_id) == (503, "")


@pytest.mark.parametrize(
    ("options", "kept", "disabled"),
    [
        ([], 3, False),
        (["--max-request-journal-entries", "2"], 2, False),
        (["--no-request-journal"], 0, True),
    ],
)
def test_serve_is_told_how_much_to_keep_in_the_words_of_others(
    monkeypatch: pytest.MonkeyPatch, options: list[str], kept: int, disabled: bool
) -> None:
    served: list[Server] = []

    def serve(self: Server) -> None:
        served.append(self)
        self.close()

    monkeypatch.setattr(Server, "serve_until_stopped", serve)
    arguments = ["serve", "--port", "0", "--scenario", "docs-saas", "--admin-token", "a", *options]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    application = served[0]._application
    for _ in range(3):
        application.answer(Request("GET", "/saas/api/billing/usage"))
    listing = Request("GET", "/__admin/requests", "", {"authorization": "Bearer a"})
    answer = application.answer(listing)[0].body
    assert (answer["meta"]["total"], answer["requestJournalDisabled"]) == (kept, disabled)
