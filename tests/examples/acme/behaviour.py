from collections.abc import Mapping
from http import HTTPStatus

from metersim import Call, Problem, Reply, Selection, Span, World
from metersim.world.opening import Credential


def get_balance(call: Call, world: World) -> Reply:
    """How many API calls a customer has made so far."""
    customer = world.customer(call.path["customer"])
    if customer is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no such customer")
    usage = world.usage(world.opening.meters["api_calls"], Selection(customer=customer.key))
    return Reply({"calls": usage.over(Span()) or 0})


def admit(path: Mapping[str, str], credential: Credential | None, world: World) -> None:
    """A key of one project opens no customer's balance."""
    if credential is not None and credential.project is not None:
        raise Problem(HTTPStatus.FORBIDDEN, "a project's key opens no balance")
