"""Monk's rate limit: 100 requests a minute from one address; events may be sent without end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from metersim.contract.operation import Operation
from metersim.simulation.call import Request
from metersim.simulation.limits import Limit

_INGESTION = ("/v1/events", "/v1/events/batch")


def _address(path: Mapping[str, str], request: Request) -> str:
    return request.client


def _is_no_ingestion(operation: Operation) -> bool:
    return (operation.method, operation.path) not in [("POST", path) for path in _INGESTION]


LIMITS = (Limit(100, timedelta(minutes=1), by=_address, applies=_is_no_ingestion),)
