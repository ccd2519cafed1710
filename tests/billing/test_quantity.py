"""Numbers are exact decimals: nothing is lost in a sum or a product, and a quotient rounds once."""

from __future__ import annotations

from decimal import Decimal, Inexact, InvalidOperation
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.billing.quantity import (
    ZERO,
    add,
    divide,
    exact,
    multiply,
    plain,
    quotient,
    subtract,
    total,
)

# Every number that is taken: up to 1e±400, with as many digits as people may send.
numbers = st.builds(
    lambda digits, exponent: exact(f"{digits}e{exponent}"),
    st.integers(-(10**30), 10**30),
    st.integers(-400, 370),
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12.50", "12.50"),
        ("-0.001", "-0.001"),
        ("1e3", "1E+3"),
        (7, "7"),
        (10**400, "1" + 400 * "0"),
        ("0e9999", "0E+9999"),
        ("1e400", "1E+400"),
        ("1e-400", "1E-400"),
    ],
)
def test_a_number_is_the_decimal_its_text_says(text: str | int, said: str) -> None:
    assert str(exact(text)) == said


@pytest.mark.parametrize(
    "text",
    ["", "twelve", "1,5", "NaN", "sNaN", "Infinity", "-inf", "1e401", "1e-401", "1e99999999"],
)
def test_what_is_no_number_or_beyond_the_bound_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number") as caught:
        exact(text)
    assert repr(text) in str(caught.value)


def test_more_digits_than_can_be_kept_are_refused_not_cut() -> None:
    with pytest.raises(ValueError, match="not an exact decimal number: '0.3333"):
        exact("0." + 5_000 * "3")


def test_an_integer_beyond_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond 1e±400"):
        exact(10**401)


@pytest.mark.parametrize("double", [5e-324, 1.7976931348623157e308, -0.1])
def test_every_double_is_within_the_bound(double: float) -> None:
    assert float(exact(repr(double))) == double


@given(numbers, numbers)
def test_sums_differences_and_products_are_exact(one: Decimal, other: Decimal) -> None:
    left, right = Fraction(one), Fraction(other)
    assert Fraction(add(one, other)) == left + right
    assert Fraction(subtract(one, other)) == left - right
    assert Fraction(multiply(one, other)) == left * right


@given(st.lists(numbers))
def test_a_total_is_the_exact_sum_in_any_order(parts: list[Decimal]) -> None:
    assert Fraction(total(parts)) == sum(map(Fraction, parts))
    assert total(parts) == total(reversed(parts))


def test_a_tenth_ten_times_is_one() -> None:
    assert total([exact("0.1")] * 10) == 1
    assert total([]) == ZERO


def test_a_result_that_cannot_be_exact_raises() -> None:
    with pytest.raises(Inexact):
        add(Decimal("1e4000"), Decimal(1))
    with pytest.raises(InvalidOperation):
        multiply(Decimal("sNaN"), Decimal(1))


@given(numbers, numbers.filter(bool), st.integers(0, 12))
def test_a_quotient_is_within_half_a_unit_and_only_rounded_once(
    dividend: Decimal, divisor: Decimal, places: int
) -> None:
    true = Fraction(dividend) / Fraction(divisor)
    error = Fraction(divide(dividend, divisor, places)) - true
    half = Fraction(1, 2 * 10**places)
    assert abs(error) <= half
    # At exactly half it goes away from zero.
    assert abs(error) < half or (error > 0) == (true > 0)


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [("1", "8", "0.13"), ("-1", "8", "-0.13"), ("1", "-8", "-0.13"), ("2", "3", "0.67")]
    + [("9995", "1000", "10"), ("0", "7", "0"), ("0.004", "1", "0"), ("1500", "0.0075", "200000")],
)
def test_half_is_rounded_away_from_zero(dividend: str, divisor: str, quotient: str) -> None:
    assert str(divide(exact(dividend), exact(divisor), places=2)) == quotient


def test_nothing_divides_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        divide(Decimal(1), ZERO, places=2)


@pytest.mark.parametrize(
    ("number", "spelling"),
    [("12.00", "12"), ("1.50", "1.5"), ("1e3", "1000"), ("0.000", "0"), ("-0.0", "0")]
    + [("1e-3", "0.001"), ("-7.10", "-7.1")],
)
def test_plain_is_the_shortest_spelling_without_an_exponent(number: str, spelling: str) -> None:
    assert str(plain(exact(number))) == spelling


@given(numbers)
def test_plain_changes_the_spelling_and_not_the_number(number: Decimal) -> None:
    assert plain(number) == number
    assert plain(plain(number)).as_tuple() == plain(number).as_tuple()


def test_the_exact_value_of_the_smallest_double_is_kept_and_a_finer_number_refused() -> None:
    smallest = Decimal(5e-324)
    assert exact(str(smallest)) == smallest
    with pytest.raises(ValueError, match="number of more than 1100 decimals"):
        exact("1." + 1_101 * "1")


@given(st.decimals(-(10**9), 10**9, places=6), st.integers(1, 10**6).map(Decimal))
def test_a_quotient_is_exact_where_it_ends_and_within_28_digits_where_not(
    dividend: Decimal, divisor: Decimal
) -> None:
    found = Fraction(quotient(dividend, divisor))
    assert abs(found - Fraction(dividend) / Fraction(divisor)) <= abs(found) / 10**27
    assert quotient(multiply(dividend, divisor), divisor) == dividend
