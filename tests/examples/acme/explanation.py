from collections.abc import Mapping

from metersim import Selection, Span, World
from metersim.billing.explanation import Explanation, part_of
from metersim.errors import ControlError
from metersim.reading import Json


def explain(row: Mapping[str, Json], world: World) -> Explanation:
    """Of ``{"customer": …}``: which usage the balance is made of."""
    customer = world.customer(str(row.get("customer")))
    if customer is None:
        raise ControlError(f"row.customer: expected a customer, found {row.get('customer')!r}")
    meter = world.opening.meters["api_calls"]
    part = part_of(meter, world.usage(meter, Selection(customer=customer.key)), Span())
    return Explanation(
        title=f"balance of {customer.name}",
        number="calls",
        parts=[part],
        steps=[],
        amount=part.quantity,
        unit=meter.unit,
    )
