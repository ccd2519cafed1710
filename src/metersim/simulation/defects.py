"""Contract defects: an otherwise right reply that departs from its contract in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from operator import getitem
from typing import TypeAlias

from metersim.contract.operation import Operation
from metersim.errors import ControlError
from metersim.reading import Json
from metersim.simulation.call import Reply

Path: TypeAlias = Sequence[str | int]

_GONE = object()
# The first of them that the contract forbids takes a value's place.
_STRANGERS: Sequence[Json] = (0, "", True, {}, [], None)


@dataclass(frozen=True, slots=True)
class Defect:
    """Which field is missing, of another type or an unknown word (JSON pointers, split).

    ``loop`` has a page name itself as the next one.
    """

    remove: Sequence[str] | None = None
    retype: Sequence[str] | None = None
    enum: Sequence[str] | None = None
    loop: bool = False

    def spoil(self, reply: Reply, operation: Operation, query: Mapping[str, str]) -> Reply | None:
        """The reply with its defects; None where there is nothing of it to spoil.

        The reply is copied where it changes: behaviour may keep parts of it for the next call.
        """
        try:
            if self.retype is not None:
                reply = _retyped(reply, operation, located(reply.body, self.retype))
            if self.enum is not None:
                path = located(reply.body, self.enum)
                reply = _with(reply, path, _unheard_of(_at(reply.body, path)))
            if self.remove is not None:
                reply = _with(reply, located(reply.body, self.remove), _GONE)
            if self.loop:
                name = _cursor(reply, operation, query)
                reply = _with(reply, [name], query[name])
        except LookupError:
            return None
        return reply


def read_defect(data: Mapping[str, Json]) -> Defect:
    """The defect that the data means; ControlError for one that would leave the reply right."""
    pointers = {key: _steps(data[key]) for key in ("remove", "retype", "enum") if key in data}
    defect = Defect(**pointers, loop=data.get("loop", False))
    if defect == Defect():
        raise ControlError("defect.loop: expected true, or another defect beside it")
    return defect


def _steps(pointer: str) -> Sequence[str]:
    """The tokens of a JSON pointer (RFC 6901)."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def located(data: Json, steps: Sequence[str]) -> Path:
    """Where the steps lead first, ``*`` being any of them; LookupError if nowhere."""
    if not steps:
        return ()
    for key in _keys(data, steps[0]):
        try:
            return key, *located(data[key], steps[1:])
        except LookupError:
            continue
    raise LookupError(steps[0])


def _keys(data: Json, step: str) -> Iterable[str | int]:
    if isinstance(data, dict):
        return data if step == "*" else [step] if step in data else []
    places = range(len(data)) if isinstance(data, list) else range(0)
    return places if step == "*" else [at for at in places if str(at) == step]


def _at(data: Json, path: Path) -> Json:
    return reduce(getitem, path, data)


def _with(reply: Reply, path: Path, value: Json) -> Reply:
    return replace(reply, body=replaced(reply.body, path, value))


def replaced(data: Json, path: Path, value: Json) -> Json:
    """A copy of the data with another value at the path; what is beside the path is shared."""
    if not path:
        return value
    pairs = list(data.items() if isinstance(data, dict) else enumerate(data))
    pairs = [(key, replaced(v, path[1:], value) if key == path[0] else v) for key, v in pairs]
    kept = [(key, each) for key, each in pairs if each is not _GONE]
    return dict(kept) if isinstance(data, dict) else [each for _, each in kept]


def _retyped(reply: Reply, operation: Operation, path: Path) -> Reply:
    """With a value of a type that the contract forbids there, or at least of another than it had.

    First of all a number in quotation marks, which is what providers really send by mistake.
    """
    value = _at(reply.body, path)
    quoted = [str(value)] if _type(value) is Decimal else []
    others = (each for each in _STRANGERS if _type(each) is not _type(value))
    replies = [_with(reply, path, each) for each in (*quoted, *others)]
    wrong = (each for each in replies if _departs(each, operation))
    return next(wrong, replies[0])


def _departs(reply: Reply, operation: Operation) -> bool:
    return bool(operation.judge_reply(reply.status, reply.media_type, reply.body))


def _type(value: Json) -> type:
    """Its type in JSON, where an integer is no type of its own."""
    return Decimal if type(value) is int else type(value)


def _unheard_of(word: Json) -> str:
    if not isinstance(word, str):
        raise LookupError("no word")
    return f"{word}_unheard_of"


def _cursor(reply: Reply, operation: Operation, query: Mapping[str, str]) -> str:
    """The parameter that asked for this page, and that a key of the body fills for the next."""
    for parameter in operation.parameters:
        name = parameter.name
        if parameter.place == "query" and name in query and name in _keys(reply.body, name):
            return name
    raise LookupError("no cursor")
