"""Customers are made when they are asked for, and found by every name that means them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.accounts import Customer, Customers, Roster

ACME = Customer("acme", "id-m", "Acme Inc.", "cust_1", aliases=("a@acme.example", "wile"))
BETA = Customer("beta", "id-b", "Beta Ltd.", "cust_2", aliases=("wile", "customer-3"))
GENERATED = ["customer-1", "customer-2", "customer-3"]


def id_of(key: str) -> str:
    """Ids in another order than that of the keys, and among those of the named."""
    return f"id-{'zka'[GENERATED.index(key)]}"


class Book(Customers):
    """Two named and three generated customers, and how often each of these was made."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        super().__init__({"acme": ACME, "beta": BETA}, GENERATED, self._customer, id_of)

    def _customer(self, key: str) -> Customer:
        self.made[key] += 1
        return Customer(key, id_of(key), key.title(), key, aliases=(f"jo@{key}.example",))


def test_a_customer_is_meant_by_each_of_its_names() -> None:
    assert ACME.references == ("id-m", "cust_1", "acme", "a@acme.example", "wile")


@given(st.lists(st.sampled_from(["acme", "beta", *GENERATED])))
def test_a_generated_customer_is_made_once_and_only_when_asked_for(asked: list[str]) -> None:
    book = Book()
    found = [book[key] for key in asked]
    assert [each.key for each in found] == asked
    assert all(book[each.key] is each for each in found)
    assert book.made == Counter({*asked} & {*GENERATED})


def test_to_look_through_the_names_makes_nobody() -> None:
    book = Book()
    assert list(book) == ["acme", "beta", *GENERATED]
    assert len(book) == 5
    assert "customer-2" in book
    assert "customer-4" not in book
    assert list(book.by_external_id) == [*GENERATED, "cust_2", "cust_1"]
    assert book.meant_by("id-k") == "customer-2"
    assert not book.made


def test_who_is_neither_named_nor_generated_is_not_there() -> None:
    for roster in (Book(), Roster({"acme": ACME}), Roster({"acme": ACME}, GENERATED)):
        assert roster["acme"] is ACME
        with pytest.raises(KeyError, match="nobody"):
            roster["nobody"]
        assert roster.get("nobody") is None


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("acme", "acme"),
        ("id-m", "acme"),
        ("cust_1", "acme"),
        ("a@acme.example", "acme"),
        ("cust_2", "beta"),
        ("customer-1", "customer-1"),
        ("id-z", "customer-1"),
        ("jo@customer-1.example", "customer-1"),
        # Of a generated customer, only the very address that it was given.
        ("bo@customer-1.example", None),
        ("customer-1.example", None),
        ("jo@customer-1.test", None),
        ("jo@customer-4.example", None),
        ("Acme", None),
        ("", None),
        # What two of the named claim is the first one's, and a named one goes before a generated.
        ("wile", "acme"),
        ("customer-3", "beta"),
    ],
)
def test_a_customer_is_found_by_what_means_it_and_by_nothing_else(
    reference: str, key: str | None
) -> None:
    assert Book().meant_by(reference) == key


def test_customers_are_listed_in_order_of_id() -> None:
    book = Book()
    assert list(book.by_id.items()) == [
        ("id-a", "customer-3"),
        ("id-b", "beta"),
        ("id-k", "customer-2"),
        ("id-m", "acme"),
        ("id-z", "customer-1"),
    ]
    assert list(book.ids) == list(book.by_id)


def test_the_first_to_claim_an_external_id_has_it() -> None:
    twins = {key: Customer(key, f"id-{key}", key, "cust") for key in ("one", "other")}
    assert Customers(twins, ["cust"]).by_external_id["cust"] == "one"
