"""Where two replies differ: by status, media type and body, whatever the order of keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from metersim.contract.exchange import Exchange
from metersim.exact_json import decode, encode
from metersim.reading import Json

_ABSENT = "nothing"
# What else differs than a value in a body, in words that no pointer begins with.
STATUS, MEDIA_TYPE, BODY = "status", "media type", "body"


@dataclass(frozen=True, slots=True)
class Unlike:
    """Two values at one place of two replies, as text; ``pointer`` is a JSON pointer or a word."""

    pointer: str
    here: str
    there: str

    @property
    def in_json(self) -> bool:
        """Whether a value within two JSON bodies differs, and not the replies as a whole."""
        return self.pointer.startswith("/")

    @property
    def place(self) -> str:
        """The pointer with ``*`` for each index."""
        steps = self.pointer.split("/")
        return "/".join("*" if step.isdecimal() else step for step in steps)


def unlike(here: Exchange, there: Exchange) -> Iterator[Unlike]:
    """Where they differ; of replies of two kinds, no more than that."""
    if here.status != there.status:
        yield Unlike(STATUS, _answer(here), _answer(there))
    elif here.media_type != there.media_type:
        yield Unlike(MEDIA_TYPE, here.media_type or _ABSENT, there.media_type or _ABSENT)
    elif here.is_json and there.is_json:
        yield from _unlike_json(here, there)
    elif here.content != there.content:
        yield Unlike(BODY, here.text or _ABSENT, there.text or _ABSENT)


def figures(reply: Exchange) -> list[tuple[str, Decimal]]:
    """All numbers of a reply and where they stand, in whatever order its rows are."""
    try:
        body = decode(reply.content)
    except ValueError:
        return [(reply.text, Decimal(0))]
    return sorted(_figures("", body))


def _figures(place: str, value: Json) -> Iterator[tuple[str, Decimal]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _figures(f"{place}/{key}", each)
    elif isinstance(value, list):
        for each in value:
            yield from _figures(place, each)
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        yield place, Decimal(value)


def _answer(exchange: Exchange) -> str:
    return f"{exchange.status} {' '.join(exchange.text.split())}".rstrip()


def _unlike_json(here: Exchange, there: Exchange) -> Iterator[Unlike]:
    try:
        ours, theirs = decode(here.content), decode(there.content)
    except ValueError:
        # One of them is no JSON, whatever it says it is.
        if here.content != there.content:
            yield Unlike(BODY, here.text, there.text)
        return
    yield from _unlike_values("", ours, theirs)


def _unlike_values(pointer: str, here: Json, there: Json) -> Iterator[Unlike]:
    if isinstance(here, dict) and isinstance(there, dict):
        for key in [*here, *(key for key in there if key not in here)]:
            at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in here and key in there:
                yield from _unlike_values(at, here[key], there[key])
            else:
                yield Unlike(at, _told(here, key), _told(there, key))
    elif isinstance(here, list) and isinstance(there, list):
        if len(here) != len(there):
            # Where one is missing, those after it would all seem to differ.
            yield Unlike(pointer or BODY, f"{len(here)} items", f"{len(there)} items")
            return
        for index, (ours, theirs) in enumerate(zip(here, there, strict=True)):
            yield from _unlike_values(f"{pointer}/{index}", ours, theirs)
    elif isinstance(here, bool) is not isinstance(there, bool) or here != there:
        yield Unlike(pointer or BODY, encode(here).decode(), encode(there).decode())


def _told(values: dict[str, Json], key: str) -> str:
    return encode(values[key]).decode() if key in values else _ABSENT
