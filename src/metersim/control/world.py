"""What one session holds: its state, its changes, its settings, and how its numbers came about."""

from __future__ import annotations

from metersim.billing.instants import to_exact
from metersim.control.call import ControlCall
from metersim.control.sessions import shown
from metersim.reading import Json
from metersim.simulation import explaining, state


def reset(call: ControlCall) -> Json:
    """Back to the opening, as if nothing had been asked."""
    call.session.reset()
    return shown(call.session)


def get_scenario(call: ControlCall) -> Json:
    """Where the session opened, wherever its clock is now."""
    opening = call.session.world.opening
    return {"name": opening.scenario, "seed": opening.seed, "clock": to_exact(opening.now)}


def get_state(call: ControlCall) -> Json:
    """Entities with their ids, and what was recorded."""
    return state.state(call.session.world)


def list_changes(call: ControlCall) -> Json:
    """Opening and changes together are the state."""
    return {"changes": state.changes(call.session.world)}


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
