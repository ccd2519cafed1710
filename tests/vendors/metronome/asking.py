"""How these tests ask Metronome: a query that is valid as it is, one page, or all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tests.wire import Answer, Simulated, simulate

NORTHWIND = "550e8400-e29b-41d4-a716-446655440000"
LARKSPUR = "d7abd0cd-4ae9-4db7-8676-e986a4ebd8dc"


def query(start: date | str, end: date | str, window_size: str = "day", **more: object) -> Any:
    """A usage query; a date means its midnight."""
    bounds = {
        name: f"{bound.isoformat()}T00:00:00Z" if isinstance(bound, date) else bound
        for name, bound in (("starting_on", start), ("ending_before", end))
    }
    return {"window_size": window_size, **bounds, **more}


# Two days of everything.
TWO_DAYS = query(date(2026, 3, 1), date(2026, 3, 3))


def ask(sim: Simulated, body: object, cursor: str | None = None) -> Answer:
    """One page."""
    page = None if cursor is None else {"next_page": cursor}
    return sim.caller("metronome").post("/v1/usage", body, query=page)


def pages(sim: Simulated, body: object) -> Iterator[Any]:
    """Each page in turn, to the last; a walk in circles fails."""
    page = ask(sim, body).data
    seen = set()
    yield page
    while (cursor := page["next_page"]) is not None:
        assert cursor not in seen
        seen.add(cursor)
        page = ask(sim, body, cursor).data
        yield page


def rows(sim: Simulated, body: object) -> list[Any]:
    """The rows of all pages."""
    return [row for page in pages(sim, body) for row in page["data"]]


def assert_refused(answer: Answer, *words: str, status: int = 400) -> None:
    """The vendor's error shape, with these words in its text."""
    assert answer.status == status
    assert list(answer.data) == ["message"]
    assert all(word in answer.data["message"] for word in words), answer.data


def meter(sim: Simulated, key: str) -> str:
    """The id of a metric by its key in the scenario."""
    return str(next(each["id"] for each in sim.state["meters"] if each["key"] == key))


def customer(sim: Simulated, key: str) -> str:
    """The id of a customer by its key in the scenario."""
    return str(next(each["id"] for each in sim.state["customers"] if each["key"] == key))


def simulate_yaml(tmp_path: Path, text: str) -> Simulated:
    """A world of its own, from the text of a scenario."""
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return simulate(path)


def event(transaction: str, quantity: object = 1, **more: object) -> Any:
    """Northwind makes so many calls at half past nine, which is now."""
    return {
        "transaction_id": transaction,
        "customer_id": NORTHWIND,
        "event_type": "api_calls",
        "timestamp": "2026-03-18T09:30:00Z",
        "properties": {"quantity": quantity},
        **more,
    }


def ingest(sim: Simulated, *events: Any) -> Answer:
    """All in one call."""
    return sim.caller("metronome").post("/v1/ingest", list(events))
