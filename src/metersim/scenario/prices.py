"""Prices as a scenario says them: a number, terms, or terms that change from a date on.

Read from what is written, and written again for those who ask what a world opens with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from metersim.billing.instants import EARLIEST, parse_date_or_instant, to_exact
from metersim.billing.quantity import ZERO, exact
from metersim.billing.rates import Price, PriceModel, Tier
from metersim.reading import Json

Terms = Json


def prices(row: Json) -> tuple[Price, ...]:
    """The prices of a meter, in order of time."""
    return tuple(_price(terms) for terms in periods(row))


def periods(row: Json) -> list[Terms]:
    """The terms of a meter's price, one for each period."""
    return row if isinstance(row, list) else [row]


def tiers(terms: Terms) -> tuple[PriceModel, list[Json]]:
    """The model of some terms, and the tiers as they are written."""
    for model in (PriceModel.GRADUATED, PriceModel.VOLUME):
        if isinstance(terms, dict) and model.value in terms:
            return model, terms[model.value]
    return PriceModel.FLAT, []


def begins(terms: Terms) -> str | None:
    """From when on they hold, as it is written."""
    return terms.get("from") if isinstance(terms, dict) else None


def _price(terms: Terms) -> Price:
    if not isinstance(terms, dict):
        return Price((Tier(exact(terms)),))
    since = parse_date_or_instant(terms["from"]) if "from" in terms else EARLIEST
    model, rows = tiers(terms)
    if rows:
        return Price(tuple(_tiers(rows)), model, since)
    tier = Tier(exact(terms["price"]))
    if "per" in terms:
        return Price((tier,), PriceModel.PACKAGE, since, per=exact(terms["per"]))
    if "included" in terms:
        included = Tier(ZERO, up_to=exact(terms["included"]))
        return Price((included, tier), PriceModel.GRADUATED, since)
    return Price((tier,), since=since)


def _tiers(rows: list[Json]) -> Iterator[Tier]:
    for row in rows:
        yield Tier(exact(row["price"]), exact(row["up_to"]) if "up_to" in row else None)


def written(found: Sequence[Price]) -> Json:
    """The prices of a meter as a scenario would say them, in the fewest words."""
    said = [_written(price) for price in found]
    return said[0] if len(said) == 1 else said


def _written(price: Price) -> Terms:
    match price.model:
        case PriceModel.FLAT:
            terms: Terms = {"price": price.tiers[0].price}
        case PriceModel.PACKAGE:
            terms = {"price": price.tiers[0].price, "per": price.per}
        case _:
            terms = {price.model.value: [_tier(tier) for tier in price.tiers]}
    if price.since != EARLIEST:
        return {"from": to_exact(price.since), **terms}
    return terms["price"] if price.model is PriceModel.FLAT else terms


def _tier(tier: Tier) -> Json:
    bound = {} if tier.up_to is None else {"up_to": tier.up_to}
    return {**bound, "price": tier.price}
