"""What a run is told as: files for machines and a page for people, all from the same data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from metersim.checker.reports.har import har
from metersim.checker.reports.junit import junit
from metersim.checker.reports.page import page
from metersim.checker.reports.sarif import sarif
from metersim.errors import ControlError, nearest
from metersim.exact_json import encode
from metersim.reading import Json


def _written(data: Json) -> str:
    return msgspec.json.format(encode(data), indent=2).decode() + "\n"


def _summary(told: Json) -> Json:
    # The archive of all exchanges is a report of its own.
    return {key: part for key, part in told.items() if key not in ("exchanges", "dropped")}


KINDS: Mapping[str, Callable[[Json], str]] = {
    "har": lambda told: _written(har(told)),
    "html": page,
    "json": lambda told: _written(_summary(told)),
    "junit": junit,
    "sarif": lambda told: _written(sarif(told)),
}


def read_wishes(texts: Iterable[str]) -> list[tuple[str, Path]]:
    """Kinds and files of ``KIND=FILE``; ControlError where one of them cannot be written."""
    wishes = [_read_wish(text) for text in texts]
    places: dict[Path, str] = {}
    for kind, path in wishes:
        _must_be_writable(kind, path)
        if first := places.get(path.resolve()):
            raise ControlError(f"--report {kind}={path}: the {first} report goes there already")
        places[path.resolve()] = kind
    return wishes


def _must_be_writable(kind: str, path: Path) -> None:
    """Before a run of minutes, not after it."""
    known = path.exists()
    try:
        path.open("a").close()
    except OSError as error:
        raise ControlError(f"--report {kind}={path}: {_why(path, error)}") from None
    if not known:
        path.unlink()


def _why(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        return f"there is no folder {path.parent}"
    return error.strerror or str(error)


def _read_wish(text: str) -> tuple[str, Path]:
    kind, equals, file = text.partition("=")
    if kind not in KINDS:
        raise ControlError(f"--report: no report is called {kind!r}; {nearest(kind, KINDS)}")
    if not equals or not file:
        raise ControlError(f"--report: expected KIND=FILE, found {text!r}")
    return kind, Path(file)


def write(kind: str, path: Path, told: Json) -> None:
    """Write one report; ControlError where the file cannot be written."""
    try:
        path.write_text(KINDS[kind](told), encoding="utf-8")
    except OSError as error:
        raise ControlError(f"--report {kind}={path}: {error.strerror}") from None
