"""A small world, built by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from metersim.billing.accounts import Customer, Customers, PaymentMethod, Project
from metersim.billing.meters import Meter, MeterStatus
from metersim.billing.patterns import Pattern
from metersim.billing.rates import Price, RateCard, Tier
from metersim.billing.sources import EventIndex, OpeningSeries, SeriesFamily
from metersim.billing.usage import Series, UsageEvent
from metersim.world.changes import UsageRecorded
from metersim.world.opening import Credential, Opening

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0)
CARD = RateCard("list", "USD", {"calls": [Price((Tier(Decimal("0.1")),))]})


def opening(seed: int = 1) -> Opening:
    """Two customers, three projects, two methods, a call an hour since midnight and one event."""
    series = Series("s", "calls", "acme", "site", Pattern(Decimal(1)), MIDNIGHT, timedelta(hours=1))
    event = UsageEvent("e1", "calls", "acme", "site", NOW, NOW, {"quantity": Decimal(5)})
    return Opening(
        scenario="small",
        seed=seed,
        now=NOW,
        list_prices=CARD,
        meters={
            "calls": Meter("calls", "m1", "Calls", "calls", frozenset({"calls"})),
            "faxes": Meter(
                "faxes", "m2", "Faxes", "pages", frozenset({"faxes"}), status=MeterStatus.ARCHIVED
            ),
        },
        rate_cards={"list": CARD},
        plans={},
        payment_methods={
            "card": PaymentMethod("card", "Card", "direct_contract", "list"),
            "bank": PaymentMethod("bank", "Bank", "direct_contract", "list", terms_accepted=False),
        },
        customers=Customers(
            {
                "acme": Customer(
                    "acme", "uuid-acme", "Acme", "cust_1", ("a@acme.example", "shared")
                ),
                "beta": Customer("beta", "uuid-beta", "Beta", "cust_2", ("shared",)),
            }
        ),
        projects={
            "site": Project("site", "proj_1", "acme", "card"),
            "idea": Project("idea", "proj_2", "beta"),
        },
        credentials={"key": Credential("key", scopes=("usage:read",))},
        series=OpeningSeries([SeriesFamily("calls", ["acme"], lambda customer: [series])]),
        events=EventIndex([event]),
    )


def recorded(quantity: int | Decimal, at: datetime = NOW, customer: str = "acme") -> UsageRecorded:
    """A change that records usage of the meter `calls`."""
    return UsageRecorded("calls", customer, "site", at, at, at, {"quantity": Decimal(quantity)})
