"""Metronome's rate limit: eight requests a second (as the PostHog source connector met it)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from metersim.simulation.call import Request
from metersim.simulation.limits import Limit


def _account(path: Mapping[str, str], request: Request) -> str:
    # Every token of a world is the same account's.
    return "account"


LIMITS = (Limit(8, timedelta(seconds=1), by=_account),)
