"""A typed client of the control plane: of a simulator that runs elsewhere, or in this process.

Every operation of ``openapi/control.yaml`` is one of its methods.
"""

from metersim.client.remote import Client
from metersim.client.session import SessionHandle, VendorHandle

__all__ = ["Client", "SessionHandle", "VendorHandle"]
