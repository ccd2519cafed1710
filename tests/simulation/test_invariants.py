"""The laws are held to what is really there: sound worlds pass, and each breach is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from metersim.billing import ledger
from metersim.billing.facts import Horizon, Selection
from metersim.billing.ledger import Ledger, MeteredUsage
from metersim.bundled import bundled
from metersim.reading import Json
from metersim.scenario import load_scenario
from metersim.simulation.call import Request
from metersim.simulation.exchange import Exchange
from metersim.simulation.invariants import invariants
from metersim.simulation.rules import WORLD_RULES
from metersim.simulation.sampling import MOST
from metersim.simulation.sessions import Session, Sessions
from metersim.simulation.vendor import installed_vendors
from metersim.simulation.verdict import MOST_BREACHES, Verdict
from metersim.vendors.metronome import behaviour as metronome
from metersim.vendors.mkio import behaviour as mkio
from metersim.vendors.saas import behaviour as saas
from metersim.world.changes import ClockSet, PaymentMethodAssigned, UsageRecorded
from metersim.world.world import World
from tests.transcript import READS, REFUSALS, WRITES, Calls, Wire, simulator
from tests.views import RECORDERS
from tests.wire import simulate

pytestmark = pytest.mark.inside

OPENING = load_scenario("default").open()
VENDORS = installed_vendors()
NOW = OPENING.now
SCENARIOS = sorted(path.stem for path in bundled("scenarios").glob("*.yaml"))

Patch = pytest.MonkeyPatch


def lived() -> tuple[Session, Session]:
    """Something happened in the first of two sessions; nothing in the other."""
    sessions = Sessions(OPENING)
    session, other = sessions.get("one"), sessions.get("other")
    quantity = {"quantity": Decimal("2.5")}
    session.world.apply(
        UsageRecorded("api_calls", "northwind", "my-project", NOW, NOW, NOW, quantity)
    )
    session.world.apply(PaymentMethodAssigned("my-project", "pm-aws", NOW))
    session.world.apply(ClockSet(NOW + timedelta(hours=1)))
    return session, other


def broken(told: Json) -> dict[str, list[dict[str, str]]]:
    """The breaches, by the law that they break."""
    assert told["hold"] is all(each["holds"] for each in told["invariants"])
    return {each["id"]: each["breaches"] for each in told["invariants"] if not each["holds"]}


def found(session: Session, other: Session) -> dict[str, list[dict[str, str]]]:
    return broken(invariants(session, [session, other], VENDORS))


# -- sound worlds


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_law_holds_in_every_bundled_scenario_and_after_a_month(scenario: str) -> None:
    sim = simulate(scenario)
    assert broken(sim.control("GET", "invariants")) == {}
    sim.clock.advance(days=31)
    told = sim.control("GET", "invariants")
    assert broken(told) == {}
    assert [each["id"] for each in told["invariants"]] == [rule.id for rule in WORLD_RULES]


def test_every_law_holds_whichever_vendor_recorded() -> None:
    sim = simulate()
    for record in RECORDERS.values():
        assert record(sim, "emails", 7).status < 300
    sim.clock.advance(minutes=10)
    assert broken(sim.control("GET", "invariants")) == {}


@pytest.mark.parametrize("minutes", [0, 3, 10])
def test_every_law_holds_where_usage_shows_late(minutes: int) -> None:
    late = Sessions(replace(OPENING, visible_after=timedelta(minutes=minutes)))
    session = late.get("late")
    for ago in (9, 4, 1):
        at = NOW - timedelta(minutes=ago)
        session.world.apply(
            UsageRecorded("emails", "northwind", None, at, at, at, {"quantity": Decimal(ago)})
        )
    assert broken(invariants(session, [session], VENDORS)) == {}


def test_a_large_world_is_looked_at_in_part_and_first_where_something_happened(
    monkeypatch: Patch,
) -> None:
    opening = load_scenario("high-cardinality").open()
    session = Sessions(opening).get("any")
    last = list(opening.customers)[-1]
    session.world.apply(
        UsageRecorded("emails", last, None, NOW, NOW, NOW, {"quantity": Decimal(1)})
    )
    monkeypatch.setattr(Ledger, "_selects", lambda *about: False)
    told = invariants(session, [session], VENDORS)
    looked = told["sample"]["customers"]
    assert (looked["of"], 1 <= looked["checked"] <= MOST) == (1_000, True)
    assert broken(told)["WORLD-01"][0]["where"].startswith(f"metronome: emails of {last}")


# -- no trace


def test_asking_leaves_no_trace_in_what_is_answered_later() -> None:
    quiet, asked = Wire(simulator(), "one"), Wire(simulator(), "one")
    fault = {"id": "busy", "vendor": "monk", "problem": {"status": 429}, "after": 1, "times": 2}
    armed = (
        ("POST", "__admin/faults", fault),
        ("PUT", "__admin/settings", {"vendor_limits": True}),
    )
    told: Calls = (("GET", "__admin/faults", None), ("POST", "__admin/requests/find", {}))
    for call in (*armed, *READS, *WRITES, *REFUSALS, *READS, *told):
        if call in (*armed, *WRITES[::2], READS[0], told[0]):
            assert b'"hold":true' in asked.call("GET", "__admin/invariants")
        assert asked.call(*call) == quiet.call(*call), call


def test_asking_twice_gives_the_same_answer() -> None:
    session, other = lived()
    first = invariants(session, [session, other], VENDORS)
    assert first == invariants(session, [session, other], VENDORS)
    assert first["hold"]


# -- breaches


def shows_one_more(monkeypatch: Patch, session: Session, other: Session) -> None:
    used = saas._used
    monkeypatch.setattr(saas, "_used", lambda *about: used(*about) + 1)


def a_vendor_fails(monkeypatch: Patch, session: Session, other: Session) -> None:
    monkeypatch.setattr(saas, "_used", lambda *about: 1 // 0)


def the_ledger_skips_what_was_recorded(
    monkeypatch: Patch, session: Session, other: Session
) -> None:
    monkeypatch.setattr(Ledger, "_selects", lambda *about: False)


def terms_are_accepted_without_a_change(
    monkeypatch: Patch, session: Session, other: Session
) -> None:
    session.world._state.payments.accept("pm-trial")


def a_fact_counts_twice(monkeypatch: Patch, session: Session, other: Session) -> None:
    session.world._state.records.events *= 2


def two_sessions_share_a_journal(monkeypatch: Patch, session: Session, other: Session) -> None:
    other.journal = session.journal


def a_call_of_another_session_is_journalled(
    monkeypatch: Patch, session: Session, other: Session
) -> None:
    stray = Exchange("an id", NOW, other.name, "monk", None, Request("GET", "/"), None)
    session.journal.record(stray)


def a_call_is_not_accounted_for(monkeypatch: Patch, session: Session, other: Session) -> None:
    session.journal._numbered += 1


def looking_moves_the_clock(monkeypatch: Patch, session: Session, other: Session) -> None:
    used, world = saas._used, session.world

    def used_up(*about: Any) -> Decimal:
        world.apply(ClockSet(world.now + timedelta(microseconds=1)))
        return used(*about)

    monkeypatch.setattr(saas, "_used", used_up)


def a_reset_forgets_nothing(monkeypatch: Patch, session: Session, other: Session) -> None:
    monkeypatch.setattr(World, "reset", lambda world: None)


def another_opening_is_lived_in(monkeypatch: Patch, session: Session, other: Session) -> None:
    session.world.opening = replace(OPENING)


def the_future_shows(monkeypatch: Patch, session: Session, other: Session) -> None:
    made = MeteredUsage.__init__

    def farsighted(usage: MeteredUsage, *about: Any) -> None:
        made(usage, *about)
        usage._seen = replace(usage._seen, end=NOW + timedelta(days=60))

    monkeypatch.setattr(MeteredUsage, "__init__", farsighted)
    monkeypatch.setattr(ledger, "_seen", lambda selection, horizon: selection)


def what_was_is_forgotten_as_time_passes(
    monkeypatch: Patch, session: Session, other: Session
) -> None:
    seen, tomorrow = ledger._seen, session.world.now + timedelta(days=1)

    def forgetful(selection: Selection, horizon: Horizon) -> Selection:
        found = seen(selection, horizon)
        return found if horizon.now < tomorrow else replace(found, until=found.since)

    monkeypatch.setattr(ledger, "_seen", forgetful)


def the_clock_moves_by_itself(monkeypatch: Patch, session: Session, other: Session) -> None:
    session.world._state.clock._now += timedelta(hours=1)


def a_group_is_left_out(monkeypatch: Patch, session: Session, other: Session) -> None:
    groups = metronome.usage_by_group

    def fewer(*about: Any) -> Any:
        return dict(list(groups(*about).items())[1:])

    monkeypatch.setattr(metronome, "usage_by_group", fewer)


def a_bucket_is_left_out(monkeypatch: Patch, session: Session, other: Session) -> None:
    buckets = mkio._buckets
    monkeypatch.setattr(
        mkio, "_buckets", lambda usage, span, unit: list(buckets(usage, span, unit))[:9]
    )


@pytest.mark.parametrize(
    ("corrupt", "law", "where"),
    [
        (shows_one_more, "WORLD-01", "saas: api_calls of northwind"),
        (a_vendor_fails, "WORLD-01", "saas"),
        (the_ledger_skips_what_was_recorded, "WORLD-01", "metronome: api_calls of northwind"),
        (a_fact_counts_twice, "WORLD-01", "mkio: api_calls of project my-project"),
        (terms_are_accepted_without_a_change, "WORLD-02", "terms of pm-trial accepted"),
        (a_fact_counts_twice, "WORLD-02", "usage recorded"),
        (a_fact_counts_twice, "WORLD-03", "recorded events"),
        (a_fact_counts_twice, "WORLD-03", "ids of recorded events"),
        (two_sessions_share_a_journal, "WORLD-03", "shared with session other"),
        (a_call_of_another_session_is_journalled, "WORLD-03", "journal: calls of other sessions"),
        (a_call_is_not_accounted_for, "WORLD-03", "journal: kept, dropped and removed"),
        (looking_moves_the_clock, "WORLD-03", "clock, after this check"),
        (another_opening_is_lived_in, "WORLD-04", "opening"),
        (a_reset_forgets_nothing, "WORLD-04", "usage recorded, after a reset"),
        (the_future_shows, "WORLD-05", "metronome: api_calls of northwind from 2026-04"),
        (what_was_is_forgotten_as_time_passes, "WORLD-05", "api_calls of northwind up to now"),
        (the_clock_moves_by_itself, "WORLD-05", "clock"),
        (a_group_is_left_out, "WORLD-06", "metronome: api_calls of northwind by region"),
        (a_bucket_is_left_out, "WORLD-06", "mkio: cost of api_calls in USD by day"),
    ],
)
def test_a_breach_is_found_and_its_place_named(
    monkeypatch: Patch, corrupt: Callable[[Patch, Session, Session], None], law: str, where: str
) -> None:
    session, other = lived()
    assert found(session, other) == {}
    corrupt(monkeypatch, session, other)
    breaches = found(session, other)[law]
    (told,) = [each for each in breaches if each["where"].startswith(where)][:1]
    assert told["found"] != told["expected"]


def test_a_vendor_that_shows_one_more_breaks_no_other_law(monkeypatch: Patch) -> None:
    session, other = lived()
    shows_one_more(monkeypatch, session, other)
    # What is to come is 0, and one more of it is something.
    assert set(found(session, other)) == {"WORLD-01", "WORLD-05"}


def test_breaches_are_counted_and_only_the_first_are_told() -> None:
    verdict = Verdict(WORLD_RULES[0], "nothing")
    for number in range(MOST_BREACHES + 5):
        verdict.expect("here", number, -1)
    verdict.expect("here", "x" * 10_000, None)
    assert (verdict.data["breached"], len(verdict.data["breaches"])) == (26, MOST_BREACHES)
    assert not verdict.holds
    long = Verdict(WORLD_RULES[0], "nothing")
    long.breach("here", b"x" * 10_000, Decimal("1.50"))
    (told,) = long.data["breaches"]
    assert (len(told["found"]), told["expected"]) == (501, "1.5")
