"""Who uses and who pays: customers, their projects, and the payment methods behind them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer of the company, under every name a vendor may call it by.

    ``id`` is a uuid; ``external_id`` is the company's own reference; ``aliases`` (emails among
    them) are further names under which usage may arrive. A ``rate_card`` of its own takes the place
    of the list prices. The organization of a ``restricted`` customer has not paid, or spent too
    much. ``created``, ``updated`` and ``archived_at`` are None where the world opened with it so.
    """

    key: str
    id: str
    name: str
    external_id: str
    aliases: tuple[str, ...] = ()
    plan: str | None = None
    rate_card: str | None = None
    archived: bool = False
    restricted: bool = False
    created: datetime | None = None
    updated: datetime | None = None
    archived_at: datetime | None = None

    @property
    def ingest_aliases(self) -> tuple[str, ...]:
        """What it may be called by in usage events beside its id, the external id first."""
        names = dict.fromkeys((self.external_id, *self.aliases))
        return tuple(name for name in names if name != self.id)

    @property
    def references(self) -> tuple[str, ...]:
        """Every string that means this customer."""
        return (self.id, self.external_id, self.key, *self.aliases)


@dataclass(frozen=True, slots=True)
class Project:
    """A customer's project; one without a payment method is inactive.

    ``id`` is what Mudbase calls it, ``key`` its name at MK.IO. A ``secured`` project takes usage
    only from callers with credentials.
    """

    key: str
    id: str
    customer: str
    payment_method: str | None = None
    secured: bool = False


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay, with the rate card that prices all usage it carries."""

    key: str
    name: str
    kind: str
    rate_card: str
    terms_accepted: bool = True


_Entity = TypeVar("_Entity")

# Emails of generated customers end in it, after the customer's key: a name that nobody can own.
GENERATED_DOMAIN = ".example"


class Roster(Mapping[str, _Entity], Generic[_Entity]):
    """Entities by key: those that were named, then those that are made when they are asked for."""

    def __init__(
        self,
        named: Mapping[str, _Entity],
        generated: Collection[str] = (),
        make: Callable[[str], _Entity] | None = None,
    ) -> None:
        self._named = dict(named)
        self.generated = generated
        self._make = make
        self._made: dict[str, _Entity] = {}

    def __getitem__(self, key: str) -> _Entity:
        if key in self._named:
            return self._named[key]
        if key not in self._made:
            if self._make is None or key not in self.generated:
                raise KeyError(key)
            self._made[key] = self._make(key)
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._named or key in self.generated

    def __iter__(self) -> Iterator[str]:
        yield from self._named
        yield from self.generated

    def __len__(self) -> int:
        return len(self._named) + len(self.generated)


class Customers(Roster[Customer]):
    """Customers by key, and by all that else means them.

    A generated customer's external id is its key, and its email tells its key; ``id_of`` tells its
    id without making the customer.
    """

    def __init__(
        self,
        named: Mapping[str, Customer],
        generated: Collection[str] = (),
        make: Callable[[str], Customer] | None = None,
        id_of: Callable[[str], str] = str,
    ) -> None:
        super().__init__(named, generated, make)
        self._id_of = id_of

    @cached_property
    def by_id(self) -> Mapping[str, str]:
        """Key of each customer by its id, in order of id."""
        named = [(customer.id, key) for key, customer in self._named.items()]
        return dict(sorted(named + [(self._id_of(key), key) for key in self.generated]))

    @cached_property
    def ids(self) -> Sequence[str]:
        """All ids, in order."""
        return tuple(self.by_id)

    @cached_property
    def by_external_id(self) -> Mapping[str, str]:
        """Key of each customer by the company's own reference; the first to claim one has it."""
        named = {customer.external_id: key for key, customer in reversed(self._named.items())}
        return {**{key: key for key in self.generated}, **named}

    def meant_by(self, reference: str) -> str | None:
        """Key of the customer that an id, external id, key, alias or email means, or None."""
        if reference in self._references:
            return self._references[reference]
        if reference in self.generated:
            return reference
        key = reference.rpartition("@")[2].removesuffix(GENERATED_DOMAIN)
        if key in self.generated and reference in self[key].aliases:
            return key
        return self.by_id.get(reference)

    @cached_property
    def _references(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for key, customer in self._named.items():
            for reference in customer.references:
                found.setdefault(reference, key)
        return found
