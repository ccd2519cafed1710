"""How the proofs record usage."""

from __future__ import annotations

from collections.abc import Mapping

from metersim.contract.exchange import Exchange, require
from metersim.contract.trial import Trial
from metersim.reading import Json

_METRIC = "metersim_check"
# Of nobody, for calls that are to be refused.
_NOBODY = "metersim-check@example.com"
# What refuses a call before anybody looks at its body.
_BEFORE = {401, 403, 404, 429, 503}


def usage(trial: Trial, **fields: Json) -> dict[str, Json]:
    """A body that nothing is wrong with, but for these fields."""
    email = trial.get("email") or _NOBODY
    return {"email": email, "metric": _METRIC, "quantity": 1, **fields}


def record(
    trial: Trial, project: str, body: Json, headers: Mapping[str, str] | None = None
) -> Exchange:
    """Record usage, as anybody may who knows the project."""
    return trial.call("recordUsage", body, path={"projectId": project}, headers=headers, token=None)


def judged(trial: Trial, body: Json) -> Exchange:
    """What a project that is open says to a body; Unproven where it does not look at it."""
    reply = record(trial, trial.value("project_id"), body)
    require(reply.status not in _BEFORE, f"a project_id that is open to all: {reply}")
    return reply


def answer(reply: Exchange) -> Mapping[str, Json]:
    """The body as an object; an empty one where it is none."""
    found = reply.json if reply.media_type == "application/json" else None
    return found if isinstance(found, dict) else {}


def discover(trial: Trial) -> Mapping[str, str]:
    """Nothing can be read."""
    return {}
