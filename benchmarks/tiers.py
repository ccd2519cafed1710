"""Cost against the number of projects on one payment method, where a price has tiers.

Tiers count all that the method carried: what one project costs depends on every other's usage.
``python -m benchmarks.tiers`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from benchmarks.client import CUSTOMER, MONTH, population
from benchmarks.measuring import Question, again, warm_up
from benchmarks.tables import Table, against, printed, time

# A hundred show it: of a graduated price, ten times as many cost a hundred times as much.
PROJECTS = (10, 30, 100)

QUESTIONS: Mapping[str, Question] = {
    "Monk, a customer's month": lambda client: client.monk(MONTH),
    "MK.IO, a project's month": lambda client: client.mkio("month", MONTH, project=CUSTOMER),
    "MK.IO, a project's month by day": lambda client: client.mkio("day", MONTH, project=CUSTOMER),
    "MK.IO, every project's month": lambda client: client.mkio("month", MONTH),
}


def tables() -> Iterator[Table]:
    warm_up()
    for name, graduated in (("flat", False), ("graduated", True)):
        rows = {label: _asked(question, graduated) for label, question in QUESTIONS.items()}
        yield name, against(f"a {name} price, by projects", PROJECTS, rows)


def _asked(question: Question, graduated: bool) -> Callable[[int], str]:
    return lambda projects: time(again(population(projects, graduated=graduated), question))


if __name__ == "__main__":
    printed(tables())
