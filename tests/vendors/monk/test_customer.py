"""Whose usage is priced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vendors.monk.asking import ACME, NORTHWIND, ask, assert_refused, cost, small_world
from tests.wire import simulate


def test_monk_06_a_customer_has_to_be_named() -> None:
    answer = ask(simulate(), customerId=None)
    assert_refused(answer, 400, "BAD_REQUEST", "customerId", "externalCustomerId", "required")


@pytest.mark.parametrize("wrong", ["cust_northwind", "", 7, NORTHWIND.replace("-", "")])
def test_monk_06_a_customer_id_that_is_no_uuid_is_refused(wrong: object) -> None:
    assert_refused(ask(simulate(), customerId=wrong), 400, "BAD_REQUEST", "customerId")


@pytest.mark.parametrize("wrong", ["", 7])
def test_monk_06_an_external_id_is_text_that_says_something(wrong: object) -> None:
    answer = ask(simulate(), customerId=None, externalCustomerId=wrong)
    assert_refused(answer, 400, "BAD_REQUEST", "externalCustomerId")


def test_monk_06_both_ids_of_different_customers_are_refused() -> None:
    answer = ask(simulate(), externalCustomerId="cust_larkspur")
    assert_refused(answer, 400, "BAD_REQUEST", "name different customers")


def test_monk_07_both_ids_of_a_customer_give_one_total() -> None:
    simulator = simulate()
    by_id = cost(simulator)
    assert by_id > 0
    assert cost(simulator, customerId=NORTHWIND.upper()) == by_id
    assert cost(simulator, customerId=None, externalCustomerId="cust_northwind") == by_id
    assert cost(simulator, externalCustomerId="cust_northwind") == by_id


def test_monk_07_customers_are_told_apart() -> None:
    simulator = simulate()
    names = ["northwind", "larkspur", "heron", "bluefin"]
    totals = [
        cost(
            simulator,
            customerId=None,
            externalCustomerId=f"cust_{name}",
            startDate="2026-01-01T00:00:00Z",
        )
        for name in names
    ]
    assert len(set(totals)) == 4
    # Bluefin is archived; what it used is priced all the same.
    assert min(totals) > 0


@pytest.mark.parametrize("key", ["acme", "me@acme.example", ACME])
def test_monk_08_no_other_name_of_a_customer_is_its_external_id(tmp_path: Path, key: str) -> None:
    answer = ask(small_world(tmp_path), customerId=None, externalCustomerId=key)
    assert_refused(answer, 404, "NOT_FOUND", key)


def test_monk_08_an_unknown_customer_is_not_found() -> None:
    unknown = "99999999-e29b-41d4-a716-446655440000"
    assert_refused(ask(simulate(), customerId=unknown), 404, "NOT_FOUND", unknown)
    answer = ask(simulate(), customerId=unknown, externalCustomerId="cust_northwind")
    assert_refused(answer, 404, "NOT_FOUND", unknown)
    answer = ask(simulate(), externalCustomerId="cust_nobody")
    assert_refused(answer, 404, "NOT_FOUND", "cust_nobody")
