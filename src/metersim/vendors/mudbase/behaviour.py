"""Mudbase's one write: so much of a metric was used, now, by whoever has this email address."""

from __future__ import annotations

from collections.abc import Mapping

from metersim.billing.accounts import Project
from metersim.billing.quantity import exact
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import forbidden, not_found, unauthorized, unavailable
from metersim.world.changes import UsageRecorded
from metersim.world.opening import Credential
from metersim.world.world import World


def record_usage(call: Call, world: World) -> Reply:
    """Every call adds: nothing marks one as a repetition.

    Neither metric nor email needs declaring first. The event keeps the email as it came, so it
    counts for the customer whose address it is, and for the project in any case.
    """
    project = _project(call.path["projectId"], world)
    if project is None:
        raise not_found(f"no project has the id {call.path['projectId']!r}")
    world.apply(
        UsageRecorded(
            name=call.body["metric"],
            customer=call.body["email"],
            project=project.key,
            accepted=world.now,
            occurred=world.now,
            charged=world.now,
            properties={"quantity": exact(call.body["quantity"])},
        )
    )
    return Reply({"message": "Usage recorded successfully"})


def admit(path: Mapping[str, str], credential: Credential | None, world: World) -> None:
    """A secured project wants a credential; one that is confined to a project opens no other.

    Whom all this lets in is still turned away by a restricted organization, and not told why.
    """
    project = _project(path["projectId"], world)
    if project is None:
        return
    if credential is None:
        if project.secured:
            told = "this project is secured: expected its key as X-API-Key"
            raise unauthorized(told, "Bearer", rule="MUDBASE-07")
    elif credential.project not in (None, project.key):
        told = f"the credentials are those of another project, not of {project.id}"
        raise forbidden(told, rule="MUDBASE-07")
    if world.opening.customers[project.customer].restricted:
        raise unavailable("this project takes no usage at present")


def _project(given: str, world: World) -> Project | None:
    # An ObjectId is a number: the case of its digits means nothing. That of the other form does.
    wanted = given if given.startswith("proj_") else given.lower()
    return world.opening.project_by_id.get(wanted)
