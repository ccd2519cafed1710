"""A broken scenario stops with file, line, key, what was found and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from metersim.billing.facts import Selection
from metersim.billing.instants import Span, parse_instant
from metersim.errors import ScenarioError
from metersim.scenario import load_scenario, scenario_names
from metersim.world.clock import FASTEST
from metersim.world.world import World

SOUND = """\
clock: 2026-03-18T09:30:00Z
meters:
  calls: {}
  seats: {aggregation: LATEST}
rate_cards:
  list: {prices: {calls: 0.10}}
payment_methods:
  card: {rate_card: list}
plans:
  team: {price: 29.00, includes: {calls: {amount: 100}}}
customers:
  acme: {plan: team}
  other: {}
projects:
  site: {customer: acme, payment_method: card}
credentials:
  key: {scopes: [usage:write], project: site, expires: 2027-01-01}
usage:
  - {customer: acme, project: site, event: calls, from: 2026-01-01, amount: 5}
events:
  - {at: 2026-03-01, customer: acme, event: calls, quantity: 2}
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "scenario.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_sound_scenario_opens(tmp_path: Path) -> None:
    opening = load_scenario(written(tmp_path, SOUND)).open()
    assert opening.customers["acme"].plan == "team"
    assert str(opening.plans["team"].price) == "29.00"
    assert opening.credentials["key"].project == "site"
    assert opening.credentials["metersim-token"].customer == "acme"


