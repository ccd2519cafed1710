"""What happened in a session: told, replayed elsewhere, kept under a name and gone back to."""

from __future__ import annotations

from collections.abc import Mapping

from metersim.control.call import ControlCall
from metersim.control.sessions import opened, shown
from metersim.errors import ControlError, cut, nearest
from metersim.reading import Json
from metersim.simulation.snapshots import Past, Snapshot
from metersim.world.changes import (
    Change,
    CustomerArchived,
    CustomerCreated,
    IngestAliasesSet,
    MeterArchived,
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
    created: set[str] = set()
    for number, change in enumerate(changes):
        _check(change, session.world.opening, created, f"changes.{number}")
    session.relive(Past(tuple(changes), int(call.body.get("calls", 0))))
    return shown(session)


def _check(change: Change, opening: Opening, created: set[str], where: str) -> None:
    """A change may be read and yet be of another scenario."""
    match change:
        case CustomerCreated(customer):
            if customer in opening.customers or customer in created:
                raise ControlError(f"{where}.customer: {customer!r} is there already")
            created.add(customer)
        case CustomerArchived(customer) | IngestAliasesSet(customer):
            if customer not in created:
                _known(customer, opening.customers, f"{where}.customer")
        case MeterArchived(meter):
            _known(meter, opening.meters, f"{where}.meter")
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
        raise ControlError(
            f"{where}: no {cut(str(key))!r} in this scenario; {nearest(str(key), known)}"
        )


def list_snapshots(call: ControlCall) -> Json:
    """In the order in which they were taken."""
    return {"snapshots": [_shown(name, each) for name, each in call.session.snapshots]}


def take_snapshot(call: ControlCall) -> Json:
    """What had the name before is replaced."""
    session, name = call.session, call.body["name"]
    snapshot = session.snapshot()
    session.snapshots.take(name, snapshot)
    return _shown(name, snapshot)


def restore_snapshot(call: ControlCall) -> Json:
    """The snapshot stays, and so does what was journalled."""
    session = call.session
    session.restore(session.snapshots.get(call.path["name"]))
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


def _shown(name: str, snapshot: Snapshot) -> Json:
    return {"name": name, "changes": len(snapshot.past.changes)}
