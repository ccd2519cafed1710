"""Generated customers: each follows from the seed and its own key, whoever else there is."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metersim.billing.facts import Selection
from metersim.billing.instants import Span
from metersim.scenario import load_scenario
from metersim.scenario.population import generated, locales, named
from metersim.world.opening import Opening
from metersim.world.world import World
from tests.written import broken, opened, refused

ROOT = Path(__file__).parent.parent
POPULATION = """\
clock: 2026-03-18T09:30:00Z
meters: {calls: {}, seats: {aggregation: LATEST}}
plans: {team: {price: 29}}
customers:
  count: COUNT
  locale: LOCALE
  each: {plan: team}
projects:
  each: {secured: true}
usage:
  - {customer: each, project: each, event: calls, from: 2026-01-01, amount: 90, spread: 0.9, noise: 0.3, bursts: {every: P7D, lasting: PT3H, times: 4}, gaps: {every: P3D, lasting: PT5H}}
  - {customer: each, event: seats, from: 2026-01-01, amount: 400, spread: 0.9, noise: 0.5, holds: P1D}
"""  # noqa: E501  # a series is a line

Look = tuple[object, ...]


def population(folder: Path, count: int, locale: str = "en_US", seed: int = 1) -> Opening:
    text = POPULATION.replace("COUNT", str(count)).replace("LOCALE", locale)
    return opened(folder, text, seed)


def looks(opening: Opening) -> dict[str, Look]:
    """All there is to see of each generated customer."""
    world = World(opening)
    return {key: (*names(opening, key), *used(world, key)) for key in opening.customers.generated}


def names(opening: Opening, key: str) -> Look:
    customer, project = opening.customers[key], opening.projects[key]
    return customer, customer.name, customer.aliases, customer.id, project, project.id


def used(world: World, key: str) -> list[Decimal | None]:
    """Each meter in all, and on the last day."""
    spans = Span(), Span(world.now.replace(hour=0))
    meters = world.meters()
    return [world.usage(m, Selection(customer=key)).over(span) for m in meters for span in spans]


# -- laws


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(1, 12),
    locale=st.sampled_from(["en_US", "de_DE", "ja_JP"]),
    seed=st.integers(0, 9),
)
def test_one_customer_more_changes_no_other(
    tmp_path: Path, count: int, locale: str, seed: int
) -> None:
    fewer = looks(population(tmp_path, count, locale, seed))
    more = looks(population(tmp_path, count + 1, locale, seed))
    assert len(more) == len(fewer) + 1
    assert fewer.items() <= more.items()


def test_customers_are_the_same_in_whatever_order_they_are_asked_for(tmp_path: Path) -> None:
    one, other = population(tmp_path, 9), population(tmp_path, 9)
    backwards = {key: names(other, key) for key in reversed(list(other.customers))}
    assert backwards == {key: names(one, key) for key in one.customers}


def test_another_seed_changes_every_one_of_them_and_no_key(tmp_path: Path) -> None:
    one, two = (looks(population(tmp_path, 20, seed=seed)) for seed in (1, 2))
    assert one.keys() == two.keys()
    for key, look in one.items():
        assert not {*map(str, look)} & {*map(str, two[key])} - {"None"}, key


def test_another_locale_changes_their_names_alone(tmp_path: Path) -> None:
    here, there = (population(tmp_path, 9, locale) for locale in ("en_US", "ja_JP"))
    for key in here.customers:
        assert here.customers[key].id == there.customers[key].id
        assert here.customers[key].name != there.customers[key].name
        assert used(World(here), key) == used(World(there), key)


def test_no_two_of_them_have_one_id_one_email_or_one_usage(tmp_path: Path) -> None:
    opening = population(tmp_path, 100)
    customers, world = list(opening.customers.values()), World(opening)
    assert len({each.id for each in customers}) == 100
    assert len({alias for each in customers for alias in each.aliases}) == 100
    assert len({used(world, each.key)[0] for each in customers}) == 100
    assert len({each.id for each in opening.projects.values()}) == 100
    # People may share a name, and few do.
    assert len({each.name for each in customers}) > 90


def test_every_amount_lies_within_the_spread(tmp_path: Path) -> None:
    text = POPULATION.replace("noise: 0.5, ", "").replace("COUNT", "100").replace("LOCALE", "en_US")
    world = World(opened(tmp_path, text))
    levels = [used(world, key)[-1] or 0 for key in world.opening.customers]
    assert 40 <= min(levels) < 100
    assert 700 < max(levels) <= 760


def test_who_is_numbered_beyond_the_count_or_otherwise_than_written_is_nobody() -> None:
    keys = generated({"customers": {"count": 12_345}}, "customers")
    assert len(keys) == len(list(keys)) == 12_345
    assert all(key in keys for key in keys)
    wrong = ["customer-0000", "customer-12346", "customer-1", "customer-00001", "customer-٠٠٠١", 1]
    assert not [each for each in wrong if each in keys]


def test_a_generated_customer_is_found_by_each_of_its_names(tmp_path: Path) -> None:
    customers = population(tmp_path, 3).customers
    second = customers["customer-0002"]
    assert second.plan == "team"
    assert second.aliases[0].endswith("@customer-0002.example")
    for reference in second.references:
        assert customers.meant_by(reference) == "customer-0002"
    assert customers.meant_by("nobody@customer-0002.example") is None
    assert customers.meant_by("customer-0004") is None


def shown(seed: int) -> str:
    """Some of a large population, as text."""
    opening = load_scenario("high-cardinality").open(seed)
    keys = ["customer-0001", "customer-0500", "customer-1000"]
    return "\n".join(str((*names(opening, key), *used(World(opening), key))) for key in keys)


def test_two_processes_agree_on_them() -> None:
    program = "from tests.test_scenario_population import shown; print(shown(1))"
    there = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert there == [shown(1) + "\n"] * 2
    assert shown(2) != shown(1)


# -- faults


@pytest.mark.parametrize(
    ("sound", "instead", "messages"),
    [
        (
            "  count: 2\n",
            "",
            [
                "16: customers.locale: customers.count says how many are generated, and is missing",
                "17: customers.each: customers.count says how many are generated, and is missing",
                "21: projects.each: customers.count says how many are generated, and is missing",
                (
                    "24: usage.0.customer: 'each' is not among customers; did you mean 'acme'? "
                    "allowed: acme, other"
                ),
                "24: usage.0.project: 'each' is not among projects; allowed: site",
            ],
        ),
        ("count: 2", "count: -1", ["16: customers.count: expected at least 0, found -1"]),
        ("count: 2", "count: many", ['16: customers.count: expected integer, found "many"']),
        (
            "count: 2",
            "count: 1000001",
            ["16: customers.count: expected at most 1000000, found 1000001"],
        ),
        (
            "each: {plan: team}",
            "each: {plan: customer-0001}",
            ["18: customers.each.plan: 'customer-0001' is not among plans; allowed: team"],
        ),
        (
            "each: {plan: team}",
            "each: {name: Acme}",
            ["18: customers.each.name: is not known; allowed: plan, rate_card"],
        ),
        (
            "each: {payment_method: card}",
            "each: {payment_method: cart}",
            [
                (
                    "22: projects.each.payment_method: 'cart' is not among payment_methods; "
                    "did you mean 'card'? allowed: card"
                )
            ],
        ),
        (
            "each: {payment_method: card}",
            "each: {customer: acme}",
            ["22: projects.each.customer: is not known; allowed: payment_method, secured"],
        ),
        # What is generated has its key, and its names.
        (
            "other: {}",
            "customer-0002: {}",
            ["20: customers.customer-0002: 'customer-0002' means a generated customer already"],
        ),
        (
            "other: {}",
            "other: {aliases: [Customer-0001]}",
            ["20: customers.other.aliases.0: 'Customer-0001' means a generated customer already"],
        ),
        (
            "each: {payment_method: card}\n",
            "each: {payment_method: card}\n  customer-0001: {customer: acme}\n",
            ["23: projects.customer-0001: 'customer-0001' is a generated project already"],
        ),
        (
            "customer: each, project: each",
            "customer: customer-0003, project: customer-0001",
            [
                (
                    "25: usage.0.customer: 'customer-0003' is not among customers; did you mean "
                    "'customer-0002'? allowed: acme, customer-0001, customer-0002, each, other"
                ),
                (
                    "25: usage.0.project: project 'customer-0001' belongs to customer "
                    "'customer-0001'; allowed: none"
                ),
                (
                    "25: usage.0.spread: is how far generated customers lie apart, and this is one "
                    "customer; expected customer: each"
                ),
            ],
        ),
    ],
)
def test_a_population_that_makes_no_sense_is_refused(
    tmp_path: Path, sound: str, instead: str, messages: list[str]
) -> None:
    assert refused(tmp_path, broken(sound, instead)) == [f"scenario.yaml:{m}" for m in messages]


def test_a_locale_that_faker_does_not_know_gets_the_nearest(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, broken("en_US", "en_UX"))
    found = "scenario.yaml:17: customers.locale: no locale 'en_UX'; did you mean 'en_US'? allowed: "
    assert said.startswith(found)
    assert "en_US" in locales()


def test_keys_are_generated_for_customers_and_for_projects_that_each_has() -> None:
    data = {"customers": {"count": 2, "acme": {}}, "projects": {"site": {}}}
    keys = ["customer-0001", "customer-0002"]
    assert list(generated(data, "customers")) == keys
    assert list(generated(data, "projects")) == []
    assert list(generated({**data, "projects": {"each": {}}}, "projects")) == keys
    assert list(generated(data, "meters")) == []
    assert list(named(data, "customers")) == ["acme"]
