"""The control plane: what a test does to the simulator itself, as one route table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hmac import compare_digest
from http import HTTPStatus
from importlib.metadata import version

import msgspec

from metersim.billing.instants import (
    parse_date_or_instant,
    parse_duration,
    to_exact,
)
from metersim.billing.quantity import exact, plain
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.call import Reply, Request
from metersim.simulation.explaining import explain
from metersim.simulation.sessions import DEFAULT, SESSION_NAME, Session, Sessions
from metersim.simulation.state import changes, state
from metersim.simulation.vendor import Vendor
from metersim.world.changes import ClockSet
from metersim.world.clock import FASTEST

_INSTANTS = ("now", "frozen_time")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")

_read = msgspec.json.Decoder(float_hook=exact).decode
_write = msgspec.json.Encoder(decimal_format="number").encode


class ControlPlane:
    """Answers ``/__admin/…``, of one session or of the default one, to whoever holds the token."""

    def __init__(self, sessions: Sessions, vendors: Mapping[str, Vendor], token: str) -> None:
        self._sessions = sessions
        self._vendors = vendors
        self._token = token
        self.routes: Mapping[tuple[str, str], Callable[[Session, Json], Json]] = {
            ("GET", "health"): self._health,
            ("GET", "version"): self._version,
            ("POST", "reset"): self._reset,
            ("GET", "scenario"): self._scenario,
            ("GET", "state"): self._state,
            ("GET", "changes"): self._changes,
            ("POST", "explain"): self._explain,
            ("GET", "settings"): self._settings,
            ("PUT", "settings"): self._set_settings,
            ("GET", "clock"): self._clock,
            ("PUT", "clock"): self._set_clock,
            ("POST", "clock/advance"): self._advance_clock,
            ("GET", "sessions"): self._list_sessions,
            ("POST", "sessions"): self._open_session,
            ("DELETE", "sessions"): self._close_session,
        }

    def answer(self, session: str, request: Request) -> Reply:
        """Answer one request; its path is what follows ``/__admin/``."""
        presented = request.headers.get("authorization", "")
        if not compare_digest(presented.encode(), f"Bearer {self._token}".encode()):
            return _refusal(
                HTTPStatus.UNAUTHORIZED, "expected `Authorization: Bearer <admin token>`"
            )
        path = request.path.strip("/")
        methods = sorted(method for method, route in self.routes if route == path)
        if not methods:
            known = {route for _, route in self.routes}
            return _refusal(HTTPStatus.NOT_FOUND, f"no route {path!r}; {nearest(path, known)}")
        if request.method not in methods:
            allowed = {"Allow": ", ".join(methods)}
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"allowed: {allowed['Allow']}", allowed)
        if request.body is None:
            return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request body is too large")
        try:
            data = _read(request.body) if request.body else {}
            if not isinstance(data, dict):
                raise ControlError(f"expected a JSON object, {_found(data)}")
            return Reply(self.routes[request.method, path](self._sessions.get(session), data))
        except OverflowError:
            return _refusal(HTTPStatus.BAD_REQUEST, "that lies beyond the calendar")
        except (ControlError, ValueError, RecursionError) as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))

    # -- the server

    def _health(self, session: Session, data: Json) -> Json:
        """Whether the simulator runs, and each vendor."""
        return {"status": "healthy", "vendors": dict.fromkeys(self._vendors, "running")}

    def _version(self, session: Session, data: Json) -> Json:
        """The version of metersim."""
        return {"version": version("metersim")}

    def _list_sessions(self, session: Session, data: Json) -> Json:
        """The sessions that are open."""
        return {"sessions": [_session(each) for each in self._sessions]}

    def _open_session(self, session: Session, data: Json) -> Json:
        """Open a session: `{"name": …}`."""
        _only(data, "name")
        name = _text(data, "name")
        if not SESSION_NAME.fullmatch(name):
            raise ControlError(
                f"name: expected text matching {SESSION_NAME.pattern}, found {name!r}"
            )
        return _session(self._sessions.get(name))

    def _close_session(self, session: Session, data: Json) -> Json:
        """Forget a session: `{"name": …}`."""
        _only(data, "name")
        name = _text(data, "name")
        if not self._sessions.delete(name):
            raise ControlError(
                f"no session {name!r}; {nearest(name, (s.name for s in self._sessions))}"
            )
        return {"deleted": name}

    # -- one session

    def _reset(self, session: Session, data: Json) -> Json:
        """Back to the opening state."""
        session.reset()
        return _session(session)

    def _scenario(self, session: Session, data: Json) -> Json:
        """Name, seed and clock of what the session opened with."""
        opening = session.world.opening
        return {
            "name": opening.scenario,
            "seed": opening.seed,
            "clock": to_exact(opening.now),
        }

    def _state(self, session: Session, data: Json) -> Json:
        """Entities, and the usage that was recorded."""
        return state(session.world)

    def _changes(self, session: Session, data: Json) -> Json:
        """Every change since the opening, in order."""
        return {"changes": changes(session.world)}

    def _explain(self, session: Session, data: Json) -> Json:
        """How a number in a reply came about: `{"vendor": "mkio", "row": {…}}`."""
        _only(data, "vendor", "row")
        return explain(self._vendors, _text(data, "vendor"), data.get("row"), session.world)

    def _settings(self, session: Session, data: Json) -> Json:
        """Whether the vendors' rate limits are enforced."""
        return {"vendor_limits": session.vendor_limits}

    def _set_settings(self, session: Session, data: Json) -> Json:
        """Enforce the rate limits from now on, or no longer: `{"vendor_limits": true}`."""
        _only(data, "vendor_limits")
        session.vendor_limits = _switch(data, "vendor_limits")
        return self._settings(session, {})

    def _clock(self, session: Session, data: Json) -> Json:
        """The session's current instant, and the rate at which it moves with the machine's time."""
        now, rate = to_exact(session.world.now), session.world.rate
        mode = "accelerated" if rate > 1 else "ticking" if rate else "frozen"
        return {
            "now": now,
            "frozen_time": now,
            "rate": plain(rate),
            "mode": mode,
            "status": "ready",
        }

    def _set_clock(self, session: Session, data: Json) -> Json:
        """Set instant, rate (0 stands, 1 ticks) or both: `{"now": "2026-04-01", "rate": 60}`."""
        _only(data, *_INSTANTS, "rate")
        if not data:
            raise ControlError('expected an instant, a rate or both, such as {"rate": 60}')
        rate = _rate(data.pop("rate")) if "rate" in data else None
        now = _instant(data) if data else session.world.now
        session.world.apply(ClockSet(now, rate))
        return self._clock(session, {})

    def _advance_clock(self, session: Session, data: Json) -> Json:
        """Move on: `{"days": 3}`, `{"duration": "PT36H"}` or `{"now": …}`; the rate stays."""
        now = session.world.now
        to = _instant(data) if data.keys() & _INSTANTS else now + _duration(data)
        if to <= now:
            raise ControlError(f"expected a later instant than {to_exact(now)}")
        session.world.apply(ClockSet(to))
        return self._clock(session, {})


