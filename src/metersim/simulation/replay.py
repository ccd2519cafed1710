"""The journal as a script that makes its calls again: of ``curl``, or for pytest.

Secrets are not in the journal. A script reads them from the environment, a variable for each
vendor, and never prints them.
"""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from metersim.simulation.exchange import Entry
from metersim.simulation.journal import REDACTION
from metersim.simulation.redaction import MARKER, Redaction

_URL = "METERSIM_URL"
# What the client makes up anew for each call; a cookie would need a secret of its own.
_NOT_REPLAYED = {
    *("accept-encoding", "connection", "content-length", "cookie", "expect", "host"),
    "transfer-encoding",
}
# Of other names, curl would take one for a file to read.
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
# Linux takes no argument above 128 KiB, of which escaping may need a part.
_LONGEST_ARGUMENT = 30_000


@dataclass(frozen=True, slots=True)
class _Text:
    """A text whose pieces are held together by the value of a variable."""

    pieces: list[str]
    variable: str = ""

    def in_shell(self, before: str = "") -> str:
        """As a word of the shell."""
        first, *rest = self.pieces
        return "".join(self._woven([before + first, *rest], shlex.quote, f'"${{{self.variable}}}"'))

    def in_python(self) -> str:
        """As an expression of Python."""
        return " + ".join(self._woven(self.pieces, repr, self.variable))

    def _woven(
        self, pieces: Iterable[str], quoted: Callable[[str], str], variable: str
    ) -> Iterator[str]:
        for at, piece in enumerate(pieces):
            if at:
                yield variable
            if piece or not self.variable:
                yield quoted(piece)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call to make again, and the status it should get; None where nobody can know."""

    number: int
    method: str
    url: _Text
    headers: Mapping[str, _Text]
    body: bytes
    binary: bool
    status: int | None

    @property
    def variables(self) -> set[str]:
        """The secrets that it needs."""
        return {text.variable for text in (self.url, *self.headers.values()) if text.variable}


def curl_script(
    entries: Iterable[Entry], redaction: Redaction = REDACTION, dropped: int = 0
) -> str:
    """A shell script of one ``curl`` command for each call, in their order."""
    calls, left_out = _calls(entries, redaction, dropped)
    lines = [
        "#!/bin/sh",
        f"# Makes {len(calls)} calls of a metersim journal again. Secrets: from the environment.",
        *(f"# Left out: {each}" for each in left_out),
        "set -eu",
        f': "${{{_URL}:?where the simulator is, such as http://127.0.0.1:8640}}"',
        *(f': "${{{name}:?a secret of that vendor}}"' for name in _variables(calls)),
    ]
    for call in calls:
        expected = "with any status" if call.status is None else f"with status {call.status}"
        lines += ["", f"# Call {call.number}, answered {expected}", _curl(call)]
    return "\n".join(lines) + "\n"


def pytest_script(
    entries: Iterable[Entry], redaction: Redaction = REDACTION, dropped: int = 0
) -> str:
    """A test module that makes the calls by ``httpx``: each gets the status that it got then."""
    calls, left_out = _calls(entries, redaction, dropped)
    lines = [
        f'"""Makes {len(calls)} calls of a metersim journal again.',
        "",
        "Each gets the status that it got then. Secrets are read from the environment.",
        '"""',
        "",
        "import os",
        "",
        "import httpx",
        "",
        *(f"# Left out: {each}" for each in left_out),
        f'{_URL} = os.environ["{_URL}"].rstrip("/")',
        *(f'{name} = os.environ["{name}"]' for name in _variables(calls)),
        "",
        "",
        "def test_each_call_gets_the_status_that_it_got_then() -> None:",
        "    with httpx.Client() as client:",
        *(line for call in calls for line in _httpx(call)),
        *(["        assert client"] if not calls else []),
    ]
    return "\n".join(lines) + "\n"


def _calls(
    entries: Iterable[Entry], redaction: Redaction, dropped: int
) -> tuple[list[_Call], list[str]]:
    """The calls that can be made again, and which cannot, and why."""
    calls, left_out = [], []
    if dropped:
        left_out.append(f"{dropped} calls, dropped to stay within the journal's bounds")
    for entry in entries:
        if entry.request.body.cut:
            left_out.append(f"call {entry.number}, of whose body not all was kept")
        else:
            calls.append(_call(entry, redaction))
    return calls, left_out


def _call(entry: Entry, redaction: Redaction) -> _Call:
    request = entry.request
    prefix = re.sub(r"\W", "_", entry.vendor or "metersim", flags=re.ASCII).upper()
    headers = {
        name: _header(value, prefix) if name in redaction.headers else _Text([value])
        for name, value in request.headers.items()
        if name not in _NOT_REPLAYED and _NAME.fullmatch(name)
    }
    # What a fault did to it depends on more than the call.
    known = entry.response if entry.fault is None else None
    return _Call(
        number=entry.number,
        method=request.method,
        url=_secret(request.url, f"{prefix}_TOKEN"),
        headers=headers,
        body=request.body.content,
        binary=request.body.binary,
        status=known.status if known else None,
    )


def _header(value: str, prefix: str) -> _Text:
    # Basic credentials are another secret than a token: `user:password` in base64.
    basic = value.lower().startswith("basic ")
    return _secret(value, f"{prefix}_BASIC" if basic else f"{prefix}_TOKEN")


def _secret(text: str, variable: str) -> _Text:
    pieces = text.split(MARKER)
    return _Text(pieces, variable if len(pieces) > 1 else "")


def _variables(calls: Iterable[_Call]) -> list[str]:
    return sorted({name for call in calls for name in call.variables})


def _curl(call: _Call) -> str:
    words = [
        # Brackets and `..` in the URL mean themselves.
        "curl --silent --show-error --include --globoff --path-as-is",
        "--head" if call.method == "HEAD" else f"--request {shlex.quote(call.method)}",
        f'--url "${{{_URL}%/}}"{call.url.in_shell()}',
    ]
    words += [f"--header {_curl_header(name, text)}" for name, text in call.headers.items()]
    if not call.body:
        return _continued(words)
    if "content-type" not in call.headers:
        words.append("--header 'content-type:'")  # or curl would call it a form
    if not call.binary and len(call.body) <= _LONGEST_ARGUMENT:
        return _continued([*words, f"--data-raw {shlex.quote(call.body.decode())}"])
    piped = f"printf %s {b64encode(call.body).decode()} | base64 --decode |"
    return _continued([piped, *words, "--data-binary @-"])


def _curl_header(name: str, text: _Text) -> str:
    # With a colon and nothing behind it, curl would leave the header out.
    return shlex.quote(f"{name};") if text.pieces == [""] else text.in_shell(f"{name}: ")


def _continued(words: Iterable[str]) -> str:
    return " \\\n  ".join(words)


def _httpx(call: _Call) -> list[str]:
    headers = "".join(f"({name!r}, {text.in_python()}), " for name, text in call.headers.items())
    lines = [
        "        reply = client.request(",
        f"            {call.method!r},",
        f"            {_URL} + {call.url.in_python()},",
        f"            headers=[{headers.removesuffix(', ')}],",
        *([f"            content={call.body!r},"] if call.body else []),
        f"        )  # call {call.number}",
    ]
    if call.status is not None:
        lines.append(f"        assert reply.status_code == {call.status}")
    return lines
