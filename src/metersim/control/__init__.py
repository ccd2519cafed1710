"""The control plane: what a test does to the simulator itself.

Its routes are those of ``openapi/control.yaml``, and each has one function here.
"""

from metersim.control.plane import ControlPlane

__all__ = ["ControlPlane"]
