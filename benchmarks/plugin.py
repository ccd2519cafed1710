"""What the pytest plugin costs a run that does not use it, and one that does.

``python -m benchmarks.plugin`` prints it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

from benchmarks.tables import Table, printed, time

_RUNS = 11
_TESTS = 100
_PLUGIN = ("-p", "metersim.pytest_plugin")
# No plugin that happens to be installed, ours neither, unless it is named.
_ALONE = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

_UNUSED = "def test_{}():\n    pass\n"
_USED = "def test_{}(metersim):\n    metersim.metronome.url\n"


def tables() -> Iterator[Table]:
    """Processor time, and what one run takes more than another."""
    kinds = {
        "without": (_UNUSED, 1, ()),
        "with": (_UNUSED, 1, _PLUGIN),
        "used": (_USED, 1, _PLUGIN),
        "many unused": (_UNUSED, _TESTS, _PLUGIN),
        "many used": (_USED, _TESTS, _PLUGIN),
    }
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    # In turn, so that what slows the machine for a while slows all of them.
    for _ in range(_RUNS):
        for kind, (code, tests, options) in kinds.items():
            taken[kind].append(_seconds(code, tests, options))
    # The least of them: other work on the machine only ever adds.
    least = {kind: min(each) for kind, each in taken.items()}
    first = least["used"] - least["with"]
    all_of_them = least["many used"] - least["many unused"]
    rows = {
        "a run of one test, without the plugin": least["without"],
        "the same with the plugin, which it does not use": least["with"],
        "what the first test adds that uses the fixture": first,
        "what each further one adds": (all_of_them - first) / (_TESTS - 1),
    }
    lines = [f"| {what} | {time(seconds)} |" for what, seconds in rows.items()]
    yield "plugin", "\n".join(["| pytest | processor time |", "|---|--:|", *lines])


def _seconds(code: str, tests: int, options: tuple[str, ...]) -> float:
    """The processor time of a run in a process of its own."""
    with TemporaryDirectory() as folder:
        text = "\n\n".join(code.format(number) for number in range(tests))
        (Path(folder) / "test_it.py").write_text(text, encoding="utf-8")
        before = getrusage(RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        subprocess.run(command, cwd=folder, env=_ALONE, stdout=subprocess.PIPE, check=True)
        after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    printed(tables())
