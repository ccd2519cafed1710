"""Exact decimals, the only numbers that quantities and money are made of.

Sums and products are exact or they raise; only a division rounds, and it says to how many places.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction

# Every finite double lies within 1e±400, so a client that sends any float is never refused.
_LARGEST_EXPONENT = 400

# The exact value of the smallest double has 1,074 decimals.
_MOST_PLACES = 1_100

# Wide enough for sums and products of numbers within both bounds, trapped if it were not.
EXACT = Context(prec=4_000, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])

_ROUNDED = Context(prec=28, rounding=ROUND_HALF_UP)

ZERO, ONE = Decimal(0), Decimal(1)

add = EXACT.add
subtract = EXACT.subtract
multiply = EXACT.multiply


def exact(text: str | int | Decimal) -> Decimal:
    """The decimal a text says, unchanged; ValueError for what is no number or beyond 1e±400."""
    try:
        number = EXACT.create_decimal(text)
    except (Inexact, InvalidOperation):
        raise ValueError(f"not an exact decimal number: {str(text)[:40]!r}") from None
    if not number.is_finite():
        raise ValueError(f"not a finite number: {str(text)[:40]!r}")
    if number and abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(f"number beyond 1e±{_LARGEST_EXPONENT}: {str(text)[:40]!r}")
    if -int(number.as_tuple().exponent) > _MOST_PLACES:
        raise ValueError(f"number of more than {_MOST_PLACES} decimals: {str(text)[:40]!r}")
    return number


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The exact sum; 0 for nothing."""
    result = ZERO
    for number in numbers:
        result = add(result, number)
    return result


def divide(dividend: Decimal, divisor: Decimal, places: int) -> Decimal:
    """The quotient, rounded half up (away from zero) to ``places`` decimals, and only once."""
    over, under = dividend.as_integer_ratio()
    by, into = divisor.as_integer_ratio()
    numerator, denominator = over * into * 10**places, under * by
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    quotient = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return plain(EXACT.scaleb(Decimal(sign * quotient), -places))


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The exact quotient where it ends, otherwise rounded half up to 28 significant digits."""
    ratio = Fraction(dividend) / Fraction(divisor)
    rest = ratio.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    context = EXACT if rest == 1 else _ROUNDED
    return plain(context.divide(Decimal(ratio.numerator), Decimal(ratio.denominator)))


def plain(number: Decimal) -> Decimal:
    """The same number spelt shortest: an integer when whole (``12``, not ``12.00``)."""
    if number == number.to_integral_value():
        return EXACT.quantize(number, Decimal(1)) if number else ZERO
    return EXACT.normalize(number)
