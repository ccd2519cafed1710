"""Metronome's rate limit: eight requests a second (as the PostHog source connector met it).

It is that of the default tier. Which calls that covers is not published; ingestion, of which eight
a second could not be lived with, we take to be in none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from metersim.contract.operation import Operation
from metersim.simulation.call import Request
from metersim.simulation.limits import Limit


def _account(path: Mapping[str, str], request: Request) -> str:
    # Every token of a world is the same account's.
    return "account"


def _is_no_ingestion(operation: Operation) -> bool:
    return operation.id != "ingestUsage"


LIMITS = (Limit(8, timedelta(seconds=1), by=_account, applies=_is_no_ingestion),)
