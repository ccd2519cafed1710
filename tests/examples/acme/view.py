from collections.abc import Iterator

from metersim import Selection, Span
from metersim.billing.quantity import exact
from metersim.simulation.view import Shown, Sum, Viewer


def view(viewer: Viewer) -> Iterator[Shown | Sum]:
    """What Acme's replies say that each customer of the sample has used."""
    for customer in viewer.sample.customers:
        reply = viewer.ask("GET", f"/balance/{customer.id}")
        meter, whose = viewer.world.opening.meters["api_calls"], Selection(customer=customer.key)
        yield Shown(meter, whose, Span(), exact(reply["calls"]))
