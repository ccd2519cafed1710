"""A stateful simulator of usage-billing APIs, and the contracts it is held to.

``Simulator`` is for those who test against it; the rest for those who add a vendor.
"""

from typing import TYPE_CHECKING, Any

from metersim.billing.facts import Selection
from metersim.billing.instants import Span
from metersim.simulation.call import Call, Reply
from metersim.simulation.limits import Limit
from metersim.simulation.problems import Problem
from metersim.simulation.vendor import Vendor
from metersim.world.world import World

if TYPE_CHECKING:
    from metersim.simulator import Simulator

__all__ = ["Call", "Limit", "Problem", "Reply", "Selection", "Simulator", "Span", "Vendor", "World"]

__version__ = "0.1.0"

if not TYPE_CHECKING:  # for a type checker every name would be there

    def __getattr__(name: str) -> Any:
        """Loads ``Simulator`` when it is asked for: serving needs none of its HTTP client."""
        if name != "Simulator":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from metersim.simulator import Simulator

        return Simulator
