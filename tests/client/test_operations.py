"""Every operation of the control plane is a method of the client."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from metersim.bundled import bundled
from metersim.client.simulator import SimulatorHandle
from metersim.contract.document import load
from metersim.errors import ControlError
from metersim.in_process import InProcess
from metersim.server import Setup, set_up
from metersim.simulation.call import Request
from metersim.simulator import connection_to

CONTRACT = load(bundled("openapi") / "control.yaml", own=True)

# What each operation is called by; what it answers has to be what the method is for.
CALLS: dict[str, Callable[[SimulatorHandle], object]] = {
    "getHealth": lambda sim: sim.health(),
    "getVersion": lambda sim: sim.version(),
    "getFidelity": lambda sim: sim.fidelity(),
    "listSessions": lambda sim: sim.sessions(),
    "openSession": lambda sim: sim.session("a", seed=7),
    "closeSession": lambda sim: sim.close_sessions(),
    "reset": lambda sim: sim.reset(),
    "getScenario": lambda sim: sim.scenario,
    "replaceScenario": lambda sim: sim.open("docs-saas"),
    "getInvariants": lambda sim: sim.invariants(),
    "getState": lambda sim: sim.state,
    "listChanges": lambda sim: sim.changes(),
    "replayChanges": lambda sim: sim.replay({**sim.changes(), "calls": 3}),
    "listSnapshots": lambda sim: sim.snapshots.list(),
    "takeSnapshot": lambda sim: sim.snapshots.take("here"),
    "restoreSnapshot": lambda sim: sim.snapshots.restore("kept"),
    "removeSnapshot": lambda sim: sim.snapshots.remove("kept"),
    "clearSnapshots": lambda sim: sim.snapshots.clear(),
    "explain": lambda sim: sim.explain("saas", {"metric": "apiCalls"}),
    "getSettings": lambda sim: sim.settings,
    "updateSettings": lambda sim: sim.update_settings(vendor_limits=True),
    "listFaults": lambda sim: sim.faults.list(),
    "addFault": lambda sim: sim.faults.add(fault="EMPTY_RESPONSE"),
    "removeFault": lambda sim: sim.faults.remove("kept"),
    "clearFaults": lambda sim: sim.faults.clear(),
    "getClock": lambda sim: sim.clock.now,
    "setClock": lambda sim: sim.clock.set("2030-01-01"),
    "advanceClock": lambda sim: sim.clock.advance(days=1),
    "listRequests": lambda sim: sim.journal.latest(),
    "searchRequests": lambda sim: sim.journal.requests(),
    "clearRequests": lambda sim: sim.journal.clear(),
    "resetRequests": lambda sim: sim.journal.reset(),
    "countRequests": lambda sim: sim.journal.count(),
    "findRequests": lambda sim: sim.journal.find(),
    "removeRequests": lambda sim: sim.journal.remove_matching(),
    "listUnmatchedRequests": lambda sim: sim.journal.unmatched(),
    "listUnmatchedNearMisses": lambda sim: sim.journal.meant(),
    "findNearMisses": lambda sim: sim.journal.near_misses(),
    "waitForRequests": lambda sim: sim.journal.wait(),
    "exportRequests": lambda sim: sim.journal.export(),
    "streamRequests": lambda sim: sim.journal.stream().close(),
    "getRequest": lambda sim: sim.journal.get(id_of_the_call(sim)),
    "removeRequest": lambda sim: sim.journal.remove(id_of_the_call(sim)),
}


class Noting(InProcess):
    """Notes which operations are called, and how they are answered."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup.application)
        self.answered: dict[str, int] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = super().handle_request(request)
        found = CONTRACT.match(request.url.path.partition("/__admin")[2])
        assert found is not None
        self.answered[found[0].operations[request.method].id] = reply.status_code
        return reply


@pytest.fixture(scope="module")
def setup() -> Setup:
    return set_up("docs-saas")


def id_of_the_call(sim: SimulatorHandle) -> str:
    return sim.journal.latest()[0]["id"]


@pytest.mark.parametrize("operation", CONTRACT.operations)
def test_every_operation_is_called_by_a_method(setup: Setup, operation: str) -> None:
    noting = Noting(setup)
    connection = connection_to(setup)
    sim = SimulatorHandle(connection, "")
    sim.reset()
    sim.journal.clear()
    sim.snapshots.take("kept")
    sim.faults.add(id="kept", fault="EMPTY_RESPONSE", vendor="monk")
    setup.application.answer(Request("GET", "/saas/nowhere"))
    connection.http._transport = noting
    CALLS[operation](sim)
    assert noting.answered[operation] == 200


def test_a_method_whose_call_is_refused_raises(setup: Setup) -> None:
    sim = SimulatorHandle(connection_to(setup), "")
    calls: list[Callable[[], object]] = [
        lambda: sim.open("nowhere"),
        lambda: sim.control("POST", "changes", {"changes": [{}]}),
        lambda: sim.snapshots.restore("nowhere"),
        lambda: sim.faults.add(),
        lambda: sim.clock.advance(day=1),
        lambda: sim.journal.requests(methd="GET"),
    ]
    for refused in calls:
        with pytest.raises(ControlError, match=r"^[A-Z]+ [a-z/-]+: "):
            refused()
