"""The process: whether it runs, and what it is."""

from __future__ import annotations

from importlib.metadata import version

from metersim.control.call import ControlCall
from metersim.reading import Json
from metersim.simulation import fidelity


def get_health(call: ControlCall) -> Json:
    """Answering at all means that every document is compiled."""
    return {"status": "healthy", "vendors": dict.fromkeys(call.vendors, "running")}


def get_version(call: ControlCall) -> Json:
    """The version of the installed package."""
    return {"version": version("metersim")}


def get_fidelity(call: ControlCall) -> Json:
    """The same for every session: it is about the simulator."""
    return {"vendors": fidelity.fidelity(call.vendors)}
