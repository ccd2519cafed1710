"""Request patterns in WireMock's grammar: which of the calls are meant, and which nearly are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from metersim.billing.quantity import ONE, ZERO, divide, multiply, total
from metersim.errors import ControlError, nearest
from metersim.reading import Json
from metersim.simulation.comparing import shown
from metersim.simulation.exchange import Received
from metersim.simulation.matchers import Matcher, compile_matcher, fully_matching

Texts: TypeAlias = Sequence[str | None]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT")
_URLS = ("url", "urlPattern", "urlPath", "urlPathPattern")
_KEYS = ("method", *_URLS, "headers", "queryParameters", "bodyPatterns")
_MOST_PARTS = 100

# As WireMock weighs them for near misses: who asks for another thing is further off than who asks
# for it in another way.
_WEIGHTS = {"url": Decimal(10), "method": Decimal(3), "other": Decimal(1)}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A part of a request that is not as a pattern has it; ``found`` is None where it has none."""

    part: str
    expected: Json
    found: Json


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a pattern asks: in which place, by which name there, and what of it."""

    place: str
    name: str
    matcher: Matcher
    read: Callable[[Received], Texts]

    def matches(self, request: Received) -> bool:
        """Whether the part matches, or one of its values when it has several."""
        return any(map(self.matcher.test, self.read(request)))

    def distance(self, request: Received) -> Decimal:
        """From 0, a match, to 1."""
        return min(map(self.matcher.distance, self.read(request)), default=ONE)

    @property
    def weight(self) -> Decimal:
        """How much the part counts among the others."""
        return _WEIGHTS.get(self.place, _WEIGHTS["other"])

    def __str__(self) -> str:
        return f"{self.place}{self.name}"


class Pattern:
    """A compiled request pattern; ``data`` is as it was given. Without keys it matches all."""

    def __init__(self, data: Json) -> None:
        if not isinstance(data, dict):
            raise ControlError(f"expected a request pattern, found {shown(data)}")
        for key in data:
            if key not in _KEYS:
                raise ControlError(f"{key!r} is not known here; {nearest(key, _KEYS)}")
        self.data = data
        # Compiled one by one, so that an endless pattern ends here.
        self.parts: list[Part] = []
        for part in _parts(data):
            if len(self.parts) == _MOST_PARTS:
                raise ControlError(f"expected at most {_MOST_PARTS} matchers")
            self.parts.append(part)

    def matches(self, request: Received) -> bool:
        """Whether every part matches; ControlError when that takes too long to say."""
        return all(part.matches(request) for part in self.parts)

    def mismatches(self, request: Received) -> list[Mismatch]:
        """The parts that do not match, what they ask, and what there was."""
        return [
            Mismatch(str(part), part.matcher.given, _told(part.read(request)))
            for part in self.parts
            if not part.matches(request)
        ]

    def distance(self, request: Received) -> Decimal:
        """From 0, a match, to 1: the parts' distances, each by its weight."""
        if not self.parts:
            return ZERO
        distances = total(multiply(part.weight, part.distance(request)) for part in self.parts)
        return divide(distances, total(part.weight for part in self.parts), 6)


def _parts(data: Json) -> Iterator[Part]:
    """What the pattern asks, the cheapest to answer first."""
    if "method" in data:
        yield from _method(data["method"])
    yield from _url(data)
    for name, matcher in _by_name(data, "headers"):
        yield Part("headers", f".{name}", matcher, _header(name.lower()))
    for name, matcher in _by_name(data, "queryParameters"):
        yield Part("queryParameters", f".{name}", matcher, _parameter(name))
    bodies = data.get("bodyPatterns", [])
    if not isinstance(bodies, list):
        raise ControlError(f"bodyPatterns: expected a list of matchers, found {shown(bodies)}")
    for at, each in enumerate(bodies):
        yield Part("bodyPatterns", f"[{at}]", compile_matcher(each, f"bodyPatterns[{at}]"), _body)


def _method(data: Json) -> Iterator[Part]:
    known = (*_METHODS, "ANY")
    if not isinstance(data, str) or data.upper() not in known:
        raise ControlError(f"method: found {shown(data)}; {nearest(str(data).upper(), known)}")
    if data.upper() != "ANY":
        matcher = compile_matcher({"equalTo": data.upper()}, "method")
        yield Part("method", "", matcher, lambda request: [request.method])


def _url(data: Json) -> Iterator[Part]:
    given = [key for key in _URLS if key in data]
    if len(given) > 1:
        raise ControlError(f"expected one of {', '.join(_URLS)}, found {' and '.join(given)}")
    for key in given:
        value = data[key]
        if not isinstance(value, str):
            raise ControlError(f"{key}: expected text, found {shown(value)}")
        if key.endswith("Pattern"):
            matcher = Matcher("matches", {"matches": value}, fully_matching(value, key))
        else:
            matcher = compile_matcher({"equalTo": value}, key)
        yield Part("url", "", matcher, _path if "Path" in key else _whole_url)


def _by_name(data: Json, key: str) -> Iterator[tuple[str, Matcher]]:
    given = data.get(key, {})
    if not isinstance(given, dict):
        raise ControlError(f"{key}: expected matchers by name, found {shown(given)}")
    for name, matcher in given.items():
        yield name, compile_matcher(matcher, f"{key}.{name}")


def _whole_url(request: Received) -> Texts:
    return [request.url]


def _path(request: Received) -> Texts:
    return [request.path]


def _header(name: str) -> Callable[[Received], Texts]:
    return lambda request: [request.headers.get(name)]


def _parameter(name: str) -> Callable[[Received], Texts]:
    return lambda request: request.query.get(name) or [None]


def _body(request: Received) -> Texts:
    if request.body.cut:
        return []  # nobody can say what it was like, nor what it was not
    text = request.body.text
    # No body and an empty one are the same on the wire, and a pattern may ask for either.
    return [text] if text else ["", None]


def _told(texts: Texts) -> Json:
    values = [text for text in texts if text is not None]
    return values if len(values) > 1 else next(iter(values), None)
