"""A stateful simulator of usage-billing APIs, and the contracts it is held to.

``Simulator`` is for those who test against it; the rest for those who add a vendor.
"""

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
