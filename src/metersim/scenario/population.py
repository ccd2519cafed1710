"""Generated customers and their projects: numbered, and made one by one when they are asked for.

Ids follow from seed and key alone. Names come from Faker, seeded for each customer apart, so that
one more changes no other; they are for people to read and may change with a release of Faker.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from metersim.billing.accounts import GENERATED_DOMAIN
from metersim.reading import Json
from metersim.world.identifiers import Identifiers

if TYPE_CHECKING:
    from faker import Faker

# Stands for every generated customer, as their own attributes and as the customer of usage.
EACH = "each"

_KEY = re.compile(r"customer-([0-9]{4,7})")

_DRAWING = Lock()

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
        return _Numbered(int(data.get("customers", {}).get("count", 0)))
    return ()


class _Numbered(Collection[str]):
    """The keys up to a number, of which none is held."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __contains__(self, key: object) -> bool:
        found = _KEY.fullmatch(key) if isinstance(key, str) else None
        number = int(found[1]) if found else 0
        return 0 < number <= self._count and key == _key(number)

    def __iter__(self) -> Iterator[str]:
        return map(_key, range(1, self._count + 1))

    def __len__(self) -> int:
        return self._count


def _key(number: int) -> str:
    return f"customer-{number:04}"


class People:
    """Company names and emails, by customer."""

    def __init__(self, locale: str, identifiers: Identifiers) -> None:
        self._locale = locale
        self._identifiers = identifiers

    def company(self, customer: str) -> str:
        """What the customer is called."""
        return self._drawn("company", customer)

    def email(self, customer: str) -> str:
        """An address at a domain of the customer's own, which tells its key."""
        return f"{self._drawn('email', customer)}@{customer}{GENERATED_DOMAIN}"

    def _drawn(self, about: str, customer: str) -> str:
        faker = _faker(self._locale)
        # One is shared by all, being slow to make, and nobody else may draw once it is seeded.
        with _DRAWING:
            faker.seed_instance(int.from_bytes(self._identifiers.digest(about, customer, size=8)))
            return faker.company() if about == "company" else faker.user_name()


@cache
def _faker(locale: str) -> Faker:
    # Imported here: it takes as long as all else, and most scenarios generate nobody.
    from faker import Faker

    return Faker(locale)


def locales() -> Collection[str]:
    """The locales that names can come from."""
    from faker.config import AVAILABLE_LOCALES

    return AVAILABLE_LOCALES
