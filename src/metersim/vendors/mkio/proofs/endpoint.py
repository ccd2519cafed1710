"""The metrics of a project for Prometheus. What is switched on here is switched off again."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import NOBODY, projects

_NEEDS = ("project",)
_KEYS = ("project", "other_project", "inactive_project")
_TOLD = ("url", "username", "password")
_PREFIX = "/api/v1/"
_TEXT = {"text/plain", "application/openmetrics-text"}
_SAMPLE = re.compile(
    r"[a-zA-Z_:][a-zA-Z0-9_:]*(\s*\{.*\})?\s+([-+]?[0-9.]+([eE][-+]?\d+)?|NaN|[-+]?Inf)(\s.*)?",
)
_NEITHER: tuple[Json, ...] = ("true", "on", "false", "", 1, 0, None, [], {})
_BAD: tuple[Json, ...] = (
    *({}, {"spec": {}}, {"spec": None}, {"spec": True}, {"enabled": True}, {"spec": []}),
    *({"spec": {"enabled": each}} for each in _NEITHER),
    *([], "true", b"", b"{", b"true", b"null"),
)
# Of these, what is switched on must not be taken for switched off.
_BAD_WHILE_ON: tuple[Json, ...] = ({}, {"spec": {}}, {"spec": {"enabled": None}})


class _Access(NamedTuple):
    url: str
    username: str
    password: str


def _read(trial: Trial, project: str) -> Exchange:
    return trial.call("getMetricsEndpoint", path={"name": project})


def _switch(trial: Trial, project: str, on: bool) -> Exchange:
    reply = trial.call("updateMetricsEndpoint", {"spec": {"enabled": on}}, path={"name": project})
    require(reply.status not in (401, 403), "a token that may switch the metrics endpoint")
    reply.expect(reply.succeeded, f"the endpoint to be switched {'on' if on else 'off'}")
    return reply


def _told(value: Json) -> dict[str, Json]:
    """What tells how to connect, wherever in the reply it stands."""
    found: dict[str, Json] = {}
    for key, each in value.items() if isinstance(value, dict) else ():
        found |= {key: each} if key in _TOLD else _told(each)
    return found


def _is_off(reply: Exchange) -> None:
    agree("spec.enabled", reply.done["spec"]["enabled"], False, reply)
    told = sorted(key for key, each in _told(reply.json).items() if each not in (None, ""))
    reply.expect(not told, "none of url, username and password while off", ", ".join(told))


def _access(reply: Exchange) -> _Access:
    """How to connect to an endpoint that is on."""
    agree("spec.enabled", reply.done["spec"]["enabled"], True, reply)
    told = _told(reply.json)
    for key in _TOLD:
        held = isinstance(told.get(key), str) and told[key]
        reply.expect(bool(held), f"a {key} while on")
    return _Access(*(told[key] for key in _TOLD))


def _off_at_first(trial: Trial) -> list[str]:
    """The known projects whose endpoint is off: others may have credentials in use."""
    found = {name: _read(trial, name) for name in projects(trial, *_KEYS)}
    off = [name for name in found if found[name].done["spec"]["enabled"] is False]
    if len(found) > 1:
        reply = next(iter(found.values()))
        reply.expect(bool(off), "the endpoint of a project off at first", None, Basis.ASSUMED)
    require(off, "a project whose metrics endpoint is off: --set other_project=…")
    return off


@contextmanager
def _off_at_last(trial: Trial, *names: str) -> Iterator[None]:
    try:
        yield
    finally:
        for name in names:
            body = {"spec": {"enabled": False}}
            trial.call("updateMetricsEndpoint", body, path={"name": name})


@proves("MKIO-27", calls=11, needs=_NEEDS)
def the_endpoint_tells_how_to_connect_while_it_is_on(trial: Trial) -> None:
    project, *others = _off_at_first(trial)
    _is_off(_read(trial, project))
    with _off_at_last(trial, project, *others[:1]):
        _switch(trial, project, on=True)
        _access(_read(trial, project))
        for other in others[:1]:
            _is_off(_read(trial, other))
        _switch(trial, project, on=False)
        _is_off(_read(trial, project))


@proves("MKIO-28", calls=30, needs=_NEEDS)
def only_the_credentials_of_an_endpoint_scrape_it(trial: Trial) -> None:
    names = _off_at_first(trial)[:2]
    with _off_at_last(trial, *names):
        for name in names:
            _switch(trial, name, on=True)
        accesses = [_access(_read(trial, name)) for name in names]
        access = accesses[0]
        reply = _scraped(trial, access, access.username, access.password)
        _is_below(trial, access, reply)
        _is_exposition(access, reply)
        for username, password in _wrong(access):
            _scraped(trial, access, username, password).expect_status(401)
        for other in accesses[1:]:
            if other[1:] != access[1:]:
                _scraped(trial, access, other.username, other.password).expect_status(401)
        for token in (None, trial.token):
            target = _target(access.url)
            trial.send("GET", target, token=token).expect_status(401)
        _switch(trial, names[0], on=False)
        late = _scraped(trial, access, access.username, access.password)
        late.expect(late.status >= 400, "the credentials refused once the endpoint is off")
        late.expect_status(401, basis=Basis.ASSUMED)
        # Once more: who knew how to connect before, does not by that.
        _switch(trial, names[0], on=True)
        again = _access(_read(trial, names[0]))
        if again[1:] != access[1:]:
            late = _scraped(trial, again, access.username, access.password)
            late.expect_status(401)


def _target(url: str) -> str:
    """What of the url stands below the base URL: the host may be known by another name here."""
    parts = urlsplit(url)
    path = parts.path[max(0, parts.path.find(_PREFIX)) :]
    return f"{path}?{parts.query}" if parts.query else path


def _scraped(trial: Trial, access: _Access, username: str, password: str) -> Exchange:
    words = b64encode(f"{username}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {words}"}
    return trial.send("GET", _target(access.url), headers=headers, token=None)


def _wrong(access: _Access) -> Iterator[tuple[str, str]]:
    _, username, password = access
    yield from ((username, ""), ("", password), ("", ""), (password, username))
    yield from ((username, each) for each in (f"{password}x", password[:-1]))
    yield f"{username}x", password
    if password.swapcase() != password:
        yield username, password.swapcase()


def _is_below(trial: Trial, access: _Access, reply: Exchange) -> None:
    """Unproven where the url leads to another server: here, its path answers as any would."""
    if _PREFIX not in urlsplit(access.url).path and not reply.succeeded:
        anywhere = _Access(f"http://localhost/{NOBODY}", access.username, access.password)
        other = _scraped(trial, anywhere, access.username, access.password)
        # Who asks for a user name and a password here, asks for those of the endpoint.
        asks_for_them = _asks_for_basic(reply) and not _asks_for_basic(other)
        here = reply.status not in (404, other.status) or asks_for_them
        require(here, "a metrics url below the base URL")


def _asks_for_basic(reply: Exchange) -> bool:
    return reply.headers.get("www-authenticate", "").lower().startswith("basic")


def _is_exposition(access: _Access, reply: Exchange) -> None:
    parts = urlsplit(access.url)
    held = parts.scheme in ("http", "https") and bool(parts.netloc)
    reply.expect(held, "a url that Prometheus can scrape", access.url)
    reply.expect_status(200)
    reply.expect(reply.media_type in _TEXT, "a content type of Prometheus", reply.media_type)
    for line in reply.text.splitlines():
        if line.strip() and not line.startswith("#"):
            held = _SAMPLE.fullmatch(line.strip()) is not None
            reply.expect(held, "lines of the Prometheus text format", line)


@proves("MKIO-29", calls=7 + 2 * (len(_BAD) + len(_BAD_WHILE_ON)) + len(_KEYS), needs=_NEEDS)
def what_is_not_on_or_off_changes_nothing(trial: Trial) -> None:
    project = projects(trial)[0]
    _changes_nothing(trial, project, _BAD)
    off = [name for name in projects(trial, *_KEYS) if _is_switched(_read(trial, name)) is False]
    if off:
        with _off_at_last(trial, off[0]):
            _switch(trial, off[0], on=True)
            _changes_nothing(trial, off[0], _BAD_WHILE_ON)


def _is_switched(reply: Exchange) -> Json:
    return reply.json["spec"]["enabled"] if reply.succeeded else None


def _changes_nothing(trial: Trial, project: str, bodies: Sequence[Json]) -> None:
    """Each is refused, and the endpoint stays on, or off, as it is."""
    before = _read(trial, project).done["spec"]["enabled"]
    headers = {"Content-Type": "application/json"}
    for body in bodies:
        refused = trial.call("updateMetricsEndpoint", body, path={"name": project}, headers=headers)
        after = _read(trial, project)
        changed = after.succeeded and after.json["spec"]["enabled"] is not before
        if changed:
            _switch(trial, project, on=before)
        refused.expect_status(400)
        refused.expect(not changed, f"the endpoint to stay {'on' if before else 'off'}")
