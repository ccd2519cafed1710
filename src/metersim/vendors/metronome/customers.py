"""Metronome's customers: who they are, and by which aliases usage events may call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metersim.billing.accounts import Customer
from metersim.billing.instants import to_milliseconds
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import conflict, not_found
from metersim.vendors.metronome.lists import page
from metersim.world.changes import CustomerArchived, CustomerCreated, IngestAliasesSet
from metersim.world.world import World

_LONGEST_NAME = 160


def list_customers(call: Call, world: World) -> Reply:
    """The archived ones, or the others: never both."""
    customers, archived = world.customers, call.query["only_archived"]

    def shown(customer_id: str) -> Json | None:
        customer = customers[customers.by_id[customer_id]]
        return _detail(customer, world) if customer.archived is archived else None

    return page(call, _wanted(call.query, world), shown, world)


def _wanted(asked: Mapping[str, Json], world: World) -> Sequence[str]:
    """Ids in order, of those customers that every filter lets pass."""
    customers = world.customers
    if "salesforce_account_ids" in asked:
        return []  # nobody has one here
    ids: Sequence[str] = customers.ids
    if "customer_ids" in asked:
        given = {each.lower() for each in asked["customer_ids"]}
        ids = sorted(each for each in given if each in customers.by_id)
    if "ingest_alias" in asked:
        key = customers.meant_by(asked["ingest_alias"])
        found = None if key is None else customers[key]
        named = found is not None and asked["ingest_alias"] in found.ingest_aliases
        ids = [each for each in ids if each == found.id] if found is not None and named else []
    return ids


def create_customer(call: Call, world: World) -> Reply:
    """Usage that came under its aliases before counts from now on."""
    asked = call.body
    given = [asked["external_id"]] if "external_id" in asked else []
    aliases = tuple(dict.fromkeys([*given, *asked.get("ingest_aliases", ())]))
    for alias in aliases:
        if world.customer_key(alias) is not None:
            raise conflict(f"the ingest alias {alias!r} is another customer's")
    customer = world.identifiers.uuid("customer created", str(len(world.customers)))
    world.apply(CustomerCreated(customer, asked["name"][:_LONGEST_NAME], aliases, world.now))
    return Reply({"data": _summary(world.customers[customer])})


def get_customer(call: Call, world: World) -> Reply:
    """Archived or not."""
    return Reply({"data": _detail(_customer(call.path["customer_id"], world), world)})


def archive_customer(call: Call, world: World) -> Reply:
    """Archiving again changes nothing."""
    customer = _customer(call.body["id"], world)
    if not customer.archived:
        world.apply(CustomerArchived(customer.key, world.now))
    return Reply({"data": {"id": customer.id}})


def set_ingest_aliases(call: Call, world: World) -> Reply:
    """The whole set. An alias of another customer's moves here, and all its usage with it."""
    customer = _customer(call.path["customer_id"], world)
    aliases = tuple(dict.fromkeys(call.body["ingest_aliases"]))
    for alias in aliases:
        key = world.customer_key(alias)
        if key not in (None, customer.key) and alias in (key, world.customers[key].id):
            raise conflict(f"{alias!r} is another customer's for good, and no alias")
    if aliases != customer.ingest_aliases:
        world.apply(IngestAliasesSet(customer.key, aliases, world.now))
    return Reply(None)


def _customer(given: str, world: World) -> Customer:
    key = world.customers.by_id.get(given.lower())
    if key is None:
        raise not_found(f"no customer has the id {given!r}")
    return world.customers[key]


def _summary(customer: Customer) -> dict[str, Json]:
    return {
        "id": customer.id,
        "external_id": customer.external_id,
        "ingest_aliases": list(customer.ingest_aliases),
        "name": customer.name,
        "custom_fields": {},
    }


def _detail(customer: Customer, world: World) -> dict[str, Json]:
    """Whoever was there when the world opened was created then, as far as anyone knows."""
    opened = world.opening.now
    created = customer.created or opened
    detail = {
        **_summary(customer),
        "customer_config": {"salesforce_account_id": None},
        "created_at": to_milliseconds(created),
        "updated_at": to_milliseconds(customer.updated or created),
    }
    if customer.archived:
        detail["archived_at"] = to_milliseconds(customer.archived_at or opened)
    return detail
