"""A stateful simulator of usage-billing APIs, and the contracts it is held to."""

from metersim.server import Simulator

__all__ = ["Simulator", "__version__"]

__version__ = "0.1.0"
