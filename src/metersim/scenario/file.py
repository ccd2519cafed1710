"""Scenario files: found by name or path, read with what they include, held to the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, reduce
from os.path import isdir, isfile  # a Path's own raise where a name is too long to be one
from pathlib import Path

from metersim.bundled import bundled
from metersim.errors import ScenarioError, nearest
from metersim.reading import Place, ReadingError, Source, Steps, read_file
from metersim.scenario.checks import faults
from metersim.scenario.faults import Fault
from metersim.scenario.inclusion import laid_over
from metersim.scenario.opening import GIVEN_CREDENTIALS, read_opening
from metersim.validation import Validator
from metersim.world.opening import Opening

# Of all that is wrong with a file, this much is shown.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that was read and found sound."""

    name: str
    source: Source

    @property
    def about(self) -> str:
        """What it is for, in a line."""
        return str(self.source.data.get("about", ""))

    def open(self, seed: int | None = None, now: datetime | None = None) -> Opening:
        """The opening for a seed, at an instant; the scenario's own where they are not given."""
        opening = read_opening(self.source.data, self.name, seed)
        return opening if now is None else replace(opening, now=now)


def scenario_names() -> list[str]:
    """Names of the bundled scenarios."""
    return sorted(path.stem for path in bundled("scenarios").glob("*.yaml"))


def load_scenario(name: str | Path) -> Scenario:
    """A bundled scenario by name, or any by its file's path; ScenarioError says what is wrong."""
    path = _found(str(name), Path())
    try:
        source = _with_included(read_file(path), path.parent)
    except ReadingError as error:
        raise ScenarioError(str(error)) from None
    if found := all_faults(source):
        raise ScenarioError("\n".join(_told(source, found)))
    return Scenario(path.stem, source)


def all_faults(source: Source) -> list[Fault]:
    """What the schema says against it, or where it says nothing, what makes no sense."""
    found = [(v.path, v.message) for v in _validator().violations(source.data)]
    return found or list(faults(source.data, GIVEN_CREDENTIALS))


def _found(name: str, folder: Path) -> Path:
    """The file of a bundled scenario, or one whose path is relative to the folder."""
    if name in scenario_names():
        return bundled("scenarios") / f"{name}.yaml"
    path = folder / name
    if isdir(path):
        raise ScenarioError(f"{path}: expected a scenario's file, found a folder")
    if not isfile(path):
        raise ScenarioError(f"no scenario or file {name!r}; {nearest(name, scenario_names())}")
    return path


def _with_included(source: Source, folder: Path) -> Source:
    """The source on top of what it includes, which may include in turn.

    ``folder`` is where the paths that it names begin.
    """
    chain = [source]
    while isinstance(chain[-1].data, dict) and "include" in chain[-1].data:
        path = _included(chain, folder)
        chain.append(read_file(path))
        folder = path.parent
    return reduce(laid_over, reversed(chain))


def _included(chain: list[Source], folder: Path) -> Path:
    """The file that the last of the chain includes."""
    name = chain[-1].data["include"]
    where = f"{chain[-1].where(('include',))}: include"
    if not isinstance(name, str):
        raise ScenarioError(f"{where}: expected the name or the file of one scenario")
    try:
        path = _found(name, folder)
    except ScenarioError as error:
        raise ScenarioError(f"{where}: {error}") from None
    if path.resolve() in {Path(each.name).resolve() for each in chain}:
        circle = " → ".join([*(each.name for each in chain), str(path)])
        raise ScenarioError(f"{where}: goes in a circle: {circle}")
    return path


def _told(source: Source, found: list[Fault]) -> Iterator[str]:
    """A line per fault, in the order in which they stand in the file; then those it includes."""

    def order(fault: Fault) -> tuple[bool, Place]:
        place = source.place(fault[0])
        return place[0] != source.name, place

    for path, message in sorted(found, key=order)[:_SHOWN]:
        where = ".".join(map(str, _in_its_own_file(source, path))) or "the file"
        yield f"{source.where(path)}: {where}: {message}"
    if len(found) > _SHOWN:
        yield f"{source.name}: and {len(found) - _SHOWN} more"


def _in_its_own_file(source: Source, path: Steps) -> Steps:
    """The path of an item, counted from the first one of the file that it stands in."""
    match path:
        case (str(section), int(index), *rest):
            file, _ = source.place(path)
            before = [source.place((section, each))[0] for each in range(index)]
            return (section, before.count(file), *rest)
        case _:
            return path


@cache
def _validator() -> Validator:
    text = (bundled("scenarios") / "scenario.schema.json").read_text(encoding="utf-8")
    return Validator(json.loads(text))
