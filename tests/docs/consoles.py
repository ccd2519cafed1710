"""What a page shows in its consoles, and the files that it has its reader make."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r'^```(\w+)(?: title="(.+?)")?\n(.*?)^```', re.DOTALL | re.MULTILINE)
# Where a page says that the simulator answers.
SHOWN = "http://127.0.0.1:8640"


@dataclass(frozen=True, slots=True)
class Command:
    """A line that is typed, and what is printed; in that, ``…`` stands for anything."""

    typed: str
    printed: str

    def __str__(self) -> str:
        return self.typed

    def agrees(self, output: str) -> bool:
        parts = (re.escape(part) for part in self.printed.split("…"))
        return re.fullmatch(".*".join(parts), output.strip(), re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class File:
    """A block with a name."""

    name: str
    text: str


def shown(page: str) -> Iterator[Command | File]:
    """Files and commands, in the order of the page."""
    for language, name, text in _BLOCK.findall(page):
        if name:
            yield File(name, text)
        elif language == "console":
            yield from _commands(text)


def _commands(text: str) -> Iterator[Command]:
    for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        typed = re.match(r"(?:.*\\\n)*.*\n", entry)
        assert typed is not None
        line = re.sub(r"\s+# .*$", "", typed[0].replace("\\\n", ""), flags=re.MULTILINE)
        yield Command(line.strip(), entry[typed.end() :].strip())


def typed(
    command: Command, folder: Path, url: str, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command as the page has it, against a simulator at the URL; output as shown."""
    script = command.typed.replace(SHOWN, url)
    script = re.sub(r"^curl ", "curl --silent --show-error --fail-with-body ", script)
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    done.stdout = done.stdout.replace(url, SHOWN)
    return done
