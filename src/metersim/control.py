"""The control plane: what a test does to the simulator itself, as one route table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from hmac import compare_digest
from http import HTTPStatus
from importlib.metadata import version

import msgspec

from metersim.billing.instants import (
    parse_date_or_instant,
    parse_duration,
    to_exact,
)
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.call import Reply, Request
from metersim.simulation.sessions import DEFAULT, SESSION_NAME, Session, Sessions
from metersim.simulation.vendor import Vendor
from metersim.world.changes import ClockSet

_INSTANTS = ("now", "frozen_time")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


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
            data = msgspec.json.decode(request.body) if request.body else {}
            if not isinstance(data, dict):
                raise ControlError(f"expected a JSON object, found {data!r}")
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
        world, opening = session.world, session.world.opening
        return {
            "now": to_exact(world.now),
            "scenario": opening.scenario,
            "seed": opening.seed,
            "customers": [asdict(each) for each in opening.customers.values()],
            "meters": [{**_data(asdict(m)), "events": sorted(m.events)} for m in world.meters()],
            "plans": _data({key: asdict(plan) for key, plan in opening.plans.items()}),
            "rate_cards": _data({key: asdict(card) for key, card in opening.rate_cards.items()}),
            "payment_methods": [
                {**asdict(method), "terms_accepted": world.terms_accepted(method)}
                for method in opening.payment_methods.values()
            ],
            "projects": [
                {
                    **asdict(project),
                    "payment_method": method.key
                    if (method := world.payment_method(project))
                    else None,
                    "metrics_endpoint": world.metrics_access(project) is not None,
                }
                for project in opening.projects.values()
            ],
            "events": [_data(asdict(event)) for event in world.recorded],
        }

    def _changes(self, session: Session, data: Json) -> Json:
        """Every change since the opening, in order."""
        rows = [{"change": type(c).__name__, **_data(asdict(c))} for c in session.world.changes]
        return {"changes": rows}

    def _clock(self, session: Session, data: Json) -> Json:
        """The session's current instant."""
        now = to_exact(session.world.now)
        return {"now": now, "frozen_time": now, "status": "ready"}

    def _set_clock(self, session: Session, data: Json) -> Json:
        """Stand at an instant, earlier or later: `{"now": "2026-04-01T00:00:00Z"}`."""
        session.world.apply(ClockSet(_instant(data)))
        return self._clock(session, {})

    def _advance_clock(self, session: Session, data: Json) -> Json:
        """Move on: `{"days": 3}`, `{"duration": "PT36H"}` or `{"now": …}`."""
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
        raise ControlError('expected {"now": "2026-03-01T00:00:00Z"}')
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
        raise ControlError(f"{unit}: expected a whole number, not negative, found {value!r}")
    return value


def _text(data: Mapping[str, Json], name: str) -> str:
    if not isinstance(data.get(name), str) or not data[name]:
        raise ControlError(f"{name}: expected text, found {data.get(name)!r}")
    return str(data[name])


def _session(session: Session) -> Json:
    return {
        "name": session.name,
        "default": session.name == DEFAULT,
        "scenario": session.world.opening.scenario,
    }


def _data(value: Json) -> Json:
    """Plain JSON data: sets become lists, instants text."""
    if isinstance(value, dict):
        return {key: _data(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset, tuple, list)):
        return [_data(each) for each in value]
    return to_exact(value) if hasattr(value, "isoformat") else value


def _refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply({"error": message}, status, headers=headers or {})
