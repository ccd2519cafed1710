"""The package as built: both archives, and environments into which the wheel is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
# Set by `make package`: let pip find the dependencies, in place of linking those that are here.
RESOLVE = "METERSIM_TEST_RESOLVES"


@dataclass(frozen=True, slots=True)
class Built:
    """The source archive, and the wheel that was built of nothing but that."""

    sdist: Path
    wheel: Path

    @property
    def sdist_files(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    @property
    def wheel_files(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment that knows nothing of the one that the tests run in."""

    folder: Path

    def command(self, name: str, *arguments: str) -> list[str]:
        return [str(self.folder / "bin" / name), *arguments]

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(*self.command(name, *arguments), folder=self.folder)


def build(folder: Path) -> Built:
    """As `python -m build` does it: the wheel is made of what the source archive holds."""
    _python("hatchling", "build", "-t", "sdist", "-d", str(folder), folder=ROOT)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = folder / sdist.name.removesuffix(".tar.gz")
    _python("hatchling", "build", "-t", "wheel", "-d", str(folder), folder=source)
    (wheel,) = folder.glob("*.whl")
    return Built(sdist, wheel)


def install(wheel: Path, folder: Path, *extras: str) -> Environment:
    """An environment with the wheel, what it asks for with these extras, and no more."""
    _python("venv", "--without-pip", str(folder))
    pip = ("pip", "--python", str(folder / "bin" / "python"), "install", "--quiet")
    if os.environ.get(RESOLVE):
        _python(*pip, f"metersim[{','.join(extras)}] @ {wheel.as_uri()}")
        return Environment(folder)
    _python(*pip, "--no-compile", "--no-deps", "--no-index", str(wheel))
    (site,) = folder.glob("lib/python*/site-packages")
    (info,) = site.glob("metersim-*.dist-info")
    for needed in _needed(Distribution.at(info), extras, set()):
        _link(needed, site)
    return Environment(folder)


def run(*command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Its outcome, where nothing of this run's environment leads back to the source."""
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )


def environment() -> dict[str, str]:
    """The variables of this run, without those by which it is measured, or finds modules."""
    return {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE", "PYTEST"))
    }


def _python(*arguments: str, folder: Path | None = None) -> None:
    """Run a module of the environment that the tests run in, which has to succeed."""
    done = run(sys.executable, "-m", *arguments, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def _needed(
    of: Distribution, extras: tuple[str, ...], seen: set[tuple[str, str]]
) -> Iterator[Distribution]:
    """The installed distributions that one asks for, and those that they ask for in turn."""
    for each in map(Requirement, of.requires or ()):
        asked = [
            x for x in ("", *extras) if each.marker is None or each.marker.evaluate({"extra": x})
        ]
        if asked and (key := (each.name, str(sorted(each.extras)))) not in seen:
            seen.add(key)
            found = distribution(each.name)
            yield found
            yield from _needed(found, tuple(each.extras), seen)


def _link(needed: Distribution, site: Path) -> None:
    for top in {file.parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
        if not (site / top).exists():
            (site / top).symlink_to(Path(str(needed.locate_file(top))))
