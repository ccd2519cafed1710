"""A vendor of one's own: what it answers follows from the world that all vendors share."""

from http import HTTPStatus
from pathlib import Path

from metersim import Call, Problem, Reply, Selection, Span, Vendor, World


def get_balance(call: Call, world: World) -> Reply:
    """How many API calls a customer has made so far."""
    customer = world.customer(call.path["customer"])
    if customer is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no such customer")
    usage = world.usage(world.opening.meters["api_calls"], Selection(customer=customer.key))
    return Reply({"calls": usage.over(Span()) or 0})


VENDOR = Vendor(
    name="acme",
    title="Acme",
    document=Path(__file__).with_name("acme.yaml"),
    behaviours={"getBalance": get_balance},
    problem_body=lambda problem, call_id: {"error": problem.detail},
)
