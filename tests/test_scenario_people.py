"""Names of generated customers: the same whoever else is named at the same time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from metersim.scenario.population import People
from metersim.world.identifiers import Identifiers


def test_two_who_are_named_at_once_by_two_threads_are_named_as_when_alone() -> None:
    keys = [f"customer-{number:04}" for number in range(200)]
    alone = [drawn(key) for key in keys]
    with eager_threads(), ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: [drawn(key) for key in keys], range(4))) == [alone] * 4


def drawn(key: str) -> tuple[str, str]:
    people = People("en_US", Identifiers(1))
    return people.company(key), people.email(key)


@contextmanager
def eager_threads() -> Iterator[None]:
    """Threads that take turns as often as can be."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