def _instant(data: Mapping[str, Json]) -> datetime:
    """``{"now": …}``, or Stripe's word for it."""
    _only(data, *_INSTANTS)
    if len(data) != 1:
        raise ControlError('expected one instant, such as {"now": "2026-03-01T00:00:00Z"}')
    return parse_date_or_instant(_text(data, next(iter(data))))


def _duration(data: Mapping[str, Json]) -> timedelta:
    """``{"days": 3, "hours": 6}`` or ``{"duration": "P3D"}``, never backwards."""
    _only(data, *_UNITS, "duration", *_INSTANTS)
    if "duration" in data and len(data) > 1:
        raise ControlError("expected either a duration or units of time, found both")
    if not data:
        raise ControlError('expected a span of time, such as {"days": 3} or {"duration": "P3D"}')
    if "duration" in data:
        return parse_duration(_text(data, "duration"))
    return timedelta(**{unit: _count(unit, data[unit]) for unit in data})


def _only(data: Mapping[str, Json], *allowed: str) -> None:
    for key in data:
        if key not in allowed:
            raise ControlError(f"{key!r} is not known here; {nearest(key, allowed)}")


def _count(unit: str, value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10**9:
        raise ControlError(f"{unit}: expected a whole number, not negative, {_found(value)}")
    return value


def _rate(value: Json) -> Decimal:
    # In Python, true is a number.
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not number or not 0 <= value <= FASTEST:
        raise ControlError(f"rate: expected a number from 0 to {FASTEST}, {_found(value)}")
    return exact(value)


def _text(data: Mapping[str, Json], name: str) -> str:
    if not isinstance(data.get(name), str) or not data[name]:
        raise ControlError(f"{name}: expected text, {_found(data.get(name))}")
    return str(data[name])


def _switch(data: Mapping[str, Json], name: str) -> bool:
    if not isinstance(data.get(name), bool):
        raise ControlError(f"{name}: expected true or false, {_found(data.get(name))}")
    return bool(data[name])


def _found(value: Json) -> str:
    """The tail of a message: the value, as JSON has it."""
    return f"found {_write(value).decode()}"


def _session(session: Session) -> Json:
    return {
        "name": session.name,
        "default": session.name == DEFAULT,
        "scenario": session.world.opening.scenario,
    }


def _refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply({"error": message}, status, headers=headers or {})
