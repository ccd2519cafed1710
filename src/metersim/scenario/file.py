"""Scenario files: found by name or path, read as YAML, held to the schema of the format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from metersim.bundled import bundled
from metersim.errors import ScenarioError, nearest
from metersim.reading import ReadingError, Source, read_file
from metersim.scenario.checks import Fault, faults
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
    path = bundled("scenarios") / f"{name}.yaml"
    if str(name) not in scenario_names():
        path = Path(name)
        if path.is_dir():
            raise ScenarioError(f"{path}: expected a scenario's file, found a folder")
        if not path.is_file():
            raise ScenarioError(
                f"no scenario or file {str(name)!r}; {nearest(str(name), scenario_names())}"
            )
    try:
        source = read_file(path)
    except ReadingError as error:
        raise ScenarioError(str(error)) from None
    found = [(v.path, v.message) for v in _validator().violations(source.data)]
    found = found or list(faults(source.data, GIVEN_CREDENTIALS))
    if found:
        raise ScenarioError("\n".join(_told(source, found)))
    return Scenario(path.stem, source)


def _told(source: Source, found: list[Fault]) -> Iterator[str]:
    """A line per fault, in the order in which they stand in the file."""
    for path, message in sorted(found, key=lambda fault: source.line(fault[0]))[:_SHOWN]:
        where = ".".join(map(str, path)) or "the file"
        yield f"{source.where(path)}: {where}: {message}"
    if len(found) > _SHOWN:
        yield f"{source.name}: and {len(found) - _SHOWN} more"


@cache
def _validator() -> Validator:
    text = (bundled("scenarios") / "scenario.schema.json").read_text(encoding="utf-8")
    return Validator(json.loads(text))