def test_the_first_scenario_that_the_documentation_shows_is_short_and_shows_usage(
    tmp_path: Path,
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "scenarios.md").read_text(encoding="utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    assert len(text.splitlines()) <= 15
    world = World(load_scenario(written(tmp_path, text)).open())
    (meter,) = world.meters()
    assert world.usage(meter, Selection(project="website")).over(Span())


@pytest.mark.parametrize("name", scenario_names())
def test_every_bundled_scenario_opens_and_says_what_it_is_for(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.about
    assert scenario.open().now.tzinfo is not None


@pytest.mark.parametrize(
    ("sound", "broken", "message"),
    [
        (
            "plan: team",
            "plan: taem",
            ":12: customers.acme.plan: 'taem' is not among plans; did you",
        ),
        (
            "customer: acme, payment",
            "customer: acne, payment",
            ":15: projects.site.customer: 'acne'",
        ),
        ("method: card", "method: cash", ":15: projects.site.payment_method: 'cash' is not among"),
        ("rate_card: list", "rate_card: lits", ":8: payment_methods.card.rate_card: 'lits' is not"),
        ("{calls: 0.10}", "{cals: 0.10}", ":6: rate_cards.list.prices.cals: 'cals' is not among"),
        ("{calls: 0.10}", "{seats: 0.10}", ":6: rate_cards.list.prices.seats: only a SUM or COUNT"),
        (
            "{calls: 0.10}",
            "{calls: -0.10}",
            ":6: rate_cards.list.prices.calls: expected at least 0",
        ),
        ("{calls: {amount", "{cals: {amount", ":10: plans.team.includes.cals: 'cals' is not among"),
        ("project: site, expires", "project: sit, expires", ":17: credentials.key.project: 'sit'"),
        (
            "amount: 5}",
            "amount: 5, until: 2025-01-01}",
            ":19: usage.0.until: ends before it begins",
        ),
        ("amount: 5}", "amount: five}", ':19: usage.0.amount: expected number, found "five"'),
        (
            "customer: acme, project: site, event",
            "customer: other, project: site, event",
            ":19: usage.0.project: project 'site' belongs to customer 'acme'",
        ),
        (
            "quantity: 2}",
            "quantity: 2, charged_at: 2026-02-01}",
            ":21: events.0.charged_at: charged before",
        ),
        (
            "at: 2026-03-01",
            "at: 2026-02-30",
            ':21: events.0.at: found "2026-02-30", which is no instant',
        ),
        (
            "clock: 2026-03-18T09:30:00Z",
            "clock: noon",
            ':1: clock: found "noon", which is no instant',
        ),
        ("clock: 2026-03-18T09:30:00Z\n", "", ":1: clock: is required"),
        (
            "clock: 2026-03-18T09:30:00Z",
            "clock: 5",
            ":1: clock: expected string or object, found 5",
        ),
        ("2026-03-18T09:30:00Z", "{rate: 60}", ":1: clock.now: is required"),
        ("2026-03-18T09:30:00Z", "{now: noon}", ':1: clock.now: found "noon", which is no instant'),
        (
            "2026-03-18T09:30:00Z",
            "{now: 2026-03-18, speed: 60}",
            ":1: clock.speed: is not known; allowed: now, rate",
        ),
        (
            "2026-03-18T09:30:00Z",
            "{now: 2026-03-18, rate: -0.5}",
            ":1: clock.rate: expected at least 0, found -0.5",
        ),
        (
            "2026-03-18T09:30:00Z",
            "{now: 2026-03-18, rate: .nan}",
            ':1: clock.rate: expected number, found ".nan"',
        ),
        ("calls: {}", "calls: {status: on}", ':3: meters.calls.status: found "on"; '),
        ("meters:", "metres:", "metres: is not known; did you mean 'meters'?"),
        ("other: {}", "acme: {}", ":13: key given twice: 'acme'"),
        ("other: {}", "other: !!python/name:os.system {}", ":13: tags are not allowed"),
        ("clock:", "seed: one\nclock:", ':1: seed: expected integer, found "one"'),
        (
            "clock:",
            "list_prices: lisst\nclock:",
            ":1: list_prices: 'lisst' is not among rate_cards",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(
    tmp_path: Path, sound: str, broken: str, message: str
) -> None:
    file = written(tmp_path, SOUND.replace(sound, broken, 1))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert str(file) in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("sound", "broken", "message"),
    [
        (
            "event: calls, quantity",
            "event: cals, quantity",
            "events.0.event: no meter counts 'cals'",
        ),
        (
            "event: calls, from",
            "event: cals, from",
            "usage.0.event: no meter counts 'cals'; did you",
        ),
        (
            "scopes: [usage:write]",
            "scopes: [usage:writ]",
            "credentials.key.scopes.0: expected text",
        ),
        (
            "scopes: [usage:write]",
            "scopes: [letters:read, usages:read]",
            "credentials.key.scopes.1: no scope 'usages:read'; did you mean 'usage:read'? allowed",
        ),
        ("  key: {", "  metersim-token: {", "credentials.metersim-token: every scenario has this"),
        (
            "quantity: 2",
            "quantity: 2, properties: {quantity: 3}",
            "is given among the properties too",
        ),
        ("{plan: team}", "{plan: team, aliases: [other]}", "customers.other: 'other' means 'acme'"),
        (
            "{plan: team}\n  other: {}",
            "{plan: team, external_id: x}\n  other: {aliases: [acme]}",
            "customers.other.aliases.0: 'acme' means 'acme' already",
        ),
        ("{plan: team}", "{plan: team, emails: [a.b]}", 'found "a.b", which is no email such as'),
    ],
)
def test_what_would_go_wrong_without_a_word_is_refused_too(
    tmp_path: Path, sound: str, broken: str, message: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(written(tmp_path, SOUND.replace(sound, broken, 1)))
    assert message in str(caught.value)


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SOUND.replace("plan: team", "plan: a").replace("method: card", "method: b")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(
            written(
                tmp_path,
                text
                + "".join("  - {at: 2026-03-01, customer: acme, event: x}\n" for _ in range(30)),
            )
        )
    lines = str(caught.value).splitlines()
    assert ".yaml:12: customers.acme.plan" in lines[0]
    assert ".yaml:15: projects.site.payment_method" in lines[1]
    assert lines[-1].endswith("and 12 more")


def test_a_folder_and_an_empty_file_are_no_scenarios(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="expected a scenario's file, found a folder"):
        load_scenario(tmp_path)
    with pytest.raises(ScenarioError, match="the file: expected object, found null"):
        load_scenario(written(tmp_path, ""))


def test_the_token_of_a_project_stands_for_its_owner(tmp_path: Path) -> None:
    text = SOUND.replace("site: {customer: acme", "site: {customer: other").replace(
        "customer: acme, project: site", "customer: other, project: site"
    )
    assert load_scenario(written(tmp_path, text)).open().credentials["key"].customer == "other"


@pytest.mark.parametrize(
    ("section", "attributes"),
    [
        ("meters", "id: 550e8400-e29b-41d4-a716-446655440000"),
        ("customers", "id: 550e8400-e29b-41d4-a716-446655440000"),
        ("projects", "id: proj_1, customer: acme"),
    ],
)
def test_one_id_for_two_things_is_refused(tmp_path: Path, section: str, attributes: str) -> None:
    two = f"  first: {{{attributes}}}\n  second: {{{attributes}}}\n"
    text = SOUND.replace(f"{section}:\n", f"{section}:\n{two}")
    with pytest.raises(ScenarioError, match=rf"{section}\.second\.id: '\S+' means 'first' already"):
        load_scenario(written(tmp_path, text))


def test_a_name_that_is_neither_scenario_nor_file_gets_the_nearest() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario or file 'docs-monc'; did you mean"):
        load_scenario("docs-monc")


def test_minted_ids_depend_on_the_key_alone(tmp_path: Path) -> None:
    opening = load_scenario(written(tmp_path, SOUND)).open()
    more = SOUND.replace("  other: {}", "  first: {}\n  other: {}")
    later = load_scenario(written(tmp_path, more)).open()
    assert later.customers["other"].id == opening.customers["other"].id


def test_seed_and_clock_may_be_given_instead(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, SOUND))
    assert scenario.open(seed=2).customers["acme"].id != scenario.open().customers["acme"].id
    assert scenario.open(seed=2).seed == 2


@pytest.mark.parametrize(
    ("clock", "rate"),
    [
        ("2026-03-18T09:30:00Z", "0"),
        ("{now: 2026-03-18T09:30:00Z}", "0"),
        ("{now: 2026-03-18T09:30:00Z, rate: 0.1}", "0.1"),
        (f"{{now: 2026-03-18T09:30:00Z, rate: {FASTEST}}}", "1000000"),
    ],
)
def test_the_clock_stands_unless_it_is_given_a_rate(tmp_path: Path, clock: str, rate: str) -> None:
    text = SOUND.replace("2026-03-18T09:30:00Z", clock, 1)
    opening = load_scenario(written(tmp_path, text)).open()
    assert (opening.now, str(opening.rate)) == (parse_instant("2026-03-18T09:30:00Z"), rate)


def test_no_clock_is_faster_than_the_fastest(tmp_path: Path) -> None:
    text = SOUND.replace("2026-03-18T09:30:00Z", f"{{now: 2026-03-18, rate: {FASTEST + 1}}}", 1)
    with pytest.raises(ScenarioError, match=f"clock.rate: expected at most {FASTEST}, found"):
        load_scenario(written(tmp_path, text))
