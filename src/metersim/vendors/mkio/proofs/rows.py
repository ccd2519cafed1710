"""Rows of reports: their sums, and whether two sets of them are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from metersim.billing.instants import parse_instant
from metersim.billing.quantity import ZERO, total
from metersim.contract.exchange import Broken, Exchange, nearly
from metersim.contract.rule import Basis
from metersim.reading import Json

Rows: TypeAlias = Sequence[Mapping[str, Json]]
Key: TypeAlias = tuple[str, ...]

_DOUBLE = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Sum:
    """Quantity and cost of some rows, and how large their parts are, whatever their signs."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    quantities: Decimal = ZERO
    costs: Decimal = ZERO

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            total((self.quantity, other.quantity)),
            total((self.cost, other.cost)),
            total((self.quantities, other.quantities)),
            total((self.costs, other.costs)),
        )

    def is_nearly(self, other: Sum) -> bool:
        """Whether they are one to a server that counts in doubles."""
        parts = max(self.quantities, other.quantities), max(self.costs, other.costs)
        differences = self.quantity - other.quantity, self.cost - other.cost
        return all(abs(d) <= _DOUBLE * part for d, part in zip(differences, parts, strict=True))

    def __str__(self) -> str:
        return f"{self.quantity:f} at {self.cost:f}"


Sums: TypeAlias = Mapping[Key, Sum]


def sums(rows: Rows, *keys: str) -> dict[Key, Sum]:
    """Quantity and cost by meter, or by these keys of the rows."""
    found: dict[Key, Sum] = {}
    for row in rows:
        key = tuple(str(row[name]) for name in keys or ("meter",))
        quantity, cost = _number(row["quantity"]), _number(row["cost"])
        found[key] = found.get(key, Sum()) + Sum(quantity, cost, abs(quantity), abs(cost))
    return found


def added(parts: Iterable[Sums]) -> dict[Key, Sum]:
    """The sums of several reports together."""
    found: dict[Key, Sum] = {}
    for part in parts:
        for key, each in part.items():
            found[key] = found.get(key, Sum()) + each
    return found


def differing(one: Sums, other: Sums) -> list[Key]:
    """The keys whose sums differ; what one of them does not have is 0 there."""
    return [
        key
        for key in sorted(one.keys() | other.keys())
        if not one.get(key, Sum()).is_nearly(other.get(key, Sum()))
    ]


def agree_sums(
    what: str, found: Sums, expected: Sums, *exchanges: Exchange, basis: Basis | None = None
) -> None:
    """Broken, naming the first sum that differs, unless all are one."""
    for key in differing(found, expected):
        name = f"{what}, quantity and cost of {' '.join(key)} to be {expected.get(key, Sum())}"
        raise Broken(name, str(found.get(key, Sum())), exchanges, basis)


def busy(rows: Rows) -> bool:
    """Whether anything was used."""
    return any(_number(row["quantity"]) for row in rows)


def same_rows(
    what: str, found: Rows, expected: Rows, *exchanges: Exchange, basis: Basis | None = None
) -> None:
    """Broken unless both are the same rows, in whatever order."""
    one, other = sorted(map(_told, found)), sorted(map(_told, expected))
    for left, right in zip(one, other, strict=False):
        if left[0] != right[0] or not all(map(nearly, left[1], right[1])):
            raise Broken(f"{what} a row of {_shown(right)}", _shown(left), exchanges, basis)
    if len(one) != len(other):
        raise Broken(f"{what} {len(other)} rows", f"{len(one)} rows", exchanges, basis)


def _told(row: Mapping[str, Json]) -> tuple[Key, tuple[Decimal, ...]]:
    named = (str(row[key]) for key in ("projectName", "paymentMethodId", "meter"))
    bucket = (parse_instant(row[key]).isoformat() for key in ("startDate", "endDate"))
    numbers = tuple(_number(row[key]) for key in ("price", "quantity", "cost"))
    return (*named, *bucket, str(row["unit"]), str(row["currency"])), numbers


def _shown(row: tuple[Key, tuple[Decimal, ...]]) -> str:
    price, quantity, cost = row[1]
    return f"{' '.join(row[0])}: {quantity:f} × {price:f} = {cost:f}"


def _number(value: Json) -> Decimal:
    """A number; TypeError for what only looks like one."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError(f"not a number: {value!r}")
    return Decimal(value)
