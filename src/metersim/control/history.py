"""What happened in a session: told, replayed elsewhere, kept under a name and gone back to."""

from __future__ import annotations

from collections.abc import Mapping

from metersim.control.call import ControlCall
from metersim.control.sessions import opened, shown
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.snapshots import Past
from metersim.world.changes import (
    Change,
    MetricsEndpointSwitched,
    PaymentMethodAssigned,
    TermsAccepted,
    UsageRecorded,
)
from metersim.world.codec import decoded, encoded
from metersim.world.opening import Opening


def list_changes(call: ControlCall) -> Json:
    """Opening and changes together are the state; ids of calls go on from how many there were."""
    past = call.session.past
    return {
        "opened": opened(call.session),
        "calls": past.calls,
        "changes": [encoded(each) for each in past.changes],
    }


def replay_changes(call: ControlCall) -> Json:
    """In place of what happened here; all of it makes sense, or nothing is done."""
    session = call.session
    if call.body.get("opened") not in (None, opened(session)):
        raise ControlError(
            f"opened: the changes are of {call.body['opened']}, and this session opened with "
            f"{opened(session)}"
        )
    changes = decoded(call.body["changes"])
    for number, change in enumerate(changes):
        _check(change, session.world.opening, f"changes.{number}")
    session.relive(Past(tuple(changes), int(call.body.get("calls", 0))))
    return shown(session)


def _check(change: Change, opening: Opening, where: str) -> None:
    """A change may be read and yet be of another scenario."""
    match change:
        case UsageRecorded(project=None):
            pass
        case UsageRecorded(project=project) | MetricsEndpointSwitched(project=project):
            _known(project, opening.projects, f"{where}.project")
        case PaymentMethodAssigned(project, method):
            _known(project, opening.projects, f"{where}.project")
            _known(method, opening.payment_methods, f"{where}.payment_method")
        case TermsAccepted(method):
            _known(method, opening.payment_methods, f"{where}.payment_method")


def _known(key: str | None, known: Mapping[str, object], where: str) -> None:
    if key not in known:
        raise ControlError(f"{where}: no {key!r} in this scenario; {nearest(str(key), known)}")


def list_snapshots(call: ControlCall) -> Json:
    """In the order in which they were taken."""
    return {"snapshots": [_snapshot(name, past) for name, past in call.session.snapshots]}


def take_snapshot(call: ControlCall) -> Json:
    """What had the name before is replaced."""
    session, name = call.session, call.body["name"]
    session.snapshots.take(name, session.past)
    return _snapshot(name, session.past)


def restore_snapshot(call: ControlCall) -> Json:
    """The snapshot stays; so does what is armed and journalled."""
    session = call.session
    session.relive(session.snapshots.get(call.path["name"]))
    return shown(session)


def remove_snapshot(call: ControlCall) -> Json:
    """The others stay."""
    call.session.snapshots.remove(call.path["name"])
    return {"deleted": [call.path["name"]]}


def clear_snapshots(call: ControlCall) -> Json:
    """None is left."""
    snapshots = call.session.snapshots
    names = [name for name, _ in snapshots]
    snapshots.clear()
    return {"deleted": names}


def _snapshot(name: str, past: Past) -> Json:
    return {"name": name, "changes": len(past.changes)}
