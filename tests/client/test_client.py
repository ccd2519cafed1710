"""One set of handles: for a simulator in this process, and for one that runs elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from metersim import Simulator
from metersim.client import Client, SessionHandle
from metersim.client.connection import Connection
from metersim.client.simulator import SimulatorHandle
from metersim.errors import ControlError


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator("docs-saas") as sim:
        yield sim


@pytest.fixture(params=["in process", "over HTTP"])
def handle(running: Simulator, request: pytest.FixtureRequest) -> Iterator[SimulatorHandle]:
    running.close_sessions()
    running.reset()
    running.journal.clear()
    if request.param == "in process":
        yield running
    else:
        with Client(running.url, token=running.admin_token) as client:
            yield client


def call(handle: SessionHandle, path: str = "/api/billing/usage") -> httpx.Response:
    return httpx.get(handle.saas.url + path)


def test_vendors_are_where_the_simulator_says(handle: SimulatorHandle, running: Simulator) -> None:
    assert handle.metronome.url == f"{running.url}/metronome"
    assert handle.session("b").mkio.url == f"{running.url}/s/b/mkio"
    assert handle.saas.token == "metersim-token"
    with pytest.raises(AttributeError, match="no vendor 'metronom'; did you mean 'metronome'"):
        handle.metronom  # noqa: B018
    assert not hasattr(handle, "_metronome")


def test_a_session_opens_with_what_is_asked_and_is_listed_until_it_is_closed(
    handle: SimulatorHandle,
) -> None:
    handle.session("a", scenario="overage", seed=7, now="2026-05-01", vendor_limits=True)
    minted = handle.session()
    default, a, other = handle.sessions()
    assert (a["name"], a["scenario"], a["seed"]) == ("a", "overage", 7)
    assert (default["default"], other["name"]) == (True, minted.url.rpartition("/")[2])
    handle.close_session("a")
    assert handle.close_sessions() == [other["name"]]
    with pytest.raises(ControlError, match=r"^DELETE sessions: no session 'a'"):
        handle.close_session("a")


def test_the_base_url_of_a_session_is_about_that_session_and_leads_to_the_others(
    running: Simulator,
) -> None:
    running.session("mine").clock.advance(days=1)
    for url in (f"{running.url}/s/mine", f"{running.url}/s/mine/__admin/"):
        with Client(url, token=running.admin_token) as client:
            assert client.clock.now == running.session("mine").clock.now
            assert client.url == f"{running.url}/s/mine"
            assert client.session("other").url == f"{running.url}/s/other"
            assert client.session("other").clock.now != client.clock.now


def test_the_address_of_the_control_plane_is_as_good_as_the_simulators(running: Simulator) -> None:
    with Client(f"{running.url}/__admin", token=running.admin_token) as client:
        assert client.url == running.url
        assert client.health()["status"] == "healthy"


def test_a_session_is_opened_anew_and_reset_to_what_it_opened_with(handle: SimulatorHandle) -> None:
    session = handle.session("a")
    opened = session.open("overage", seed=7, now="2026-05-01", vendor_limits=True)
    assert opened == session.scenario
    assert (session.settings["vendor_limits"], opened["seed"]) == (True, 7)
    assert session.update_settings(vendor_limits=False) == {"vendor_limits": False}
    session.clock.tick(60)
    assert session.clock.read()["rate"] == 60
    assert session.clock.freeze()["mode"] == "frozen"
    session.clock.set("2026-06-01")
    assert session.reset()["now"] == opened["clock"]


def test_moving_the_clock_tells_what_came_of_it(handle: SimulatorHandle) -> None:
    session = handle.session("a", now="2026-03-31T23:00:00Z", scenario="default")
    (event,) = session.clock.advance(hours=1)["events"]
    assert event["type"] == "billing_period.closed"


def test_changes_are_replayed_elsewhere_and_snapshots_gone_back_to(handle: SimulatorHandle) -> None:
    one, other = handle.session("one"), handle.session("other")
    assert one.snapshots.take("start")["changes"] == 0
    one.clock.advance(days=1)
    other.replay(one.changes())
    assert other.state == one.state
    one.snapshots.take("later")
    assert one.snapshots.restore("start")["now"] == one.scenario["clock"] != other.state["now"]
    one.snapshots.remove("start")
    assert one.snapshots.names() == ["later"]
    assert one.snapshots.clear() == ["later"]


def test_the_journal_is_read_exported_and_forgotten(handle: SimulatorHandle) -> None:
    session = handle.session("a")
    ids = [call(session, path).headers["x-metersim-request-id"] for path in ("/a", "/b", "/c")]
    journal = session.journal
    assert [each["id"] for each in journal.latest(2)] == [ids[2], ids[1]]
    assert journal.latest(since="2099-01-01") == []
    assert journal.get(ids[0])["request"]["url"] == "/saas/a"
    assert len(journal.meant()) >= 3
    assert len(journal.export()["log"]["entries"]) == 3
    assert journal.export("curl").startswith("#!/bin/sh")
    assert "def test_" in journal.export("pytest")
    with pytest.raises(ControlError, match="GET requests/export: query.format"):
        journal.export("yaml")  # type: ignore[call-overload]
    journal.remove(ids[0])
    (gone,) = journal.remove_matching(urlPath="/saas/b")
    assert gone["id"] == ids[1]
    assert (journal.count(), journal.dropped) == (1, 0)
    journal.reset()
    assert journal.find() == []
    with pytest.raises(ControlError, match="no request .* is kept"):
        journal.get(ids[0])


def test_no_proxy_is_asked_for_a_simulator(
    running: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    with Client(running.url, token=running.admin_token) as client:
        assert client.version() == running.version()


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_lead_elsewhere_is_refused_and_takes_nothing_away(
    handle: SimulatorHandle, name: str
) -> None:
    """``DELETE requests/.`` is ``DELETE requests`` to whoever tidies a path up."""
    call(handle)
    handle.faults.add(fault="EMPTY_RESPONSE", times=1)
    removals: tuple[Callable[[str], object], ...] = (
        handle.journal.remove,
        handle.faults.remove,
        handle.snapshots.remove,
        handle.session,
    )
    for remove in removals:
        with pytest.raises(ControlError, match=f"expected a name or an id, found '{name}'"):
            remove(name)
    assert (handle.journal.count(), handle.faults.clear()) == (1, 1)


class Busy(httpx.BaseTransport):
    """A simulator where nothing is ever met, which notes how long it may take to say so."""

    seconds = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seconds = request.extensions["timeout"]["read"]
        return httpx.Response(200, json={"count": 1, "met": False, "nearMisses": []})


def test_a_wait_may_take_as_much_longer_as_it_waits() -> None:
    busy = Busy()
    connection = Connection(httpx.Client(transport=busy, timeout=3), "http://simulator")
    journal = SimulatorHandle(connection, "").journal
    with pytest.raises(ControlError, match=r"^expected 2 requests .*, found 1 in 60000 ms$"):
        journal.wait(2, milliseconds=60_000)
    assert busy.seconds == 63


def test_a_fraction_stays_exact(handle: SimulatorHandle) -> None:
    added = handle.faults.add(fault="EMPTY_RESPONSE", probability=0.25, times=1)
    assert str(added["probability"]) == "0.25"


def test_a_row_is_explained(handle: SimulatorHandle) -> None:
    explained = handle.explain("saas", {"metric": "apiCalls"})
    assert (explained["vendor"], explained["number"]) == ("saas", "used")


# -- the live tail


def test_a_stream_tells_of_every_call_since_it_was_opened(handle: SimulatorHandle) -> None:
    session = handle.session("a")
    with session.journal.stream(seconds=10) as calls:
        ids = [call(each).headers["x-metersim-request-id"] for each in (session, handle, session)]
        assert [next(calls)["id"], next(calls)["id"]] == [ids[0], ids[2]]
        assert calls.dropped == 0


def test_a_call_is_told_whatever_line_breaks_are_in_it(handle: SimulatorHandle) -> None:
    text = "a\u2028b\x85c\u2029d\x0be\nf"
    with handle.journal.stream(seconds=10) as calls:
        httpx.post(f"{handle.saas.url}/nowhere", content=text)
        assert next(calls)["request"]["body"] == text


def test_a_stream_says_how_many_calls_it_was_too_slow_for(
    running: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metersim.simulation.following.MOST_BEHIND", 1)
    with running.journal.stream(seconds=10) as calls:
        last = [call(running).headers["x-metersim-request-id"] for _ in range(3)][-1]
        assert (next(calls)["id"], calls.dropped) == (last, 2)


def test_a_stream_waits_no_longer_than_it_is_told(handle: SimulatorHandle) -> None:
    with (
        pytest.raises(ControlError, match=r"within 0\.01 seconds$"),
        handle.journal.stream(seconds=0.01) as calls,
    ):
        next(calls)


def test_a_stream_ends_with_its_session(handle: SimulatorHandle) -> None:
    session = handle.session("a")
    with session.journal.stream(seconds=10) as calls:
        call(session)
        handle.close_session("a")
        assert len(list(calls)) == 1


def test_a_stream_that_is_closed_tells_of_nothing(handle: SimulatorHandle) -> None:
    calls = handle.journal.stream()
    call(handle)
    calls.close()
    assert list(calls) == []


def test_a_stream_that_is_closed_follows_no_more(running: Simulator) -> None:
    journal = running._setup.application._sessions.get("default").journal
    before = len(journal._followers)
    calls = running.journal.stream()
    assert len(journal._followers) == before + 1
    calls.close()
    assert len(journal._followers) == before
