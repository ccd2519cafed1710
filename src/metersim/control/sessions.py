"""Sessions: which are open, opening and forgetting them."""

from __future__ import annotations

from metersim.control.call import ControlCall
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.sessions import DEFAULT, Session


def list_sessions(call: ControlCall) -> Json:
    """In the order in which they were opened."""
    return {"sessions": [shown(each) for each in call.sessions]}


def open_session(call: ControlCall) -> Json:
    """One that is open already stays as it is."""
    return shown(call.sessions.get(call.body["name"]))


def close_session(call: ControlCall) -> Json:
    """It opens anew when it is next used."""
    name = call.body["name"]
    if not call.sessions.delete(name):
        raise ControlError(
            f"no session {name!r}; {nearest(name, (each.name for each in call.sessions))}"
        )
    return {"deleted": name}


def shown(session: Session) -> Json:
    """A session as the control plane tells of it."""
    return {
        "name": session.name,
        "default": session.name == DEFAULT,
        "scenario": session.world.opening.scenario,
    }
