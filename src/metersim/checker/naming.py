"""What one implementation calls so, and another otherwise: ids, and cursors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, unquote_plus

from metersim.checker.differing import Unlike
from metersim.contract.exchange import Asked
from metersim.contract.operation import Operation
from metersim.exact_json import decode, encode

# What holds numbers and switches holds no names.
_NO_TEXT = {"integer", "number", "boolean"}
_COMMA = re.compile("(,|%2C)", re.IGNORECASE)
# A text in JSON, and whether it is a key.
_TEXT = re.compile(r'("(?:[^"\\]|\\.)*+")(\s*:)?')


@dataclass
class Naming:
    """Names here, and what they are there; they stand where values do, each a whole one."""

    there: dict[str, str] = field(default_factory=dict)

    def name(self, here: str, there: str) -> None:
        """Take in one more; ids are read as they are meant, and may be asked in lower case."""
        self.there.setdefault(here.lower(), there.lower())
        self.there[here] = there

    def asked(self, asked: Asked, operation: Operation | None = None) -> Asked:
        """The call as it is made there; what the operation's path and numbers say is fixed."""
        path, mark, query = asked.target.partition("?")
        target = self._path(path, operation) + mark + self._query(query, operation)
        content, headers = self._content(asked.content), self._headers(asked.headers, operation)
        return replace(asked, target=target, content=content, headers=headers)

    def alike(self, unlike: Unlike) -> bool:
        """Whether two values differ by names alone; in a message they stand among other words."""
        if not unlike.in_json:
            return self._in_words(unlike.here) == unlike.there
        ways = (self._whole, self._in_words)
        return any(_in_json(unlike.here, way, keys=True) == unlike.there for way in ways)

    def _whole(self, text: str) -> str:
        return self.there.get(text, text)

    def _in_words(self, text: str) -> str:
        # All at once: the one's name for this may be the other's name for that.
        if not self.there:
            return text
        longest_first = sorted(self.there, key=len, reverse=True)
        pattern = rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])"
        return re.sub(pattern, lambda found: self.there[found[0]], text)

    def _path(self, path: str, operation: Operation | None) -> str:
        steps, known = path.split("/"), operation.path.split("/") if operation else []
        if len(steps) != len(known):
            return path
        pairs = zip(steps, known, strict=True)
        return "/".join(self._quoted(step, unquote) if "{" in at else step for step, at in pairs)

    def _query(self, query: str, operation: Operation | None) -> str:
        kinds = {each.name: each.kind for each in operation.parameters} if operation else {}
        pairs = []
        for pair in query.split("&"):
            name, mark, text = pair.partition("=")
            named = kinds.get(unquote_plus(name)) not in _NO_TEXT
            pairs.append(f"{name}{mark}{self._listed(text) if named else text}")
        return "&".join(pairs)

    def _listed(self, text: str) -> str:
        """A value of the query, or the items of a list."""
        if unquote_plus(text) in self.there:
            return self._quoted(text, unquote_plus)
        return "".join(self._quoted(item, unquote_plus) for item in _COMMA.split(text))

    def _quoted(self, spelt: str, read: Callable[[str], str]) -> str:
        here = read(spelt)
        return quote(self.there[here], safe="") if here in self.there else spelt

    def _content(self, content: bytes) -> bytes:
        try:
            return _in_json(content.decode(), self._whole).encode()
        except UnicodeDecodeError:
            # No text has names in it.
            return content

    def _headers(
        self, headers: Mapping[str, str], operation: Operation | None
    ) -> Mapping[str, str]:
        # No parameter is a header: who asks stands there, by a token that a value may be.
        needs = operation.security if operation else ()
        letting_in = {"authorization", *(need.header.lower() for need in needs)}
        found = {**headers}
        for name in letting_in & headers.keys():
            scheme, blank, secret = headers[name].rpartition(" ")
            found[name] = f"{scheme}{blank}{self._whole(secret)}"
        return found


def _in_json(text: str, renamed: Callable[[str], str], *, keys: bool = False) -> str:
    """JSON with its texts renamed, and all else as it was spelt."""

    def again(found: re.Match[str]) -> str:
        whole, spelt, colon = found[0], found[1], found[2]
        if colon and not keys:
            return whole
        try:
            here = decode(spelt)
        except ValueError:
            # It is sent wrong on purpose.
            return whole
        there = renamed(here)
        return whole if there == here else encode(there).decode() + (colon or "")

    return _TEXT.sub(again, text)
