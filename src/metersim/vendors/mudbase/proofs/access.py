"""Which projects take usage, and from whom."""

from __future__ import annotations

from metersim.contract.exchange import Unproven, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.vendors.mudbase.proofs.asking import answer, record, usage

_MALFORMED = ("not-an-id", "65f0c2a49b7e4d1f8c06a2b", "zzzzzzzzzzzzzzzzzzzzzzzz", "project_1")
_KEYS = ("secured_project_key", "other_project_key")
_NO_KEY = "metersim-check-key-of-no-project"
_OF_NO_PROJECT = ("ffffffffffffffffffffffff", "proj_metersimCheck")


@proves("MUDBASE-01", calls=1, needs=("project_id", "email"))
def anybody_may_record_usage(trial: Trial) -> None:
    reply = record(trial, trial.value("project_id"), usage(trial))
    reply.expect_status(200)
    message = answer(reply).get("message")
    agree("the message", message, "Usage recorded successfully", reply)


@proves("MUDBASE-06", calls=6)
def a_project_id_has_one_of_two_forms(trial: Trial) -> None:
    for project in _OF_NO_PROJECT:
        reply = record(trial, project, usage(trial))
        # Both forms are documented; what is said of a project that nobody has is not.
        reply.expect(reply.status != 400, f"{project} to be taken for a project's id")
        reply.expect_status(404, basis=Basis.ASSUMED)
    for project in _MALFORMED:
        record(trial, project, usage(trial)).expect_status(400, basis=Basis.ASSUMED)


@proves("MUDBASE-07", calls=5, needs=("secured_project_id",))
def a_secured_project_wants_its_own_key(trial: Trial) -> None:
    project, body = trial.value("secured_project_id"), usage(trial)
    record(trial, project, body).expect_status(401)
    own = trial.get("secured_project_key")
    for unknown in (_NO_KEY, f"{own}0") if own else (_NO_KEY,):
        reply = record(trial, project, body, {"X-API-Key": unknown})
        # Whether it is bad or another's, is left open.
        reply.expect_status(401, 403)
    # Each of what was given, as far as it goes.
    for key, status in (("other_project_key", 403), ("secured_project_key", 200)):
        if trial.get(key):
            headers = {"X-API-Key": trial.value(key)}
            record(trial, project, body, headers).expect_status(status)
    missing = [key for key in _KEYS if not trial.get(key)]
    require(not missing, " ".join(f"--set {key}=…" for key in missing))


@proves("MUDBASE-08", calls=1, needs=("restricted_project_id",))
def a_restricted_organization_is_unavailable(trial: Trial) -> None:
    reply = record(trial, trial.value("restricted_project_id"), usage(trial))
    reply.expect_status(503)
    agree("the code", answer(reply).get("code"), "SERVICE_UNAVAILABLE", reply)
    raise Unproven("needs a 429, for which nobody makes a thousand calls; the 503 is as it must be")
