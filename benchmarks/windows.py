"""Cost against the length of the window: one customer's meter, as one window of Metronome's.

``python -m benchmarks.windows`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.client import Client, Dates, population
from benchmarks.measuring import Question, again, first, warm_up
from benchmarks.tables import Table, against, printed, time

CUSTOMERS = 10

# All of them end on one day.
SPANS: Mapping[str, Dates] = {
    "a day": ("2026-02-28", "2026-03-01"),
    "a month": ("2026-02-01", "2026-03-01"),
    "a year": ("2025-03-01", "2026-03-01"),
    "two years": ("2024-03-01", "2026-03-01"),
}
METERS = {
    "a sum": "memory_gb_hours",
    "a sum with noise and growth": "input_tokens",
    "a sum with noise and bursts": "webhooks",
    "a sum with noise and gaps": "live_minutes",
    "the latest of a level": "storage",
    "the maximum, with noise": "peak_connections",
}


def tables() -> Iterator[Table]:
    warm_up()
    for name, measure in (("first", first), ("again", again)):
        rows = {label: _asked(meter, measure) for label, meter in METERS.items()}
        yield f"windows-{name}", against(f"{name}, by window", SPANS, rows)


def _asked(meter: str, measure: Callable[[Path, Question], float]) -> Callable[[str], str]:
    def cell(span: str) -> str:
        def question(client: Client) -> None:
            client.metronome("none", SPANS[span], meter=meter)

        return time(measure(population(CUSTOMERS), question))

    return cell


if __name__ == "__main__":
    printed(tables())
