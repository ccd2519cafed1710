"""Customers come, are archived, and are called by other names; what a world opened with stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.accounts import Customer, Customers
from metersim.billing.facts import Selection
from metersim.billing.instants import Span
from metersim.world.changes import (
    Change,
    CustomerArchived,
    CustomerCreated,
    IngestAliasesSet,
    UsageRecorded,
)
from metersim.world.world import World
from tests.world.opened import NOW, opening, recorded

NAMES = ("a@acme.example", "cust_1", "cust_2", "new", "newer")
# No scenario gives one name to two of them.
OPENED = (
    Customer("acme", "uuid-acme", "Acme", "cust_1", ("a@acme.example",)),
    Customer("beta", "uuid-beta", "Beta", "cust_2"),
)
CUSTOMERS = ("acme", "beta", "created")
KEYS = {"uuid-acme": "acme", "uuid-beta": "beta", "created": "created"}

names = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(tuple)
named = st.builds(IngestAliasesSet, st.sampled_from(CUSTOMERS), names, st.just(NOW))


def world(*changes: Change) -> World:
    """The small world, with a customer that is created at once."""
    opened = World(replace(opening(), customers=Customers({each.key: each for each in OPENED})))
    for change in (CustomerCreated("created", "Created", (), NOW), *changes):
        opened.apply(change)
    return opened


def used(world: World, customer: str) -> Decimal | None:
    selection = Selection(customer=customer)
    return world.usage(world.opening.meters["calls"], selection).over(Span())


@given(st.lists(named, max_size=6))
def test_an_alias_means_whoever_it_was_last_given_to_and_nobody_else(
    changes: list[IngestAliasesSet],
) -> None:
    after = world(*changes)
    for name in NAMES:
        holders = [key for key, each in after.customers.items() if name in each.ingest_aliases]
        assert holders == [key for key in [after.customer_key(name)] if key is not None]
    if changes:
        last = changes[-1]
        assert after.customers[last.customer].ingest_aliases == last.aliases


@given(st.lists(named, max_size=6))
def test_ids_and_keys_mean_their_customers_for_good(changes: list[IngestAliasesSet]) -> None:
    customers = world(*changes).customers
    assert dict(customers.by_id) == KEYS
    assert tuple(customers.ids) == tuple(sorted(KEYS))
    for each in customers.values():
        assert customers.meant_by(each.id) == customers.meant_by(each.key) == each.key
    external = {each.external_id: each.key for each in customers.values()}
    assert dict(customers.by_external_id) == external


def test_a_key_that_was_the_external_id_too_means_its_customer_for_good() -> None:
    acme = Customer("acme", "uuid-acme", "Acme", "acme")
    opened = World(replace(opening(), customers=Customers({"acme": acme})))
    opened.apply(IngestAliasesSet("acme", ("new",), NOW))
    assert opened.customers["acme"].ingest_aliases == ("new",)
    assert opened.customer_key("acme") == "acme"


def test_an_external_id_is_that_of_now_however_often_it_was_asked_for() -> None:
    lived = world(IngestAliasesSet("created", ("new",), NOW))
    assert lived.customers.by_external_id["new"] == "created"
    lived.apply(IngestAliasesSet("created", ("newer",), NOW))
    assert "new" not in lived.customers.by_external_id
    assert lived.customers.by_external_id["newer"] == "created"


@given(st.lists(named, max_size=6))
def test_usage_by_alias_is_that_of_whoever_has_the_alias_now(
    changes: list[IngestAliasesSet],
) -> None:
    before = world()
    after = world(*(recorded(1, customer=name) for name in NAMES), *changes)
    for key in CUSTOMERS:
        meant = sum(after.customer_key(name) == key for name in NAMES)
        assert (used(after, key) or 0) == (used(before, key) or 0) + meant


def test_nothing_that_is_shared_by_sessions_changes() -> None:
    opened = opening()
    changed, untouched = World(opened), World(opened)
    told = [untouched.customers[key] for key in opened.customers]
    changed.apply(CustomerCreated("created", "Created", ("new",), NOW))
    changed.apply(IngestAliasesSet("acme", ("cust_2",), NOW))
    changed.apply(CustomerArchived("beta", NOW))
    assert list(untouched.customers) == ["acme", "beta"] == list(opened.customers)
    assert [untouched.customers[key] for key in opened.customers] == told
    assert untouched.customer_key("cust_2") == "beta"
    assert len(changed.customers) == 3
    changed.reset()
    assert [changed.customers[key] for key in changed.customers] == told


def test_an_archived_customer_keeps_its_names_and_its_usage() -> None:
    before, after = world(), world(CustomerArchived("acme", NOW))
    acme = before.customers["acme"]
    told = replace(acme, archived=True, archived_at=NOW, updated=NOW)
    assert after.customers["acme"] == told
    assert used(after, "acme") == used(before, "acme")
    assert after.customer("cust_1") == told


def without_project(customer: str, at: datetime = NOW) -> UsageRecorded:
    return replace(recorded(1, at, customer), project=None)


def of_project(world: World, project: str) -> Decimal | None:
    return world.usage(world.opening.meters["calls"], Selection(project=project)).over(Span())


def test_usage_without_a_project_is_that_of_its_customers_first_one() -> None:
    before = of_project(world(), "site")
    assert before is not None
    after = world(without_project("a@acme.example"), without_project("nobody"))
    assert of_project(after, "site") == before + 1
    assert of_project(after, "idea") is None


def test_usage_with_a_project_stays_there_whoever_it_is_of() -> None:
    after = world(recorded(1, customer="cust_2"), without_project("cust_2"))
    assert of_project(after, "site") == (of_project(world(), "site") or 0) + 1
    assert of_project(after, "idea") == 1


def test_whoever_was_created_last_is_among_all_ids() -> None:
    after = world()
    for key in ("zebra", "aardvark"):
        assert key not in after.customers.ids
        after.apply(CustomerCreated(key, key, (), NOW))
        assert list(after.customers.ids) == sorted(after.customers.by_id)
        assert key in after.customers.ids


def test_it_goes_along_with_the_alias_that_it_came_under() -> None:
    after = world(without_project("new"))
    assert of_project(after, "idea") is None
    after.apply(IngestAliasesSet("beta", ("new",), NOW))
    assert of_project(after, "idea") == used(after, "beta") == 1
    after.apply(IngestAliasesSet("created", ("new",), NOW))
    assert of_project(after, "idea") is None
    assert used(after, "created") == 1
