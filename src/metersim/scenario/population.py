"""Generated customers and their projects: numbered, and made one by one when they are asked for.

Ids follow from seed and key alone. Names come from Faker, seeded for each customer apart, so that
one more changes no other; they are for people to read and may change with a release of Faker.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

from metersim.billing.accounts import GENERATED_DOMAIN
from metersim.reading import Json
from metersim.world.identifiers import Identifiers

if TYPE_CHECKING:
    from faker import Faker

# Stands for every generated customer, as their own attributes and as the customer of usage.
EACH = "each"

# Words in a section that are no keys of entities.
_WORDS = {"customers": {"count", "locale", EACH}, "projects": {EACH}}


def named(data: Json, section: str) -> dict[str, Json]:
    """The entities of a section that have keys of their own."""
    words = _WORDS.get(section, ())
    return {key: row for key, row in data.get(section, {}).items() if key not in words}


def generated(data: Json, section: str) -> Collection[str]:
    """Keys of the generated entities of a section: each customer has one project at most."""
    projects = section == "projects" and EACH in data.get("projects", {})
    if section == "customers" or projects:
        return _keys(data.get("customers", {}).get("count", 0))
    return ()


@cache
def _keys(count: int) -> Mapping[str, None]:
    return dict.fromkeys(f"customer-{number:04}" for number in range(1, count + 1))


class People:
    """Company names and emails, by customer."""

    def __init__(self, locale: str, identifiers: Identifiers) -> None:
        self._locale = locale
        self._identifiers = identifiers

    def company(self, customer: str) -> str:
        """What the customer is called."""
        return self._seeded("company", customer).company()

    def email(self, customer: str) -> str:
        """An address at a domain of the customer's own, which tells its key."""
        return f"{self._seeded('email', customer).user_name()}@{customer}{GENERATED_DOMAIN}"

    def _seeded(self, *about: str) -> Faker:
        faker = _faker(self._locale)
        faker.seed_instance(int.from_bytes(self._identifiers.digest(*about, size=8)))
        return faker


@cache
def _faker(locale: str) -> Faker:
    # Imported here: it takes as long as all else, and most scenarios generate nobody.
    from faker import Faker

    return Faker(locale)


def locales() -> Collection[str]:
    """The locales that names can come from."""
    from faker.config import AVAILABLE_LOCALES

    return AVAILABLE_LOCALES
