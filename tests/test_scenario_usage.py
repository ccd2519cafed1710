"""Usage and what counts it: what cannot have happened is refused where it is said to have."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from metersim.billing.facts import Selection
from metersim.billing.instants import Span
from metersim.world.world import World
from tests.written import SOUND, broken, opened, refused

# The second series, of one customer.
SERIES = "- {customer: acme, project: site, event: calls, from: 2026-01-01, amount: 5}"
EVENT = "- {at: 2026-03-01, customer: acme, event: calls, quantity: 2}"
DURATION = "which is no duration such as P3D or PT36H"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("until: 2025-12-31", "until: ends before it begins: expected later than 2026-01-01"),
        ("until: 2026-01-01", "until: ends before it begins: expected later than 2026-01-01"),
        ("until: then", 'until: found "then", which is no instant such as 2026-03-18T09:30:00Z'),
        ("every: week", 'every: found "week"; allowed: day, hour'),
        ("rhythm: busy", "rhythm: found \"busy\"; did you mean 'business'? allowed: business, da"),
        ("noise: 1.5", "noise: expected at most 1, found 1.5"),
        ("noise: 0.0005", "noise: expected a multiple of 0.001, found 0.0005"),
        ("growth: -0.1", "growth: expected at least 0, found -0.1"),
        ("unit: 0", "unit: expected more than 0, found 0"),
        ("spread: 1.5", "spread: expected at most 1, found 1.5"),
        (
            "spread: 0.5",
            (
                "spread: is how far generated customers lie apart, and this is one customer; "
                "expected customer: each"
            ),
        ),
        # Levels.
        ("holds: P1M", f'holds: found "P1M", {DURATION}'),
        ("holds: PT90M", "holds: expected a whole number of hours, such as PT2H, found PT90M"),
        ("holds: PT0S", "holds: expected a whole number of hours, such as PT1H, found PT0S"),
        (
            "every: day, holds: PT36H",
            "holds: expected a whole number of days, such as P2D, found PT36H",
        ),
        (
            "holds: P1D, rhythm: daily",
            "rhythm: a level has none, as it stands while it holds: expected flat, found 'daily'",
        ),
        # Bursts and gaps.
        ("bursts: {every: P7D, lasting: P1D}", "bursts.times: is required"),
        (
            "bursts: {every: P7D, lasting: P1D, times: 1}",
            "bursts.times: expected at least 2, found 1",
        ),
        (
            "bursts: {every: P7D, lasting: P7D, times: 2}",
            "bursts.lasting: expected less than the period, P7D, found P7D",
        ),
        (
            "bursts: {every: P7D, lasting: P2D, times: 2, at: P6D}",
            "bursts.at: goes on beyond the period, P7D: expected at most P5D, found P6D",
        ),
        ("gaps: {every: P7D, lasting: P1D, times: 2}", "gaps.times: is not known; allowed: at,"),
        (
            "gaps: {every: PT90M, lasting: PT1H}",
            "gaps.every: expected a whole number of hours, such as PT2H, found PT90M",
        ),
        (
            "gaps: {every: P7D, lasting: PT0S}",
            "gaps.lasting: expected a whole number of hours, such as PT1H, found PT0S",
        ),
        (
            "gaps: {every: P1D, lasting: PT20H, at: PT5H}",
            "gaps.at: goes on beyond the period, P1D: expected at most PT4H, found PT5H",
        ),
        (
            "gaps: {every: P1D, lasting: PT2H, at: PT30M}",
            "gaps.at: expected a whole number of hours, such as PT1H, found PT30M",
        ),
        # Shares.
        ("charged_after: later", f'charged_after: found "later", {DURATION}'),
        ("charged_after: {soon: 1}", f'charged_after.soon: found "soon", {DURATION}'),
        ("charged_after: {}", "charged_after: expected at least 1 keys, found 0"),
        ("charged_after: {P1D: 0, P2D: 1}", "charged_after.P1D: expected more than 0, found 0"),
        ("charged_after: {P1D: 1.5}", "charged_after.P1D: expected at most 1, found 1.5"),
        (
            "charged_after: {PT0S: 0.5, P3D: 0.4}",
            "charged_after: expected shares that add up to 1, found 0.9",
        ),
        (
            "charged_after: {PT0S: 0.5, P3D: 0.501}",
            "charged_after: expected shares that add up to 1, found 1.001",
        ),
        (
            "charged_after: {PT0S: 0.5, P3D: 0.4995}",
            "charged_after.P3D: expected a multiple of 0.001, found 0.4995",
        ),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(tmp_path: Path, more: str, message: str) -> None:
    (said,) = refused(tmp_path, broken(SERIES, f"{SERIES[:-1]}, {more}}}"))
    assert said.startswith(f"scenario.yaml:26: usage.1.{message}")


def test_a_series_is_the_same_in_whatever_order_its_keys_are_written(tmp_path: Path) -> None:
    written = "from: 2026-01-01, amount: 5, noise: 0.5, gaps: {every: P7D, lasting: P1D}"
    other = "gaps: {lasting: P1D, every: P7D}, noise: 0.5, amount: 5, from: 2026-01-01"
    assert used(tmp_path, written) == used(tmp_path, other)
    assert used(tmp_path, written) != used(tmp_path, written.replace("0.5", "0.4"))


def used(folder: Path, more: str) -> Decimal | None:
    """What acme uses by a series of this."""
    series = f"- {{customer: acme, project: site, event: calls, {more}}}"
    world = World(opened(folder, broken(SERIES, series)))
    calls = world.opening.meters["calls"]
    return world.usage(calls, Selection(customer="acme")).over(Span())


@pytest.mark.parametrize(
    ("length", "nearest"),
    [("PT1S", "PT1H"), ("PT61M", "PT2H"), ("PT23H30M", "P1D"), ("P2DT1M", "PT49H")],
)
def test_the_length_that_is_offered_in_place_of_one_that_ends_between_facts_is_sound(
    tmp_path: Path, length: str, nearest: str
) -> None:
    (said,) = refused(tmp_path, broken(SERIES, f"{SERIES[:-1]}, holds: {length}}}"))
    assert said.endswith(f"such as {nearest}, found {length}")
    opened(tmp_path, broken(SERIES, f"{SERIES[:-1]}, holds: {nearest}}}"))


@pytest.mark.parametrize(("event", "meter"), [("seats", "LATEST"), ("job", "COUNT")])
def test_only_sums_are_charged_in_shares(tmp_path: Path, event: str, meter: str) -> None:
    more = f"event: {event}, charged_after: {{PT0S: 0.5, P3D: 0.5}}"
    (said,) = refused(tmp_path, broken(SERIES, SERIES.replace("event: calls", more)))
    assert said.startswith("scenario.yaml:26: usage.1.charged_after: expected one duration: only a")
    assert said.endswith(f"is {meter}")


@pytest.mark.parametrize(
    ("instead", "message"),
    [
        ("event: seats, quantity: -2", "quantity: expected at least 0, found -2: 'seats' is a le"),
        (
            "event: peak, quantity: 2, properties: {streams: -0.5}",
            "properties.streams: expected at least 0, found -0.5: 'peak' is a level",
        ),
        (
            'event: peak, quantity: 2, properties: {streams: "-3"}',
            "properties.streams: expected at least 0, found -3: 'peak' is a level",
        ),
        (
            "event: calls, quantity: 2, properties: {quantity: 3}",
            "quantity: is given among the properties too",
        ),
        ("event: calls, quantity: many", 'quantity: expected number, found "many"'),
        ("event: calls, quantity: .inf", 'quantity: expected number, found ".inf"'),
        ("event: calls, quantity: 1e401", "quantity: number beyond 1e±400: '1e401'"),
        ("event: calls, quantity: 1e-401", "quantity: number beyond 1e±400: '1e-401'"),
        ("event: cals", "event: no meter counts 'cals'; did you mean 'calls'? allowed: calls, jo"),
        (
            "event: calls, quantity: 2, charged_at: 2026-02-28",
            "charged_at: charged before it occurred: expected 2026-03-01 or later, found 2026-02-",
        ),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(
    tmp_path: Path, instead: str, message: str
) -> None:
    text = broken(EVENT, EVENT.replace("event: calls, quantity: 2", instead))
    (said,) = refused(tmp_path, text)
    assert said.startswith(f"scenario.yaml:28: events.0.{message}")


def test_less_than_nothing_is_a_correction_of_a_sum_and_never_of_a_level(tmp_path: Path) -> None:
    opened(tmp_path, broken("quantity: 2", "quantity: -2"))
    beside = "event: peak, quantity: -2, properties: {streams: 1}"
    opened(tmp_path, broken("event: calls, quantity: 2", beside))
    series = SERIES.replace("event: calls", "event: peak, properties: {streams: -1}")
    (said,) = refused(tmp_path, broken(SERIES, series))
    assert said.startswith("scenario.yaml:26: usage.1.properties.streams: expected at least 0")


@pytest.mark.parametrize(
    ("meter", "properties", "expected"),
    [
        ("{property: bytes}", "{quantity: 1}", "a number in the property bytes"),
        ("{property: bytes}", "{bytes: many}", "a number in the property bytes"),
        ("{property: bytes}", '{bytes: "-1.5"}', ""),
        ("{aggregation: MAX, property: bytes}", "{size: 1}", "a number in the property bytes"),
        ("{aggregation: LATEST}", "{}", "a number in the property quantity"),
        ("{aggregation: UNIQUE, property: user}", "{quantity: 1}", "the property user"),
        ("{aggregation: UNIQUE, property: user}", "{user: u1}", ""),
        ("{aggregation: COUNT}", "{}", ""),
    ],
)
def test_an_event_that_no_meter_can_read_is_refused_with_what_it_lacks(
    tmp_path: Path, meter: str, properties: str, expected: str
) -> None:
    event = EVENT.replace("event: calls, quantity: 2", f"event: read, properties: {properties}")
    text = broken(EVENT, event).replace("calls: {}", f"calls: {{}}\n  read: {meter}")
    if not expected:
        opened(tmp_path, text)
        return
    (said,) = refused(tmp_path, text)
    message = "no meter that counts 'read' can read it; expected "
    assert said == f"scenario.yaml:29: events.0.event: {message}{expected}"


def test_one_meter_that_reads_it_is_enough_and_of_many_that_do_not_each_says_what_it_lacks(
    tmp_path: Path,
) -> None:
    series = broken(SERIES, SERIES.replace("event: calls", "event: job, property: bytes"))
    opened(tmp_path, series)
    other = "jobs: {property: runs, events: [job]}\n  users: {aggregation: UNIQUE, events: [job]}"
    (said,) = refused(tmp_path, series.replace("jobs: {aggregation: COUNT, events: [job]}", other))
    assert said.endswith("expected a number in the property runs or the property quantity")


@pytest.mark.parametrize(("more", "name"), [("", "quantity"), ("property: mb, ", "mb")])
def test_the_amounts_of_a_series_are_given_once(tmp_path: Path, more: str, name: str) -> None:
    labels = SERIES.replace("event: calls", f"event: job, {more}properties: {{{name}: 3}}")
    (said,) = refused(tmp_path, broken(SERIES, labels))
    message = "is the property that holds the amounts already"
    assert said == f"scenario.yaml:26: usage.1.properties.{name}: {message}"


@pytest.mark.parametrize(
    ("sound", "instead", "message"),
    [
        # The file's own words, and the nearest of those that are known.
        ("seats: {aggregation: LATEST}", "seats: {aggregation: LAST}", "did you mean 'LATEST'?"),
        (
            "calls: {}",
            "calls: {property_filters: [{in_values: [eu]}]}",
            "meters.calls.property_filters.0.name: is required",
        ),
        (
            "calls: {}",
            "calls: {property_filters: [{name: region, in_value: [eu]}]}",
            "did you mean 'in_values'? allowed: exists, in_values, name, not_in_values",
        ),
        (
            "calls: {}",
            "calls: {property_filters: [{name: region, in_values: []}]}",
            "meters.calls.property_filters.0.in_values: expected at least 1 items, found 0",
        ),
        # Projects go with their customers.
        (
            "customer: acme, project: site, event",
            "customer: acme, project: each, event",
            "usage.1.project: project 'each' belongs to customer 'each'; allowed: site",
        ),
        (
            "customer: each, project: each",
            "customer: each, project: site",
            "usage.0.project: project 'site' belongs to customer 'acme'; allowed: each",
        ),
        (
            "customer: acme, project: site, event",
            "customer: customer-0002, project: customer-0001, event",
            (
                "project 'customer-0001' belongs to customer 'customer-0001'; "
                "did you mean 'customer-0002'? allowed: customer-0002"
            ),
        ),
        (
            "at: 2026-03-01, customer: acme",
            "at: 2026-03-01, customer: each",
            (
                "events.0.customer: 'each' is not among customers; did you mean 'acme'? "
                "allowed: acme, customer-0001, customer-0002, other"
            ),
        ),
        # The top level.
        ("clock:", "seed: one\nclock:", 'seed: expected integer, found "one"'),
        ("clock:", 'seed: "1"\nclock:', 'seed: expected integer, found "1"'),
        ("clock:", "seed: -1\nclock:", "seed: expected at least 0, found -1"),
        ("clock:", "seed: 1.5\nclock:", "seed: expected integer, found 1.5"),
        ("clock:", "visible_after: 5m\nclock:", f'visible_after: found "5m", {DURATION}'),
    ],
)
def test_a_word_that_is_not_known_gets_the_nearest(
    tmp_path: Path, sound: str, instead: str, message: str
) -> None:
    (said,) = refused(tmp_path, broken(sound, instead))
    line = SOUND[: SOUND.index(sound)].count("\n") + 1
    assert said.startswith(f"scenario.yaml:{line}: ")
    assert message in said
