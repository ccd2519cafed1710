"""A server on a real socket, driven by real clients."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from metersim import Simulator
from metersim.app import MAX_BODY_BYTES
from metersim.errors import ControlError

USAGE = {
    "window_size": "day",
    "starting_on": "2021-01-01T00:00:00Z",
    "ending_before": "2021-01-03T00:00:00Z",
}


def test_sessions_are_addressed_by_base_url_alone() -> None:
    with Simulator("docs-metronome") as sim:
        other = sim.session("other")
        headers = {"Authorization": f"Bearer {other.metronome.token}"}
        assert other.metronome.url == f"{sim.url}/s/other/metronome"
        reply = httpx.post(f"{other.metronome.url}/v1/usage", json=USAGE, headers=headers)
        assert [row["value"] for row in reply.json()["data"]] == [1234, 1234]
        other.clock.advance(days=1)
        assert (other.clock.now - sim.clock.now).days == 1


def test_a_client_cannot_pass_for_another_address() -> None:
    with Simulator("docs-monk") as sim, httpx.Client(base_url=sim.monk.url) as client:
        client.get("/nowhere", headers={"X-Forwarded-For": "203.0.113.7"})
        (exchange,) = sim.journal.requests(method="GET")
        assert exchange["request"]["clientIp"] == "127.0.0.1"


def test_a_header_that_comes_twice_is_a_list_and_two_credentials_let_nobody_in() -> None:
    token = ("Authorization", "Bearer metersim-token")
    with Simulator("docs-saas") as sim, httpx.Client(base_url=sim.url) as client:
        usage = "/saas/api/billing/usage"
        assert client.get(usage, headers=[token, ("X-Of", "a"), ("X-Of", "b")]).status_code == 200
        assert client.get(usage, headers=[token, token]).status_code == 401
        first, _ = sim.journal.requests(method="GET")
        assert first["request"]["headers"]["x-of"] == "a, b"
        admin = ("Authorization", f"Bearer {sim.admin_token}")
        assert client.get("/__admin/state", headers=[admin, admin]).status_code == 401


def test_every_reply_of_a_vendor_names_its_call_and_carries_no_date() -> None:
    with Simulator("docs-metronome") as sim:
        reply = httpx.get(f"{sim.metronome.url}/nowhere")
        assert reply.status_code == 404
        assert reply.headers["X-Metersim-Request-Id"]
        assert not {"date", "server"} & reply.headers.keys()


def test_the_root_lists_the_vendors_and_an_unknown_one_is_404() -> None:
    with Simulator() as sim:
        assert httpx.get(sim.url).json()["vendors"]["monk"] == f"{sim.url}/monk"
        assert httpx.get(f"{sim.url}/metronom/v1/usage").status_code == 404
        assert httpx.get(f"{sim.url}/s/../metronome").status_code in (404, 405)
        assert httpx.get(f"{sim.url}/s/x").json()["simulator"] == "metersim"


@pytest.mark.parametrize("name", ["-bad", "a" * 65, "a%20b", ""])
def test_a_session_that_cannot_be_named_so_is_told_and_is_no_call_of_another(name: str) -> None:
    with Simulator() as sim:
        reply = httpx.get(f"{sim.url}/s/{name}/saas/api/billing/usage")
        assert reply.status_code == 404
        assert f"{name[:60]}" in reply.json()["error"]
        assert "is no name of a session: expected a letter or digit" in reply.json()["error"]
        assert sim.journal.count() == 0
        assert "X-Metersim-Request-Id" not in reply.headers


def test_the_journal_has_the_content_type_that_was_sent() -> None:
    with Simulator() as sim, httpx.Client(base_url=sim.mkio.url) as client:
        client.headers["Authorization"] = f"Bearer {sim.mkio.token}"
        report = {"startDate": "2026-02-01", "endDate": "2026-02-02"}
        sent = [
            client.post("/api/v1/organization/reports/usage", json={**report, "format": form})
            for form in ("csv", "json")
        ]
        kept = sim.journal.requests()
        types = [each["response"]["headers"]["content-type"] for each in kept]
        assert types == [each.headers["content-type"] for each in sent]
        assert types == ["text/csv; charset=utf-8", "application/json"]


def test_a_body_over_the_limit_is_413_in_the_vendors_shape_and_the_next_call_is_answered() -> None:
    with Simulator("docs-metronome") as sim, httpx.Client() as client:
        headers = {"Authorization": f"Bearer {sim.metronome.token}"}
        url = f"{sim.metronome.url}/v1/usage"
        reply = client.post(url, content=b" " * (MAX_BODY_BYTES + 1), headers=headers)
        assert (reply.status_code, list(reply.json())) == (413, ["message"])
        assert client.post(url, json=USAGE, headers=headers).status_code == 200


def test_a_handle_says_which_vendors_there_are() -> None:
    with Simulator(now="2026-01-01") as sim:
        assert sim.clock.now.year == 2026
        with pytest.raises(AttributeError, match="did you mean 'metronome'"):
            sim.metronom  # noqa: B018
        with pytest.raises(ControlError, match="POST clock/advance"):
            sim.clock.advance(days=-1)


def test_an_ipv6_address_is_served_and_shown_in_brackets() -> None:
    with Simulator("docs-metronome", host="::1") as sim:
        assert sim.url.startswith("http://[::1]:")
        assert httpx.get(sim.url).status_code == 200


def test_a_port_that_is_taken_is_refused_before_anything_is_served() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ControlError, match="cannot listen on"), Simulator(port=port):
            pass


def test_two_servers_cannot_share_a_port() -> None:
    with Simulator("docs-metronome") as sim:
        port = int(sim.url.rpartition(":")[2])
        with pytest.raises(ControlError, match="cannot listen on"), Simulator(port=port):
            pass


def test_a_simulator_that_does_not_run_has_no_url() -> None:
    simulator = Simulator("docs-metronome")
    with pytest.raises(ControlError, match="within a `with` block"):
        simulator.metronome  # noqa: B018
    with simulator:
        assert simulator.metronome.url


def test_a_server_that_stops_before_it_answers_is_an_error_and_no_endless_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("metersim.server.Server.serve_until_stopped", lambda self: None)
    with pytest.raises(ControlError, match="stopped before it answered"), Simulator():
        pass


def test_the_clock_takes_text_and_datetimes_that_know_their_offset() -> None:
    half_past_ten = datetime(2026, 5, 1, 10, 30, tzinfo=timezone(timedelta(hours=2)))
    with Simulator("docs-metronome", now=half_past_ten) as sim:
        assert sim.clock.now == half_past_ten
        sim.clock.set(half_past_ten + timedelta(microseconds=1))
        assert sim.clock.now.microsecond == 1
        with pytest.raises(ControlError, match="which is no instant such as"):
            sim.clock.set(datetime(2026, 5, 1))  # noqa: DTZ001  # of no zone is the point
    with pytest.raises(ControlError, match="now: not an RFC 3339 date-time"):
        Simulator(now="tomorrow")


def test_an_encoded_line_break_stays_within_the_vendors_shape() -> None:
    with Simulator("docs-mkio") as sim:
        headers = {"Authorization": f"Bearer {sim.mkio.token}"}
        reply = httpx.get(f"{sim.mkio.url}/api/v1/projects/a%0Ab/usage", headers=headers)
        assert (reply.status_code, reply.json()["status"]) == (404, 404)


def test_sessions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metersim.simulation.sessions.MOST_SESSIONS", 2)
    with Simulator("docs-metronome") as sim:
        urls = [sim.session(name).metronome.url for name in ("a", "b", "c")]
        assert [httpx.get(url).status_code for url in urls] == [404, 404, 503]
        assert "no more are opened" in httpx.get(urls[2]).json()["error"]


def test_a_client_that_leaves_in_mid_body_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with Simulator("docs-metronome") as sim:
        host, port = sim.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"POST /metronome/v1/usage HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
        assert httpx.get(sim.url).status_code == 200
    assert not caplog.records
