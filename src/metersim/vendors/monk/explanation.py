"""How a total came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from metersim.billing.explanation import Explanation, Step
from metersim.billing.facts import text_of
from metersim.bundled import bundled
from metersim.reading import Json, read_file
from metersim.simulation.explaining import check_row, departures, known
from metersim.validation import Validator
from metersim.vendors.monk.behaviour import Question, amount, cost, minimums, read_question
from metersim.world.charges import charged_part, priced_meters, unpriced_meters
from metersim.world.world import World


@cache
def _form() -> Validator:
    """A request, and whatever was answered beside it."""
    components = read_file(bundled("openapi") / "monk.yaml").data["components"]
    return Validator({"$ref": "#/components/schemas/UsageCostQuery"}, components)


def explain(row: Mapping[str, Json], world: World) -> Explanation:
    """A request and its reply in one; a total is no row, and its request says what it is about."""
    row = check_row(row, _form())
    customers = world.customers
    if "customerId" in row:
        known("customerId", row["customerId"].lower(), customers.by_id)
    if "externalCustomerId" in row:
        known("externalCustomerId", row["externalCustomerId"], customers.by_external_id)
    question = read_question(row, world)
    card = question.card
    scope = f"all that {question.customer.name} used", [question.everything]
    parts = [
        charged_part(meter, card, scope, [question.asked], question.span, world)
        for meter in priced_meters(card, world)
    ]
    dollars = cost(question, world)
    answered = amount(dollars, row.get("creditRateCents"))
    return Explanation(
        title=f"usage cost of {question.customer.name}",
        number="totalAmount",
        parts=[part for part in parts if part.quantity is not None],
        steps=[*_top_ups(question, world), *_total(dollars, answered)],
        amount=answered["totalAmount"],
        unit=answered.get("currency", "credits"),
        notes=[
            *_unpriced(question, world),
            *departures(row, {"totalAmount": [answered["totalAmount"]]}),
        ],
    )


def _unpriced(question: Question, world: World) -> Iterator[str]:
    """Usage that was asked about and costs nothing, as nobody gave it a price."""
    for meter in unpriced_meters(question.card, world):
        quantity = world.usage(meter, question.asked).over(question.span)
        if quantity is not None:
            yield f"{meter.key} {text_of(quantity)}: no price on rate card {question.card.key}"


def _top_ups(question: Question, world: World) -> Iterator[Step]:
    for each in minimums(question, world):
        how = f"minimum {text_of(each.minimum)} − spent {text_of(each.spent)}"
        yield Step(f"top-up of {each.period.start:%Y-%m}", how, each.lacking)


def _total(dollars: Decimal, answered: Mapping[str, Json]) -> Iterator[Step]:
    added_up = "all costs and top-ups added up"
    if "creditRateCents" not in answered:
        yield Step("totalAmount", added_up, dollars)
        return
    yield Step("USD", added_up, dollars)
    how = f"USD {text_of(dollars)} × 100 ÷ creditRateCents {text_of(answered['creditRateCents'])}"
    rounded = "exact where that ends, else half up to 28 significant digits"
    yield Step("totalAmount", f"{how}, {rounded}", answered["totalAmount"])
