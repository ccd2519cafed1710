"""Sessions: which are open, opening and forgetting them."""

from __future__ import annotations

from metersim.billing.instants import to_exact
from metersim.control.call import ControlCall
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.sessions import DEFAULT, Session


def list_sessions(call: ControlCall) -> Json:
    """In the order in which they were opened."""
    return {
        "sessions": [{**shown(each), "idle": call.sessions.idle(each)} for each in call.sessions]
    }


def open_session(call: ControlCall) -> Json:
    """One that is open already stays as it is."""
    asked = {key: value for key, value in call.body.items() if key != "name"}
    return shown(call.sessions.open(call.body.get("name"), asked))


def close_session(call: ControlCall) -> Json:
    """It opens anew when it is next used."""
    known = [each.name for each in call.sessions]
    if "name" not in call.body:
        names = [name for name in known if name != DEFAULT]
    elif call.body["name"] in known:
        names = [call.body["name"]]
    else:
        name = call.body["name"]
        raise ControlError(f"no session {name!r}; {nearest(name, known)}")
    for name in names:
        call.sessions.delete(name)
    return {"deleted": names}


def get_scenario(call: ControlCall) -> Json:
    """Where the session opened, wherever its clock is now."""
    return opened(call.session)


def replace_scenario(call: ControlCall) -> Json:
    """The session begins anew with it, and comes back to it on reset."""
    session = call.session
    session.open(call.sessions.openings.terms(call.body, session.terms))
    return opened(session)


def opened(session: Session) -> Json:
    """All that the opening of a session follows from."""
    opening = session.world.opening
    return {"name": opening.scenario, "seed": opening.seed, "clock": to_exact(opening.now)}


def shown(session: Session) -> Json:
    """A session as the control plane tells of it."""
    opening = session.world.opening
    return {
        "name": session.name,
        "default": session.name == DEFAULT,
        "scenario": opening.scenario,
        "seed": opening.seed,
        "now": to_exact(session.world.now),
    }
