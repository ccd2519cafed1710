"""How the numbers of a metric, or the estimated cost, came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from metersim.billing.accounts import Customer
from metersim.billing.explanation import Explanation, Part, Step, part_of
from metersim.billing.facts import text_of
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.scenario import TOKEN
from metersim.simulation.explaining import check_row
from metersim.validation import Validator
from metersim.vendors.saas.behaviour import read_account, read_period, usage_of
from metersim.vendors.saas.shapes import METRICS, Account, Metric, billed, usage_data
from metersim.world.world import World

_COST = "estimatedCost"
_FORM = Validator(
    {
        "type": "object",
        "required": ["metric"],
        "additionalProperties": False,
        "properties": {
            "metric": {"enum": [*(metric.id for metric in METRICS), _COST]},
            "startDate": {"type": "string", "format": "instant"},
            "endDate": {"type": "string", "format": "instant"},
            # Whose session it is: a key, an id or an email.
            "customer": {"type": "string"},
        },
    }
)


def explain(row: Mapping[str, Json], world: World) -> Explanation:
    """A metric, by its id, or ``estimatedCost``; in a period, or the current one."""
    row = check_row(row, _FORM)
    customer, period = _customer(row, world), read_period(row, world.now)
    wanted = row["metric"]
    account, metrics = read_account(customer, period, None if wanted == _COST else [wanted], world)
    data = usage_data(account, metrics)
    title = f"{wanted} of {customer.name}"
    if wanted == _COST:
        return Explanation(
            title=title,
            number="total",
            parts=list(_parts(billed(account), customer, account, world)),
            steps=list(_cost_steps(account, data[_COST])),
            amount=data[_COST]["total"],
            unit=account.plan.currency,
        )
    (metric,) = metrics
    return Explanation(
        title=title,
        number="used",
        parts=list(_parts(metrics, customer, account, world)),
        steps=list(_usage_steps(metric, account, data)),
        amount=data["metrics"][wanted]["used"],
        unit=metric.unit,
    )


def _customer(row: Mapping[str, Json], world: World) -> Customer:
    """Of whom nothing is said, it is the token's that every scenario has."""
    customers = world.opening.customers
    if "customer" not in row:
        credential = world.credential(TOKEN)
        if credential is None or credential.customer is None:
            raise ControlError("row.customer: is required, as the world has none")
        return customers[credential.customer]
    if (customer := world.customer(row["customer"])) is None:
        raise ControlError(
            f"row.customer: {row['customer']!r} is not known; {nearest(row['customer'], customers)}"
        )
    return customer


def _parts(
    metrics: Iterable[Metric], customer: Customer, account: Account, world: World
) -> Iterator[Part]:
    for metric in metrics:
        if meter := account.meters.get(metric.meter):
            usage, window = usage_of(meter, customer, account.period, world)
            yield part_of(meter, usage, window)


def _usage_steps(metric: Metric, account: Account, data: Json) -> Iterator[Step]:
    shown = data["metrics"][metric.id]
    used, included = text_of(shown["used"]), text_of(shown["included"])
    yield Step("used", "the quantity, or 0 for none", shown["used"])
    yield Step("overage", f"max(0, used {used} − included {included})", shown["overage"])
    yield Step("percentage", _percentage(shown["used"], shown["included"]), shown["percentage"])
    if projection := data["projectedUsage"].get(metric.id):
        projected = projection["projected"]
        yield Step("projected", _projection(metric, shown["used"], account), projected)
        how = _percentage(projected, shown["included"])
        yield Step("projected percentage", how, projection["percentage"])


def _percentage(number: Decimal, included: Decimal) -> str:
    if not included:
        return "0 where nothing is included"
    return f"{text_of(number)} × 100 ÷ included {text_of(included)}, half up to 2 decimals"


def _projection(metric: Metric, used: Decimal, account: Account) -> str:
    if not account.running:
        return "used, as the period is over or yet to begin"
    whole, elapsed = text_of(account.whole), text_of(account.elapsed)
    rate = f"used {text_of(used)} × the period's {whole} s ÷ the {elapsed} s so far"
    return f"max(used {text_of(used)}, {rate}), half up to {metric.places} decimals"


def _cost_steps(account: Account, cost: Mapping[str, Decimal]) -> Iterator[Step]:
    for metric in billed(account):
        allowance, used = account.plan.allowances[metric.meter], account.used[metric.meter]
        over = f"max(0, used {text_of(used)} − included {text_of(allowance.included)})"
        how = f"{over} × {text_of(allowance.overage_price)}"
        yield Step(f"overage of {metric.id}", how, allowance.overage_cost(used))
    yield Step("base", f"price of plan {account.plan.name}", cost["base"])
    yield Step("overage", "all overages added up", cost["overage"])
    yield Step("total", "base + overage", cost["total"])
