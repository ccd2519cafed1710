"""Cost against the number of customers, each with 20 meters and two years of hourly usage.

``python -m benchmarks.size`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

from benchmarks.client import CUSTOMER, MONTH, TWO_YEARS, Client, population
from benchmarks.measuring import Question, again, first, kept, seconds, warm_up
from benchmarks.tables import Table, against, memory, printed, time
from metersim.scenario import load_scenario
from metersim.server import set_up

CUSTOMERS = (10, 100, 1_000, 10_000)
RECORDED = 1_000

QUESTIONS: Mapping[str, Question] = {
    "Metronome, first page by hour": lambda client: client.metronome("hour", TWO_YEARS),
    "Metronome, last page by hour": lambda client: client.last_page("hour"),
    "Metronome, first page of one window": lambda client: client.metronome("none", TWO_YEARS),
    "Metronome, last page of one window": lambda client: client.last_page("none"),
    "Monk, two years of a customer": lambda client: client.monk(TWO_YEARS),
    "SaaS, a month of a customer": lambda client: client.saas(),
    "Mudbase, recording an event": lambda client: client.record(),
    "MK.IO, metrics of a project": lambda client: client.scrape(),
    "MK.IO, a project's month by day": lambda client: client.mkio("day", MONTH, project=CUSTOMER),
    "MK.IO, every project's month": lambda client: client.mkio("month", MONTH),
}


def tables() -> Iterator[Table]:
    warm_up()
    # Before all else: what a process keeps of a size is not made a second time.
    memories = {"the scenario, with one session": _loaded, "one customer asked for": _customer}
    yield "memory", against("memory, by customers", CUSTOMERS, memories)
    worlds = {
        "loading the scenario": _loading,
        "opening a session": _opening,
        f"resetting one with {RECORDED:,} recorded events": _resetting,
    }
    yield "worlds", against("time, by customers", CUSTOMERS, worlds)
    for name, measure in (("first", first), ("again", again)):
        rows = {label: _asked(question, measure) for label, question in QUESTIONS.items()}
        yield name, against(f"{name}, by customers", CUSTOMERS, rows)


def _asked(question: Question, measure: Callable[[Path, Question], float]) -> Callable[[int], str]:
    return lambda customers: time(measure(population(customers), question))


def _session(customers: int) -> Client:
    client = Client(set_up(population(customers)))
    client.control("GET", "health")
    return client


def _loaded(customers: int) -> str:
    return memory(kept(lambda: _session(customers)))


def _customer(customers: int) -> str:
    client = _session(customers)
    return memory(kept(lambda: client.monk(TWO_YEARS)))


def _loading(customers: int) -> str:
    return time(seconds(lambda: population(customers), lambda path: load_scenario(path).open()))


def _opening(customers: int) -> str:
    setup = set_up(population(customers))
    names = (f"session-{number}" for number in count())
    return time(
        seconds(lambda: Client(setup, next(names)), lambda new: new.control("GET", "health"))
    )


def _resetting(customers: int) -> str:
    client = Client(set_up(population(customers)))

    def recorded() -> Client:
        for _ in range(RECORDED):
            client.record()
        return client

    return time(seconds(recorded, Client.reset))


if __name__ == "__main__":
    printed(tables())
