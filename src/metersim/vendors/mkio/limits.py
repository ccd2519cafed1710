"""MK.IO's rate limits: 2,000 reads and 1,000 writes a minute (rate limits page)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from metersim.contract.operation import Operation
from metersim.simulation.call import Request
from metersim.simulation.limits import Limit

_MINUTE = timedelta(minutes=1)


def _project_or_organization(path: Mapping[str, str], request: Request) -> str:
    # Wherever a path has a name, it is a project's; no project's name is empty.
    return path.get("name", "")


def _reads(operation: Operation) -> bool:
    return operation.method == "GET"


def _writes(operation: Operation) -> bool:
    return operation.method in ("POST", "PUT", "PATCH", "DELETE")


LIMITS = (
    Limit(2_000, _MINUTE, by=_project_or_organization, applies=_reads),
    Limit(1_000, _MINUTE, by=_project_or_organization, applies=_writes),
)
