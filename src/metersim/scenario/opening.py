"""From a scenario's data to the opening of a world.

What a schema cannot say (that a reference leads somewhere, that a span does not end before it
begins) is checked here, and said with the line it stands on.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from metersim.billing.accounts import Customer, PaymentMethod, Project
from metersim.billing.instants import EARLIEST, LATEST, parse_date_or_instant, parse_duration
from metersim.billing.meters import Aggregation, Meter, MeterStatus
from metersim.billing.plans import Allowance, Plan
from metersim.billing.quantity import exact
from metersim.billing.rates import RateCard
from metersim.billing.usage import Pattern, Series, SeriesSums, UsageEvent, Value
from metersim.errors import ScenarioError, nearest
from metersim.reading import Json, Source
from metersim.world.identifiers import Identifiers
from metersim.world.opening import Credential, Opening

# In every scenario, so that a client's tests need to know no more than these.
_CREDENTIALS = (
    Credential("metersim-token", scopes=("*",)),
    Credential("metersim-readonly", scopes=("*:read",)),
    Credential("metersim-noscope"),
    Credential("metersim-expired", scopes=("*",), expires=EARLIEST),
)
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def read_opening(source: Source, name: str, seed: int | None) -> Opening:
    """The opening that a scenario's data describe; ScenarioError where it makes no sense."""
    return _Reader(source, name, source.data.get("seed", 1) if seed is None else seed).opening()


