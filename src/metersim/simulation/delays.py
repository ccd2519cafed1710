"""How late a reply is, in WireMock's words: fixed, drawn from a distribution, or in dribbles.

These are the machine's milliseconds, as a client's time-out is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import TypeAlias

from metersim.billing.quantity import exact
from metersim.errors import ControlError
from metersim.reading import Json

# A number from 0 up to 1, the same for the same words.
Chance: TypeAlias = Callable[..., Fraction]

# No client waits longer, and no server should have to.
LONGEST = 60_000

# Decimals and not floats: the same seed draws the same on every machine.
_arithmetic = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Delay:
    """``draw`` says how long to wait; then the body goes in ``chunks`` over ``spread``, if any."""

    draw: Callable[[Chance], int]
    chunks: int = 0
    spread: int = 0


def read_delay(data: Mapping[str, Json]) -> Delay:
    """The delay that the data means; ControlError for a distribution that cannot be."""
    dribble = data.get("chunkedDribbleDelay", {})
    return Delay(
        _drawn(data), int(dribble.get("numberOfChunks", 0)), int(dribble.get("totalDuration", 0))
    )


def _drawn(data: Mapping[str, Json]) -> Callable[[Chance], int]:
    form = data.get("delayDistribution")
    if form is None:
        fixed = int(data.get("fixedDelayMilliseconds", 0))
        return lambda chance: fixed
    if form["type"] == "uniform":
        return _uniform(int(form["lower"]), int(form["upper"]))
    most = int(form.get("maxValue", LONGEST))
    return _log_normal(exact(form["median"]), exact(form["sigma"]), most)


def _uniform(lower: int, upper: int) -> Callable[[Chance], int]:
    if lower > upper:
        raise ControlError(f"delayDistribution.upper: expected at least {lower}, found {upper}")
    return lambda chance: lower + int(chance("delay") * (upper - lower + 1))


def _log_normal(median: Decimal, sigma: Decimal, most: int) -> Callable[[Chance], int]:
    def draw(chance: Chance) -> int:
        deviation = _arithmetic.exp(_arithmetic.multiply(sigma, _normal(chance)))
        return min(int(_arithmetic.multiply(median, deviation)), most)

    return draw


def _normal(chance: Chance) -> Decimal:
    """A draw from the standard normal distribution, by Marsaglia's polar method."""
    attempt = 0
    while True:
        x, y = (2 * chance("delay", axis, str(attempt)) - 1 for axis in "xy")
        square = _decimal(x * x + y * y)
        if 0 < square < 1:
            logarithm = _arithmetic.divide(_arithmetic.ln(square), square)
            return _arithmetic.multiply(
                _decimal(x), _arithmetic.sqrt(_arithmetic.multiply(Decimal(-2), logarithm))
            )
        attempt += 1


def _decimal(value: Fraction) -> Decimal:
    return _arithmetic.divide(Decimal(value.numerator), Decimal(value.denominator))
