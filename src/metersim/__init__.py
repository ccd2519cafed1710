"""A stateful simulator of usage-billing APIs, and the contracts it is held to.

``Simulator`` is for those who test against it; the rest for those who add a vendor.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metersim.billing.facts import Selection
    from metersim.billing.instants import Span
    from metersim.simulation.call import Call, Reply
    from metersim.simulation.limits import Limit
    from metersim.simulation.problems import Problem
    from metersim.simulation.vendor import Vendor
    from metersim.simulator import Simulator
    from metersim.world.world import World

__all__ = ["Call", "Limit", "Problem", "Reply", "Selection", "Simulator", "Span", "Vendor", "World"]

__version__ = "0.1.0"

_HOMES = {
    "Call": "metersim.simulation.call",
    "Limit": "metersim.simulation.limits",
    "Problem": "metersim.simulation.problems",
    "Reply": "metersim.simulation.call",
    "Selection": "metersim.billing.facts",
    "Simulator": "metersim.simulator",
    "Span": "metersim.billing.instants",
    "Vendor": "metersim.simulation.vendor",
    "World": "metersim.world.world",
}

if not TYPE_CHECKING:  # for a type checker every name would be there

    def __getattr__(name: str) -> Any:
        """Loads what is asked for: pytest loads this package in every run, with its plugin."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
