"""Prices: what a scenario says is what is charged, and what cannot be is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from metersim.scenario.prices import prices, written
from tests.written import SOUND, broken, opened, refused

PRICE = "rate_cards.list.prices.calls"
LATER = "each but the first says from when on it holds, such as from: 2026-04-01"
BOTH = "a price is for a package, or for what goes beyond the included amount"


def test_the_sound_scenario_is_sound(tmp_path: Path) -> None:
    assert opened(tmp_path, SOUND).rate_cards["list"].prices["calls"] == prices("0.10")


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ("cheap", ': expected number or array or object, found "cheap"'),
        ("-0.1", ": expected at least 0, found -0.1"),
        ("{price: -1}", ".price: expected at least 0, found -1"),
        ("{price: 1, to: 2}", ".to: is not known; allowed: from, graduated, included, per, price"),
        # Exactly one of the forms.
        ("{}", ": expected one of price, graduated, volume, found none of them"),
        ("{per: 9}", ": expected one of price, graduated, volume, found none of them"),
        (
            "{price: 1, volume: [{price: 1}]}",
            ": expected one of price, graduated, volume, found price and volume",
        ),
        (
            "{graduated: [{price: 1}], volume: [{price: 1}]}",
            ": expected one of price, graduated, volume, found graduated and volume",
        ),
        # Packages and included amounts go with a price, and not with each other.
        ("{price: 1, per: 0}", ".per: expected more than 0, found 0"),
        ("{price: 1, included: 0}", ".included: expected more than 0, found 0"),
        ("{price: 1, per: 9, included: 5}", f".per: per and included exclude each other: {BOTH}"),
        (
            "{graduated: [{price: 1}], per: 9}",
            ".per: goes with a price, and not with graduated tiers",
        ),
        (
            "{volume: [{price: 1}], included: 9}",
            ".included: goes with a price, and not with volume tiers",
        ),
    ],
)
def test_terms_of_no_one_form_are_refused(tmp_path: Path, price: str, message: str) -> None:
    (said,) = refused(tmp_path, broken("calls: 0.10", f"calls: {price}"))
    assert said.startswith(f"scenario.yaml:10: {PRICE}{message}")


@pytest.mark.parametrize("model", ["graduated", "volume"])
@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ("", ": expected at least 1 items, found 0"),
        ("{up_to: 9}", ".0.price: is required"),
        ("{up_to: 0, price: 1}, {price: 1}", ".0.up_to: expected more than 0, found 0"),
        ("{upto: 9, price: 1}", ".0.upto: is not known; did you mean 'up_to'? allowed: price, up"),
        (
            "{up_to: 9, price: 1}",
            (
                ".0.up_to: a hole: no tier prices what goes beyond 9; "
                "expected a last tier without up_to"
            ),
        ),
        (
            "{price: 1}, {price: 2}",
            ".0.up_to: is required: only the last tier goes on without end",
        ),
        (
            "{up_to: 9, price: 1}, {up_to: 9, price: 2}, {price: 3}",
            ".1.up_to: overlaps the tier before it: expected more than 9, found 9",
        ),
        (
            "{up_to: 9, price: 1}, {up_to: 0.5, price: 2}, {price: 3}",
            ".1.up_to: overlaps the tier before it: expected more than 9, found 0.5",
        ),
    ],
)
def test_tiers_that_leave_a_hole_or_overlap_are_refused(
    tmp_path: Path, model: str, tiers: str, message: str
) -> None:
    (said,) = refused(tmp_path, broken("calls: 0.10", f"calls: {{{model}: [{tiers}]}}"))
    assert said.startswith(f"scenario.yaml:10: {PRICE}.{model}{message}")


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ("", ": expected at least 1 items, found 0"),
        ("[1]", ".0: expected number or object, found [1]"),
        ("1, 2", f".1: overlaps the price before it: {LATER}"),
        ("1, {price: 2}", f".1: overlaps the price before it: {LATER}"),
        ("1, {from: noon, price: 2}", '.1.from: found "noon", which is no instant such as 2026-03'),
        (
            "{from: 2026-02-01, price: 1}, {from: 2026-01-31, price: 2}",
            (
                ".1.from: overlaps the price before it: expected later than 2026-02-01, "
                "found 2026-01-31"
            ),
        ),
        (
            "1, {from: 2026-02-01, price: 2}, {from: 2026-02-01T00:00:00Z, price: 3}",
            (
                ".2.from: overlaps the price before it: expected later than 2026-02-01, "
                "found 2026-02-01T00:00:00Z"
            ),
        ),
    ],
)
def test_periods_that_overlap_are_refused(tmp_path: Path, periods: str, message: str) -> None:
    (said,) = refused(tmp_path, broken("calls: 0.10", f"calls: [{periods}]"))
    assert said.startswith(f"scenario.yaml:10: {PRICE}{message}")


@pytest.mark.parametrize(
    ("sound", "instead", "message"),
    [
        (
            "calls: 0.10",
            "seats: 0.10",
            (
                "10: rate_cards.list.prices.seats: only a SUM or COUNT meter can have a price, "
                "and this is LATEST"
            ),
        ),
        (
            "calls: 0.10",
            "cals: 0.10",
            (
                "10: rate_cards.list.prices.cals: 'cals' is not among meters; "
                "did you mean 'calls'? allowed: calls, jobs, peak, seats"
            ),
        ),
        (
            "prices:\n",
            "minimum: 9\n    prices:\n",
            (
                "13: payment_methods.card.rate_card: the card has a minimum, "
                "and MK.IO charges nothing but quantity times price"
            ),
        ),
        (
            "prices:\n",
            "minimum: -9\n    prices:\n",
            "9: rate_cards.list.minimum: expected at least 0, found -9",
        ),
        (
            "{rate_card: list}",
            "{rate_card: lisst}",
            (
                "12: payment_methods.card.rate_card: 'lisst' is not among rate_cards; "
                "did you mean 'list'? allowed: list"
            ),
        ),
        (
            "acme: {plan: team}",
            "acme: {rate_card: customer-0001}",
            "19: customers.acme.rate_card: 'customer-0001' is not among rate_cards; allowed: list",
        ),
    ],
)
def test_a_card_that_nothing_can_be_charged_by_is_refused(
    tmp_path: Path, sound: str, instead: str, message: str
) -> None:
    assert refused(tmp_path, broken(sound, instead)) == [f"scenario.yaml:{message}"]


@pytest.mark.parametrize(
    "said",
    [
        0,
        {"price": 10, "per": 100},
        {"graduated": [{"up_to": 10, "price": 2}, {"price": 1}]},
        {"volume": [{"up_to": 10, "price": 2}, {"price": 1}]},
        [1, {"from": "2026-03-16T00:00:00.000Z", "price": 2}],
        [
            {"from": "2026-03-01T00:00:00.000Z", "price": 1},
            {"from": "2026-03-16T00:00:00.000Z", "volume": [{"price": 2}]},
        ],
    ],
)
def test_prices_are_written_again_as_they_were_said(said: object) -> None:
    assert written(prices(said)) == said


def test_an_included_amount_is_a_first_tier_that_costs_nothing() -> None:
    tiers = {"graduated": [{"up_to": 10, "price": 0}, {"price": 2}]}
    assert prices({"price": 2, "included": 10}) == prices(tiers)
