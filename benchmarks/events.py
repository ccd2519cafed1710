"""Cost against the number of events that were recorded, all of one name.

``python -m benchmarks.events`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from benchmarks.client import CUSTOMER, THIS_MONTH, Client, population
from benchmarks.measuring import Question, seconds, warm_up
from benchmarks.tables import Table, against, printed, time
from metersim.server import set_up

# Records so many events in a new session.
Recorded: TypeAlias = Callable[[int], Client]

CUSTOMERS = 10
NEIGHBOUR = "customer-0002"
EVENTS = (10, 100, 1_000, 10_000)

QUESTIONS: Mapping[str, Question] = {
    "Metronome, one window": lambda client: client.metronome("none", THIS_MONTH, meter="api_calls"),
    "Metronome, a page by hour": lambda client: client.metronome(
        "hour", THIS_MONTH, meter="api_calls"
    ),
    "Monk": lambda client: client.monk(THIS_MONTH),
    "SaaS": lambda client: client.saas(),
    "MK.IO, by day": lambda client: client.mkio("day", THIS_MONTH, project=CUSTOMER),
    "Mudbase, one more": lambda client: client.record(),
}


def tables() -> Iterator[Table]:
    warm_up()
    for name, recorded, whose in (
        ("own-events", _own, "by events of the customer asked for"),
        ("other-events", _others, "by events of as many others"),
    ):
        rows = {label: _asked(question, recorded) for label, question in QUESTIONS.items()}
        yield name, against(whose, EVENTS, {**rows, "resetting the session": _reset(recorded)})


def _own(events: int) -> Client:
    client = Client(set_up(population(CUSTOMERS)))
    for _ in range(events):
        client.record()
    return client


def _others(events: int) -> Client:
    client = Client(set_up(population(CUSTOMERS)))
    for number in range(events):
        client.record(email=f"someone-{number}@elsewhere.example", project=NEIGHBOUR)
    return client


def _asked(question: Question, recorded: Recorded) -> Callable[[int], str]:
    def cell(events: int) -> str:
        client = recorded(events)
        question(client)
        return time(seconds(lambda: client, question))

    return cell


def _reset(recorded: Recorded) -> Callable[[int], str]:
    return lambda events: time(seconds(lambda: recorded(events), Client.reset))


if __name__ == "__main__":
    printed(tables())
