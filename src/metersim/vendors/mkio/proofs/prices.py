"""Payment methods, their rate cards, and what usage costs by them."""

from __future__ import annotations

from metersim.billing.quantity import exact, multiply
from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import (
    NOBODY,
    PAGES,
    around,
    busy_days,
    days,
    last_year,
    methods,
    month,
    prices,
    projects,
    report,
    rows,
)

# So many rate cards are read, and pages walked, however many there are.
_METHODS = 10
_PAGES = 12
# Pages of one method, and of more, as a page's number is its offset where each holds one.
_TOPS = (1, 2)


@proves("MKIO-18", calls=12, examples=3, needs=("project", "since", "until"))
def cost_is_quantity_by_the_price_of_the_rate_card(trial: Trial) -> None:
    unit = trial.draw.one_of(["hour", "day", "week", "month", "year"])
    span = around(trial, busy_days(trial)[-1], 20, 10)
    replies = [
        report(trial, each, granularity=by, projectNames=[name])
        for name in projects(trial)
        # A year too, as the method may have been another one, or a correction charged, long ago.
        for each, by in ((span, unit), (last_year(trial), "day"))
    ]
    replies += [month(trial, name) for name in projects(trial)]
    require(any(row["cost"] for reply in replies for row in rows(reply)), "usage at a price")
    cards: dict[str, Exchange] = {}
    for reply in replies:
        for row in rows(reply):
            expected = multiply(exact(row["quantity"]), exact(row["price"]))
            told = f"{row['quantity']} × {row['price']} of {row['meter']} to cost {expected:f}"
            reply.expect(row["cost"] == expected, told, row["cost"])
            method = row["paymentMethodId"]
            if method not in cards and len(cards) < 4:
                cards[method] = trial.call("getRateCard", path={"paymentMethodId": method})
            if method in cards:
                _is_priced(row, cards[method], reply)


def _is_priced(row: Json, card: Exchange, reply: Exchange) -> None:
    meter, currency = row["meter"], card.done["spec"]["currency"]
    on_card = prices(card.done).get(meter, set())
    listed = ", ".join(f"{price:f}" for price in sorted(on_card)) or "none"
    told = f"{meter} at a price on the rate card of {row['paymentMethodId']}: {listed}"
    reply.expect(row["price"] in on_card, told, row["price"])
    agree(f"the currency of {meter}", row["currency"], currency, card, reply)


@proves("MKIO-19", calls=1 + len(_TOPS) * (_PAGES + 1))
def pages_of_methods_walk_each_once(trial: Trial) -> None:
    whole = trial.call("listPaymentMethods")
    _is_page(whole)
    total = _pagination(whole)["total"]
    require(total > 1, "more than one payment method")
    for top in sorted({max(each, -(-total // _PAGES)) for each in _TOPS}):
        ids = _walked(trial, top)
        twice = sorted({each for each in ids if ids.count(each) > 1})
        whole.expect(not twice, f"each method once with $top={top}", f"again {', '.join(twice)}")
        agree(f"with $top={top}, so many methods as total:", len(ids), total, whole)
        listed = {each["metadata"]["id"] for each in whole.json["value"]}
        missing = sorted(listed - set(ids))
        whole.expect(not missing, f"every method with $top={top}", f"none of {', '.join(missing)}")


def _walked(trial: Trial, top: int) -> list[str]:
    """The ids of all pages, each beginning where the one before says that it ended."""
    ids: list[str] = []
    at, seen = 0, set[int]()
    while at not in seen:
        seen.add(at)
        require(len(seen) <= _PAGES + 1, f"pages of {top} methods where so many are asked for")
        query = {"$top": str(top), "$skiptoken": str(at)} if at else {"$top": str(top)}
        page = trial.call("listPaymentMethods", query=query)
        value = _is_page(page)
        page.expect(len(value) <= top, f"at most {top} methods on a page", len(value))
        ids += [each["metadata"]["id"] for each in value]
        pagination = _pagination(page)
        agree("pagination.start", pagination["start"], at, page)
        agree("pagination.end", pagination["end"], at + len(value), page)
        if pagination["end"] >= pagination["total"] or not value:
            break
        at = pagination["end"]
    return ids


def _is_page(reply: Exchange) -> list[Json]:
    """The value of a page that has its form."""
    body = reply.done
    held = isinstance(body, dict) and isinstance(body.get("value"), list)
    held = held and isinstance(body.get("supplemental"), dict)
    held = held and isinstance(body["supplemental"].get("pagination"), dict)
    reply.expect(held, "{value, supplemental.pagination}")
    numbers = [body["supplemental"]["pagination"].get(each) for each in ("start", "end", "total")]
    held = all(isinstance(each, int) for each in numbers)
    reply.expect(held, "pagination of start, end and total", numbers)
    value: list[Json] = body["value"]
    for name, told in _told_of(body["supplemental"]):
        agree(f"{name}, the methods on this page:", told, len(value), reply, basis=Basis.ASSUMED)
    return value


def _told_of(supplemental: Json) -> list[tuple[str, Json]]:
    """What says how many are on a page; that it counts no more than those, nobody says."""
    found = [("supplemental.count", supplemental.get("count"))]
    return [*found, ("pagination.records", supplemental["pagination"].get("records"))]


def _pagination(reply: Exchange) -> dict[str, int]:
    found: dict[str, int] = reply.json["supplemental"]["pagination"]
    return found


@proves("MKIO-20", calls=2 + PAGES + 2 * _METHODS)
def every_method_has_a_rate_card(trial: Trial) -> None:
    listed = [each["metadata"]["id"] for each in methods(trial)[:_METHODS]]
    cards = {key: trial.call("getRateCard", path={"paymentMethodId": key}) for key in listed}
    for key, card in cards.items():
        require(card.status not in (401, 403), "a token that may read rate cards")
        card.expect_status(200)
        agree("metadata.paymentMethodId", card.json["metadata"]["paymentMethodId"], key, card)
        meters = [rate.get("meter") for rate in card.json["spec"]["rates"]]
        card.expect(len(meters) == len(set(meters)), "one rate per meter", meters)
        card.expect(bool(meters), "a price of any meter", "no rates", Basis.ASSUMED)
        for rate in card.json["spec"]["rates"]:
            price = rate.get("price")
            held = isinstance(price, type(exact("1"))) or type(price) is int
            card.expect(held and price >= 0, f"a price of {rate.get('meter')}", price)
    require(any(card.json["spec"]["rates"] for card in cards.values()), "a meter with a price")
    if trial.get("since") and trial.get("until"):
        _is_on_the_card(trial, cards)
    unknown = trial.call("getRateCard", path={"paymentMethodId": NOBODY})
    unknown.expect_status(404)


def _is_on_the_card(trial: Trial, cards: dict[str, Exchange]) -> None:
    """What a method carried has a price on its card."""
    for key, card in cards.items():
        reply = report(trial, days(trial), granularity="year", paymentMethodIds=[key])
        for row in rows(reply) if reply.succeeded else ():
            held = row["meter"] in prices(card.json)
            card.expect(held, f"a price of {row['meter']}, which {key} carried")
