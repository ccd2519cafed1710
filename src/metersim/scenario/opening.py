"""From a scenario's data, found sound, to the opening of a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from metersim.billing.accounts import Customer, Customers, PaymentMethod, Project, Roster
from metersim.billing.instants import EARLIEST, parse_date_or_instant, parse_duration
from metersim.billing.meters import Aggregation, Meter, MeterStatus, PropertyFilter
from metersim.billing.plans import Allowance, Plan
from metersim.billing.quantity import ZERO, exact
from metersim.billing.rates import RateCard
from metersim.billing.sources import EventIndex, OpeningSeries
from metersim.reading import Json
from metersim.scenario import usage
from metersim.scenario.population import EACH, People, generated, named
from metersim.scenario.prices import prices
from metersim.world.identifiers import Identifiers
from metersim.world.opening import Credential, Opening

_Entity = TypeVar("_Entity")

# Its bearer may do anything, at every vendor.
TOKEN = "metersim-token"

# In every scenario, so that a client's tests need to know no more than these.
GIVEN_CREDENTIALS = {
    credential.token: credential
    for credential in (
        Credential(TOKEN, scopes=("*",)),
        Credential("metersim-readonly", scopes=("*:read",)),
        Credential("metersim-noscope"),
        Credential("metersim-expired", scopes=("*",), expires=EARLIEST),
    )
}


def read_opening(data: Json, name: str, seed: int | None) -> Opening:
    """The opening that a scenario's data describe, for its own seed unless one is given."""
    return _Reader(data, name, data.get("seed", 1) if seed is None else seed).opening()


def read_clock(clock: Json) -> tuple[datetime, Decimal]:
    """The instant it starts at, and the rate at which it moves: 0 unless given."""
    if isinstance(clock, str):
        return parse_date_or_instant(clock), ZERO
    return parse_date_or_instant(clock["now"]), exact(clock.get("rate", 0))


class _Reader:
    """Turns each part of a scenario's data into values, and mints the ids it does not give."""

    def __init__(self, data: Json, name: str, seed: int) -> None:
        self._name = name
        self._data = data
        self._seed = seed
        self._identifiers = Identifiers(seed)

    def opening(self) -> Opening:
        meters = self._each("meters", self._meter)
        cards = self._each("rate_cards", self._card)
        no_prices = RateCard("none", "USD", {})
        now, rate = read_clock(self._data["clock"])
        return Opening(
            scenario=self._name,
            seed=self._seed,
            now=now,
            rate=rate,
            list_prices=cards.get(self._data.get("list_prices", next(iter(cards), "")), no_prices),
            meters=meters,
            rate_cards=cards,
            plans={
                key: self._plan(key, row, meters)
                for key, row in self._data.get("plans", {}).items()
            },
            payment_methods=self._each("payment_methods", self._method),
            customers=self._customers(),
            projects=Roster(
                self._each("projects", self._project),
                generated(self._data, "projects"),
                self._generated_project,
            ),
            credentials=self._credentials(),
            series=OpeningSeries(
                usage.families(
                    self._data.get("usage", []),
                    generated(self._data, "customers"),
                    self._identifiers,
                )
            ),
            events=EventIndex(usage.events(self._data.get("events", []), self._identifiers)),
            visible_after=parse_duration(self._data.get("visible_after", "PT0S")),
        )

    def _each(self, section: str, read: Callable[[str, Json], _Entity]) -> dict[str, _Entity]:
        return {key: read(key, row) for key, row in named(self._data, section).items()}

    # -- entities

    def _meter(self, key: str, row: Json) -> Meter:
        return Meter(
            key=key,
            id=row.get("id", self._identifiers.uuid("meter", key)).lower(),
            name=row.get("name", key),
            unit=row.get("unit", "units"),
            events=frozenset(row.get("events", [key])),
            aggregation=Aggregation(row.get("aggregation", "SUM")),
            property=row.get("property", "quantity"),
            property_filters=tuple(_filter(each) for each in row.get("property_filters", ())),
            group_keys=tuple(row.get("group_keys", ())),
            status=MeterStatus(row.get("status", "active")),
        )

    def _card(self, key: str, row: Json) -> RateCard:
        by_meter = {meter: prices(price) for meter, price in row["prices"].items()}
        return RateCard(key, row.get("currency", "USD"), by_meter, exact(row.get("minimum", 0)))

    def _plan(self, key: str, row: Json, meters: Mapping[str, Meter]) -> Plan:
        allowances: dict[str, Allowance] = {}
        for meter, includes in row.get("includes", {}).items():
            allowances[meter] = Allowance(
                included=exact(includes["amount"]),
                overage_price=exact(includes.get("overage_price", 0)),
                projected=includes.get("projected", True) and meters[meter].aggregation.additive,
            )
        currency = row.get("currency", "USD")
        return Plan(key, row.get("name", key), exact(row["price"]), currency, allowances)

    def _customers(self) -> Customers:
        return Customers(
            self._each("customers", self._customer),
            generated(self._data, "customers"),
            self._generated_customer,
            self._customer_id,
        )

    def _customer_id(self, key: str) -> str:
        return self._identifiers.uuid("customer", key)

    def _customer(self, key: str, row: Json) -> Customer:
        return Customer(
            key=key,
            id=row.get("id", self._customer_id(key)).lower(),
            name=row.get("name", key),
            external_id=row.get("external_id", key),
            aliases=(*row.get("emails", ()), *row.get("aliases", ())),
            plan=row.get("plan"),
            rate_card=row.get("rate_card"),
            archived=row.get("archived", False),
            restricted=row.get("restricted", False),
        )

    def _generated_customer(self, key: str) -> Customer:
        section = self._data["customers"]
        people = People(section.get("locale", "en_US"), self._identifiers)
        about = {"name": people.company(key), "emails": [people.email(key)]}
        return self._customer(key, {**section.get(EACH, {}), **about})

    def _generated_project(self, key: str) -> Project:
        return self._project(key, {**self._data["projects"][EACH], "customer": key})

    def _project(self, key: str, row: Json) -> Project:
        return Project(
            key=key,
            id=row.get("id", self._identifiers.token("project", key)),
            customer=row["customer"],
            payment_method=row.get("payment_method"),
            secured=row.get("secured", False),
        )

    def _method(self, key: str, row: Json) -> PaymentMethod:
        return PaymentMethod(
            key=key,
            name=row.get("name", key),
            kind=row.get("kind", "direct_contract"),
            rate_card=row["rate_card"],
            terms_accepted=row.get("terms_accepted", True),
        )

    def _credentials(self) -> dict[str, Credential]:
        found = dict(GIVEN_CREDENTIALS)
        for token, row in self._data.get("credentials", {}).items():
            expires = parse_date_or_instant(row["expires"]) if "expires" in row else None
            found[token] = Credential(
                token, tuple(row["scopes"]), row.get("customer"), row.get("project"), expires
            )
        keys = (*named(self._data, "customers"), *generated(self._data, "customers"))
        owners = {key: row["customer"] for key, row in named(self._data, "projects").items()}
        owners |= {key: key for key in generated(self._data, "projects")}
        first = next(iter(keys), None)
        return {
            token: replace(each, customer=each.customer or owners.get(each.project or "", first))
            for token, each in found.items()
        }


def _filter(row: Json) -> PropertyFilter:
    return PropertyFilter(
        name=row["name"],
        exists=row.get("exists"),
        in_values=frozenset(row["in_values"]) if "in_values" in row else None,
        not_in_values=frozenset(row.get("not_in_values", ())),
    )
