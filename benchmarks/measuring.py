"""How time and memory are taken."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeAlias, TypeVar

from benchmarks.client import TWO_YEARS, Client, population
from metersim.server import set_up

Question: TypeAlias = Callable[[Client], None]

_Given = TypeVar("_Given")

_FEWEST, _MOST = 3, 101
_ENOUGH, _TOO_LONG = 1, 10  # seconds


def seconds(prepare: Callable[[], _Given], act: Callable[[_Given], object]) -> float:
    """The median time of an act. What prepares each run of it is not counted.

    As many runs as a second holds and three at least, but none is begun after ten seconds.
    """
    taken: list[float] = []
    began = perf_counter()
    gc.collect()  # what was measured before
    while _goes_on(len(taken), perf_counter() - began):
        given = prepare()
        start = perf_counter()
        act(given)
        taken.append(perf_counter() - start)
    return median(taken)


def _goes_on(runs: int, passed: float) -> bool:
    if runs < _FEWEST:
        return not runs or passed < _TOO_LONG
    return runs < _MOST and passed < _ENOUGH


def first(scenario: str | Path, question: Question) -> float:
    """What the first to ask waits: nobody has asked anything since the scenario was loaded."""
    return seconds(lambda: Client(set_up(scenario)), question)


def again(scenario: str | Path, question: Question) -> float:
    """What everyone waits who asks the same later, in whatever session."""
    client = Client(set_up(scenario))
    question(client)
    return seconds(lambda: client, question)


def kept(act: Callable[[], object]) -> int:
    """How many bytes an act leaves in use, as long as its result is."""
    gc.collect()
    tracemalloc.start()
    result = act()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return size


def warm_up() -> None:
    """Ask every vendor once: what a process does once is not the cost of a scenario."""
    client = Client(set_up(population(1)))
    client.record()
    client.scrape()
    client.saas()
    client.monk(TWO_YEARS)
    client.mkio("month", TWO_YEARS)
    client.metronome("none", TWO_YEARS)
