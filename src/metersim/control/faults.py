"""Deliberate trouble: adding rules, looking at how they fared, taking them away."""

from __future__ import annotations

from metersim.control.call import ControlCall
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.fault_rule import Tally


def list_faults(call: ControlCall) -> Json:
    """In the order in which they were added."""
    return {"faults": [_shown(each, call) for each in call.session.faults]}


def add_fault(call: ControlCall) -> Json:
    """It strikes from the next call on."""
    return _shown(call.session.faults.add(call.body, call.vendors, call.session.world), call)


def clear_faults(call: ControlCall) -> Json:
    """Nothing strikes any more."""
    return {"deleted": call.session.faults.clear()}


def remove_fault(call: ControlCall) -> Json:
    """The others stay."""
    id, faults = call.path["id"], call.session.faults
    if not faults.remove(id):
        raise ControlError(f"no fault {id!r}; {nearest(id, (each.rule.id for each in faults))}")
    return {"deleted": 1}


def _shown(tally: Tally, call: ControlCall) -> Json:
    rule = tally.rule
    active = not (tally.spent or rule.expired(call.session.world.now))
    counts = {"matched": tally.matched, "hits": tally.hits, "active": active}
    return {"id": rule.id, **rule.data, **counts}