class _Reader:
    """Turns a scenario's data into an opening, and checks each reference on the way."""

    def __init__(self, source: Source, name: str, seed: int) -> None:
        self._source = source
        self._name = name
        self._data = source.data
        self._seed = seed
        self._identifiers = Identifiers(seed)

    def opening(self) -> Opening:
        meters = {key: self._meter(key, row) for key, row in self._section("meters").items()}
        self._unique("meters", {key: meter.id for key, meter in meters.items()})
        cards = {
            key: self._card(key, row, meters) for key, row in self._section("rate_cards").items()
        }
        plans = {key: self._plan(key, row, meters) for key, row in self._section("plans").items()}
        customers = {
            key: self._customer(key, row) for key, row in self._section("customers").items()
        }
        self._unique("customers", {key: customer.id for key, customer in customers.items()})
        projects = {key: self._project(key, row) for key, row in self._section("projects").items()}
        self._unique("projects", {key: project.id for key, project in projects.items()})
        return Opening(
            scenario=self._name,
            seed=self._seed,
            now=parse_date_or_instant(self._data["clock"]),
            list_prices=self._list_prices(cards),
            meters=meters,
            rate_cards=cards,
            plans=plans,
            payment_methods={
                k: self._method(k, row) for k, row in self._section("payment_methods").items()
            },
            customers=customers,
            projects=projects,
            credentials=self._credentials(),
            series=self._series(),
            events=[
                self._event(index, row) for index, row in enumerate(self._data.get("events", []))
            ],
        )

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

    def _card(self, key: str, row: Json, meters: Mapping[str, Meter]) -> RateCard:
        for meter in row["prices"]:
            path = ("rate_cards", key, "prices", meter)
            self._refers(path, meter, "meters")
            if not meters[meter].aggregation.additive:
                # A price for a peak or a level would make a month cost other than its days.
                raise self._error(path, "only a SUM or COUNT meter can have a price")
        prices = {meter: _number(price) for meter, price in row["prices"].items()}
        return RateCard(key, row.get("currency", "USD"), prices)

    def _list_prices(self, cards: Mapping[str, RateCard]) -> RateCard:
        if "list_prices" in self._data:
            self._refers(("list_prices",), self._data["list_prices"], "rate_cards")
            return cards[self._data["list_prices"]]
        return next(iter(cards.values()), RateCard("none", "USD", {}))

    def _plan(self, key: str, row: Json, meters: Mapping[str, Meter]) -> Plan:
        allowances: dict[str, Allowance] = {}
        for meter, includes in row.get("includes", {}).items():
            self._refers(("plans", key, "includes", meter), meter, "meters")
            allowances[meter] = Allowance(
                included=_number(includes["amount"]),
                overage_price=_number(includes.get("overage_price", 0)),
                projected=includes.get("projected", True) and meters[meter].aggregation.additive,
            )
        currency = row.get("currency", "USD")
        return Plan(key, row.get("name", key), _number(row["price"]), currency, allowances)

    def _customer(self, key: str, row: Json) -> Customer:
        if "plan" in row:
            self._refers(("customers", key, "plan"), row["plan"], "plans")
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
        self._refers(("projects", key, "customer"), row["customer"], "customers")
        if "payment_method" in row:
            path = ("projects", key, "payment_method")
            self._refers(path, row["payment_method"], "payment_methods")
        return Project(
            key=key,
            id=row.get("id", self._identifiers.token("project", key)),
            customer=row["customer"],
            payment_method=row.get("payment_method"),
            secured=row.get("secured", False),
        )

    def _method(self, key: str, row: Json) -> PaymentMethod:
        self._refers(("payment_methods", key, "rate_card"), row["rate_card"], "rate_cards")
        return PaymentMethod(
            key=key,
            name=row.get("name", key),
            kind=row.get("kind", "direct_contract"),
            rate_card=row["rate_card"],
            terms_accepted=row.get("terms_accepted", True),
        )

    def _credentials(self) -> dict[str, Credential]:
        found = {credential.token: credential for credential in _CREDENTIALS}
        for token, row in self._section("credentials").items():
            for key, section in (("customer", "customers"), ("project", "projects")):
                if key in row:
                    self._refers(("credentials", token, key), row[key], section)
            expires = parse_date_or_instant(row["expires"]) if "expires" in row else None
            found[token] = Credential(
                token, tuple(row["scopes"]), row.get("customer"), row.get("project"), expires
            )
        first = next(iter(self._section("customers")), None)
        return {k: replace(c, customer=c.customer or first) for k, c in found.items()}

    # -- usage

    def _series(self) -> dict[str, list[SeriesSums]]:
        by_name: dict[str, list[SeriesSums]] = {}
        for index, row in enumerate(self._data.get("usage", [])):
            path = ("usage", index)
            self._labels(path, row)
            start = parse_date_or_instant(row["from"])
            end = parse_date_or_instant(row["until"]) if "until" in row else LATEST
            if end <= start:
                raise self._error((*path, "until"), f"ends before it begins, at {row['from']}")
            pattern = Pattern(
                mean=_number(row["amount"]),
                unit=_number(row.get("unit", 1)),
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
                start=start,
                step=_STEPS[row.get("every", "hour")],
                end=end,
                lag=parse_duration(row.get("charged_after", "PT0S")),
                property=row.get("property", "quantity"),
                properties=_properties(row),
            )
            by_name.setdefault(series.name, []).append(SeriesSums(series))
        return by_name

    def _event(self, index: int, row: Json) -> UsageEvent:
        path = ("events", index)
        self._labels(path, row)
        occurred = parse_date_or_instant(row["at"])
        charged = parse_date_or_instant(row["charged_at"]) if "charged_at" in row else occurred
        if charged < occurred:
            raise self._error((*path, "charged_at"), f"charged before it occurred, at {row['at']}")
        quantity = {"quantity": _number(row["quantity"])} if "quantity" in row else {}
        return UsageEvent(
            id=self._identifiers.uuid("opening event", str(index)),
            name=row["event"],
            customer=row["customer"],
            project=row.get("project"),
            occurred=occurred,
            charged=charged,
            properties={**_properties(row), **quantity},
        )

    def _labels(self, path: tuple[str, int], row: Json) -> None:
        self._refers((*path, "customer"), row["customer"], "customers")
        if "project" in row:
            self._refers((*path, "project"), row["project"], "projects")
            owner = self._section("projects")[row["project"]]["customer"]
            if owner != row["customer"]:
                raise self._error(
                    (*path, "project"), f"project {row['project']!r} belongs to customer {owner!r}"
                )

    # -- checks

    def _section(self, name: str) -> dict[str, Json]:
        return self._data.get(name, {})  # type: ignore[no-any-return]  # the schema says so

    def _refers(self, path: tuple[str | int, ...], key: str, section: str) -> None:
        known: Collection[str] = self._section(section)
        if key not in known:
            raise self._error(path, f"{key!r} is not among {section}; {nearest(key, known)}")

    def _unique(self, section: str, ids: Mapping[str, str]) -> None:
        seen: dict[str, str] = {}
        for key, value in ids.items():
            if value in seen:
                raise self._error(
                    (section, key, "id"), f"{value!r} is the id of {seen[value]!r} too"
                )
            seen[value] = key

    def _error(self, path: tuple[str | int, ...], message: str) -> ScenarioError:
        where = self._source.where(path)
        return ScenarioError(f"{where}: {'.'.join(map(str, path))}: {message}")


def _number(value: int | Decimal) -> Decimal:
    return exact(value) if isinstance(value, int) else value


def _properties(row: Json) -> dict[str, Value]:
    given = row.get("properties", {})
    return {k: v if isinstance(v, str) else _number(v) for k, v in given.items()}
