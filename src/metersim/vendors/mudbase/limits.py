"""Mudbase's rate limit: a thousand requests an hour by one API key (OpenAPI document 1.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from metersim.simulation.call import Request
from metersim.simulation.limits import Limit


def _api_key(path: Mapping[str, str], request: Request) -> str | None:
    """The key, where the call goes by it: a JWT is looked at first.

    Nobody publishes a limit for users, nor for those who send nothing; so they have none.
    """
    if request.headers.get("authorization", "").strip():
        return None
    return request.headers.get("x-api-key", "").strip() or None


LIMITS = (Limit(1_000, timedelta(hours=1), by=_api_key),)
