"""Who uses and who pays: customers, their projects, and the payment methods behind them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer of the company, under every name a vendor may call it by.

    ``id`` is a uuid; ``external_id`` is the company's own reference; ``aliases`` (emails among
    them) are further names under which usage may arrive.
    """

    key: str
    id: str
    name: str
    external_id: str
    aliases: tuple[str, ...] = ()
    plan: str | None = None
    archived: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """Every string that means this customer."""
        return (self.id, self.external_id, self.key, *self.aliases)


@dataclass(frozen=True, slots=True)
class Project:
    """A customer's project; one without a payment method is inactive.

    ``id`` is what Mudbase calls it, ``key`` its name at MK.IO. A ``secured`` project takes usage
    only from callers with credentials.
    """

    key: str
    id: str
    customer: str
    payment_method: str | None = None
    secured: bool = False


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay, with the rate card that prices all usage it carries."""

    key: str
    name: str
    kind: str
    rate_card: str
    terms_accepted: bool = True
