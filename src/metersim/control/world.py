"""What one session holds: its state, its settings, and how its numbers came about."""

from __future__ import annotations

from metersim.control.call import ControlCall
from metersim.control.sessions import shown
from metersim.reading import Json
from metersim.simulation import explaining, state
from metersim.simulation.invariants import invariants


def reset(call: ControlCall) -> Json:
    """Back to the opening, as if nothing had been asked."""
    call.session.reset()
    return shown(call.session)


def get_state(call: ControlCall) -> Json:
    """Entities with their ids, and what was recorded."""
    return state.state(call.session.world)


def get_invariants(call: ControlCall) -> Json:
    """Looked at as everybody sees it, and left as it is."""
    return invariants(call.session, call.sessions, call.vendors)


def explain(call: ControlCall) -> Json:
    """Asked of the very code that answers."""
    asked = call.body
    return explaining.explain(call.vendors, asked["vendor"], asked["row"], call.session.world)


def get_settings(call: ControlCall) -> Json:
    """As the server was started, unless it was changed."""
    return {"vendor_limits": call.session.vendor_limits}


def update_settings(call: ControlCall) -> Json:
    """Until the next reset."""
    call.session.vendor_limits = call.body["vendor_limits"]
    return get_settings(call)
