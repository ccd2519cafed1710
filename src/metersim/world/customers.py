"""Customers as they stand now: those a world opened with, and what was changed about them since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from metersim.billing.accounts import Customer, Customers
from metersim.world.changes import (
    CustomerArchived,
    CustomerChange,
    CustomerCreated,
    IngestAliasesSet,
)


class CurrentCustomers(Mapping[str, Customer]):
    """Customers by key, and by all that else means them; nothing is copied until something changes.

    A customer that was created is its own key. Id and key mean a customer for good; aliases may be
    given up, and go from one customer to another.
    """

    def __init__(self, opened: Customers) -> None:
        self._opened = opened
        self._changed: dict[str, Customer] = {}
        self._created: list[str] = []
        # Who is meant by a name now, where that has changed; None for nobody.
        self._meant: dict[str, str | None] = {}
        self._by_id: Mapping[str, str] | None = None
        self._ids: Sequence[str] | None = None
        self._by_external_id: Mapping[str, str] | None = None

    def __getitem__(self, key: str) -> Customer:
        return self._changed[key] if key in self._changed else self._opened[key]

    def __contains__(self, key: object) -> bool:
        return key in self._changed or key in self._opened

    def __iter__(self) -> Iterator[str]:
        yield from self._opened
        yield from self._created

    def __len__(self) -> int:
        return len(self._opened) + len(self._created)

    @property
    def by_id(self) -> Mapping[str, str]:
        """Key of each customer by its id, in order of id."""
        if not self._created:
            return self._opened.by_id
        if self._by_id is None:
            created = {key: key for key in self._created}
            self._by_id = dict(sorted({**self._opened.by_id, **created}.items()))
        return self._by_id

    @property
    def ids(self) -> Sequence[str]:
        """All ids, in order."""
        if not self._created:
            return self._opened.ids
        if self._ids is None:
            self._ids = tuple(self.by_id)
        return self._ids

    @property
    def by_external_id(self) -> Mapping[str, str]:
        """Key of each customer by the company's own reference."""
        if not self._changed:
            return self._opened.by_external_id
        if self._by_external_id is None:
            opened = self._opened.by_external_id.items()
            kept = {reference: key for reference, key in opened if key not in self._changed}
            changed = {each.external_id: key for key, each in self._changed.items()}
            self._by_external_id = {**kept, **changed}
        return self._by_external_id

    def meant_by(self, reference: str) -> str | None:
        """Key of the customer that an id, external id, key, alias or email means, or None."""
        if reference in self._meant:
            return self._meant[reference]
        return self._opened.meant_by(reference)

    def make(self, change: CustomerChange) -> None:
        """Make a change that the world remembers."""
        match change:
            case CustomerCreated(key, name, aliases, at):
                self._created.append(key)
                self._meant[key] = key
                self._by_id = self._ids = None
                self._put(Customer(key, key, name, key, created=at))
                self._name(key, aliases, at)
            case IngestAliasesSet(key, aliases, at):
                self._name(key, aliases, at)
            case CustomerArchived(key, at):
                self._put(replace(self[key], archived=True, archived_at=at, updated=at))
            case _:
                assert_never(change)

    def _name(self, key: str, aliases: Sequence[str], at: datetime) -> None:
        for alias in self[key].ingest_aliases:
            if alias != key and self.meant_by(alias) == key:
                self._meant[alias] = None
        for alias in aliases:
            loser = self.meant_by(alias)
            if loser not in (None, key):
                kept = [each for each in self[loser].ingest_aliases if each != alias]
                self._put(_named(self[loser], kept, at))
            self._meant[alias] = key
        self._put(_named(self[key], aliases, at))

    def _put(self, customer: Customer) -> None:
        self._changed[customer.key] = customer
        self._by_external_id = None


def _named(customer: Customer, aliases: Sequence[str], at: datetime) -> Customer:
    """The first alias is the external id, or the id where there is none."""
    first, *others = aliases or [customer.id]
    return replace(customer, external_id=first, aliases=tuple(others), updated=at)
