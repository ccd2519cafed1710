"""From a scenario's data, found sound, to the opening of a world."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from metersim.billing.accounts import Customer, PaymentMethod, Project
from metersim.billing.instants import EARLIEST, LATEST, parse_date_or_instant, parse_duration
from metersim.billing.meters import Aggregation, Meter, MeterStatus
from metersim.billing.plans import Allowance, Plan
from metersim.billing.quantity import exact
from metersim.billing.rates import RateCard
from metersim.billing.usage import Pattern, Series, SeriesSums, UsageEvent, Value
from metersim.reading import Json
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
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def read_opening(data: Json, name: str, seed: int | None) -> Opening:
    """The opening that a scenario's data describe, for its own seed unless one is given."""
    return _Reader(data, name, data.get("seed", 1) if seed is None else seed).opening()


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
        return Opening(
            scenario=self._name,
            seed=self._seed,
            now=parse_date_or_instant(self._data["clock"]),
            list_prices=cards.get(self._data.get("list_prices", next(iter(cards), "")), no_prices),
            meters=meters,
            rate_cards=cards,
            plans={
                key: self._plan(key, row, meters)
                for key, row in self._data.get("plans", {}).items()
            },
            payment_methods=self._each("payment_methods", self._method),
            customers=self._each("customers", self._customer),
            projects=self._each("projects", self._project),
            credentials=self._credentials(),
            series=self._series(),
            events=self._events(),
        )

    def _each(self, section: str, read: Callable[[str, Json], _Entity]) -> dict[str, _Entity]:
        return {key: read(key, row) for key, row in self._data.get(section, {}).items()}

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
            group_keys=tuple(row.get("group_keys", ())),
            status=MeterStatus(row.get("status", "active")),
        )

    def _card(self, key: str, row: Json) -> RateCard:
        prices = {meter: exact(price) for meter, price in row["prices"].items()}
        return RateCard(key, row.get("currency", "USD"), prices)

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

    def _customer(self, key: str, row: Json) -> Customer:
        return Customer(
            key=key,
            id=row.get("id", self._identifiers.uuid("customer", key)).lower(),
            name=row.get("name", key),
            external_id=row.get("external_id", key),
            aliases=(*row.get("emails", ()), *row.get("aliases", ())),
            plan=row.get("plan"),
            archived=row.get("archived", False),
        )

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
        first = next(iter(self._data.get("customers", {})), None)
        owners = {key: row["customer"] for key, row in self._data.get("projects", {}).items()}
        return {
            token: replace(each, customer=each.customer or owners.get(each.project, first))
            for token, each in found.items()
        }

    # -- usage

    def _series(self) -> dict[str, list[SeriesSums]]:
        by_name: dict[str, list[SeriesSums]] = {}
        for row in self._data.get("usage", []):
            pattern = Pattern(
                mean=exact(row["amount"]),
                unit=exact(row.get("unit", 1)),
                business_hours=row.get("rhythm") == "business",
                growth=int(row.get("growth", 0) * 1_000),
                noise=int(row.get("noise", 0) * 1_000),
            )
            series = Series(
                # Labels, not the row's number: a row added above changes no other row's noise.
                seed=self._identifiers.token("series", json.dumps(row, default=str)),
                name=row["event"],
                customer=row["customer"],
                project=row.get("project"),
                pattern=pattern,
                start=parse_date_or_instant(row["from"]),
                step=_STEPS[row.get("every", "hour")],
                end=parse_date_or_instant(row["until"]) if "until" in row else LATEST,
                lag=parse_duration(row.get("charged_after", "PT0S")),
                property=row.get("property", "quantity"),
                properties=_properties(row),
            )
            by_name.setdefault(series.name, []).append(SeriesSums(series))
        return by_name

    def _events(self) -> dict[str, list[UsageEvent]]:
        by_name: dict[str, list[UsageEvent]] = {}
        for index, row in enumerate(self._data.get("events", [])):
            by_name.setdefault(row["event"], []).append(self._event(index, row))
        return by_name

    def _event(self, index: int, row: Json) -> UsageEvent:
        occurred = parse_date_or_instant(row["at"])
        charged = parse_date_or_instant(row["charged_at"]) if "charged_at" in row else occurred
        quantity = {"quantity": exact(row["quantity"])} if "quantity" in row else {}
        return UsageEvent(
            id=self._identifiers.uuid("opening event", str(index)),
            name=row["event"],
            customer=row["customer"],
            project=row.get("project"),
            occurred=occurred,
            charged=charged,
            properties={**_properties(row), **quantity},
        )


def _properties(row: Json) -> dict[str, Value]:
    given = row.get("properties", {})
    return {k: v if isinstance(v, str) else exact(v) for k, v in given.items()}
