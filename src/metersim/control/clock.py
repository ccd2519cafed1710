"""The session's clock: reading it, setting it, moving it on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from metersim.billing.instants import parse_date_or_instant, parse_duration, to_exact
from metersim.billing.quantity import exact, plain
from metersim.control.call import ControlCall
from metersim.errors import ControlError
from metersim.reading import Json
from metersim.simulation import passing
from metersim.world.changes import ClockSet

_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def get_clock(call: ControlCall) -> Json:
    """``frozen_time`` is the name that Stripe's test clocks have for now."""
    now, rate = to_exact(call.session.world.now), call.session.world.rate
    mode = "accelerated" if rate > 1 else "ticking" if rate else "frozen"
    return {"now": now, "frozen_time": now, "rate": plain(rate), "mode": mode, "status": "ready"}


def set_clock(call: ControlCall) -> Json:
    """What is not given stays as it is."""
    rate = exact(call.body["rate"]) if "rate" in call.body else None
    world = call.session.world
    return _moved(call, ClockSet(_instant(call.body) or world.now, rate))


def advance_clock(call: ControlCall) -> Json:
    """By a span, or up to an instant; never back."""
    world = call.session.world
    to = _instant(call.body)
    if to is not None and len(call.body) > 1:
        raise ControlError("expected an instant or a span of time, found both")
    try:
        to = to or world.now + _span(call.body)
    except OverflowError:
        raise ControlError("that lies beyond the calendar") from None
    if to <= world.now:
        raise ControlError(f"expected a later instant than {to_exact(world.now)}")
    return _moved(call, ClockSet(to))


def _moved(call: ControlCall, change: ClockSet) -> Json:
    world, before = call.session.world, call.session.world.now
    world.apply(change)
    return {**get_clock(call), "events": passing.events(world, before)}


def _instant(data: Mapping[str, Json]) -> datetime | None:
    given = data.get("now", data.get("frozen_time"))
    return None if given is None else parse_date_or_instant(given)


def _span(data: Mapping[str, Json]) -> timedelta:
    if "duration" in data and len(data) > 1:
        raise ControlError("expected either a duration or units of time, found both")
    if "duration" in data:
        return parse_duration(data["duration"])
    # A whole number may come as 3.0.
    return timedelta(**{unit: int(data[unit]) for unit in _UNITS if unit in data})
