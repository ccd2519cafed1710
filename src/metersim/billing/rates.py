"""Rate cards: a price per meter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from metersim.billing.quantity import multiply


@dataclass(frozen=True, slots=True)
class RateCard:
    """Prices per unit of each meter, in one ISO 4217 currency."""

    key: str
    currency: str
    prices: Mapping[str, Decimal]

    def cost(self, meter: str, quantity: Decimal) -> Decimal:
        """What a quantity of a priced meter costs: the product, never rounded."""
        return multiply(self.prices[meter], quantity)
