from collections.abc import Mapping
from datetime import timedelta

from metersim import Limit
from metersim.simulation.call import Request


def _token(path: Mapping[str, str], request: Request) -> str | None:
    """What calls are counted by; a call without it counts nowhere."""
    return request.headers.get("authorization")


LIMITS = (Limit(100, timedelta(minutes=1), by=_token),)
