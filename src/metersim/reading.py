"""Reads YAML as data and nothing else, and remembers where each value stood.

YAML's conveniences hurt in files about money: here ``0.10`` is an exact decimal, ``2024-01-31`` and
``on`` stay words, a key is text, a key given twice is an error; tags, files over the size limit and
aliases that multiply are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from metersim.billing.quantity import exact
from metersim.errors import MetersimError

# Any JSON value; decimals stand for its fractions.
Json = Any
# The keys and indexes that lead to a value.
Steps: TypeAlias = tuple[str | int, ...]
# A file's name and a line in it.
Place: TypeAlias = tuple[str, int]

_MAX_BYTES = 4_000_000
_MAX_VALUES = 400_000
_MAX_DEPTH = 60
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z")
_DECIMAL = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_TABBED = re.compile(r" *\t")
_CORE = "tag:yaml.org,2002:"


class ReadingError(MetersimError):
    """A file that is no YAML we take; says the file, the line and what is wrong."""


@dataclass(slots=True)
class Source:
    """A YAML file as data, with the place of each value by its path.

    The places of a file that includes others are in several files.
    """

    name: str
    data: Json = None
    places: dict[Steps, Place] = field(default_factory=dict)

    def place(self, path: Sequence[str | int]) -> Place:
        """The place of the value at the path, or of its key; else of what is around it."""
        steps = tuple(path)
        while steps and steps not in self.places:
            steps = steps[:-1]
        return self.places.get(steps, (self.name, 1))

    def where(self, path: Sequence[str | int]) -> str:
        """``file:line`` of the value at the path."""
        name, line = self.place(path)
        return f"{name}:{line}"


def read_file(path: Path) -> Source:
    """Read one YAML file."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ReadingError(f"{path}: larger than {_MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ReadingError(f"{path}: not UTF-8: {error}") from None
    except OSError as error:
        raise ReadingError(f"{path}: cannot be read: {error.strerror}") from None
    return read_text(text, str(path))


def read_text(text: str, name: str) -> Source:
    """Read YAML text; ``name`` stands for the file in messages."""
    try:
        _check_depth(text, name)
        # Composing builds nodes and no object, so no tag can run anything; the base loader reads no
        # meaning into words, so every tag but its three was written in the file.
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        tabbed = any(map(_TABBED.match, text.splitlines()[line - 1 : line]))
        problem = "indented with a tab, expected spaces" if tabbed else error.problem
        raise ReadingError(f"{name}:{line}: not YAML: {problem or error.context}") from None
    except yaml.YAMLError as error:
        raise ReadingError(f"{name}:1: not YAML: {str(error).splitlines()[0]}") from None
    source = Source(name)
    if node is not None:
        source.data = _Construction(source).value(node, ())
    return source


def _check_depth(text: str, name: str) -> None:
    # Composing recurses in C without a limit: enough brackets would take the process down.
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ReadingError(f"{name}:{line}: nested deeper than {_MAX_DEPTH} levels")


class _Construction:
    """Turns nodes into data, counting what it makes: an alias counts each time it is used."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = _MAX_VALUES

    def value(self, node: yaml.Node, path: Steps) -> Json:
        self._left -= 1
        if self._left < 0 or len(path) > _MAX_DEPTH:
            raise self._error(
                node, f"too many or too deep values (aliases that multiply?) at {path[0]}"
            )
        self._source.places.setdefault(path, self._place(node))
        if isinstance(node, yaml.MappingNode) and node.tag == _CORE + "map":
            return {key: self.value(child, (*path, key)) for key, child in self._items(node, path)}
        if isinstance(node, yaml.SequenceNode) and node.tag == _CORE + "seq":
            return [self.value(child, (*path, i)) for i, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag == _CORE + "str":
            return node.value if node.style else self._plain(node, path)
        raise self._error(node, f"tags are not allowed: {node.tag}")

    def _items(self, node: yaml.MappingNode, path: Steps) -> Iterator[tuple[str, yaml.Node]]:
        seen: set[str] = set()
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != _CORE + "str":
                raise self._error(key, "a key must be plain text")
            if key.value in seen:
                raise self._error(key, f"key given twice: {key.value!r}")
            seen.add(key.value)
            self._source.places[*path, key.value] = self._place(key)
            yield key.value, child

    def _plain(self, node: yaml.ScalarNode, path: Steps) -> Json:
        text: str = node.value
        if text in _WORDS:
            return _WORDS[text]
        try:
            if _INTEGER.match(text):
                return int(text.replace("_", ""))
            if _DECIMAL.match(text) and not re.match(r"[-+]?0[0-9]", text):
                return exact(text.replace("_", ""))
        except ValueError as error:
            raise self._error(node, f"{'.'.join(map(str, path)) or 'the file'}: {error}") from None
        return text

    def _place(self, node: yaml.Node) -> Place:
        return self._source.name, node.start_mark.line + 1

    def _error(self, node: yaml.Node, message: str) -> ReadingError:
        name, line = self._place(node)
        return ReadingError(f"{name}:{line}: {message}")
