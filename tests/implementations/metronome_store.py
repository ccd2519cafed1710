"""What the implementation of Metronome keeps, in SQLite, and how it adds it up."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

NOW = datetime(2025, 6, 20, 12, 30, tzinfo=UTC)
ADA, BO, CLEO = (f"{n}a1b2c3d-1111-4222-8333-44445555666{n}" for n in (7, 3, 5))
# Name -> id, kind, event, property, group key, whether it is archived.
METRICS = {
    "Compute": ("c0000000-0000-4000-8000-0000000000c1", "SUM", "job", "hours", "region", 0),
    "Requests": ("a0000000-0000-4000-8000-0000000000a1", "COUNT", "hit", None, None, 0),
    "Peak": ("b0000000-0000-4000-8000-0000000000b1", "MAX", "peak", "streams", None, 0),
    "Level": ("e0000000-0000-4000-8000-0000000000e1", "LATEST", "peak", "streams", None, 0),
    "Users": ("d0000000-0000-4000-8000-0000000000d1", "UNIQUE", "login", "user", None, 0),
    "Fax": ("f0000000-0000-4000-8000-0000000000f1", "SUM", "fax", "sheets", None, 1),
}
NAMES = {row[0]: name for name, row in METRICS.items()}
KEPT = timedelta(days=34)

_TABLES = """
create table customers (id text primary key, name text, created text, archived text);
create table aliases (alias text primary key, customer text);
create table cursors (token text primary key, query text, place text, events integer);
create table events (transaction_id text, customer text, type text, at text, properties text,
                     accepted text, owner text);
create index found on events (type, customer, at);
"""


def told(instant: datetime) -> str:
    """How instants are kept: in UTC, to the microsecond, so that they sort as texts."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


class Store:
    """All that is kept. ``defect`` is the one that is switched on."""

    def __init__(self, defect: str | None) -> None:
        self.defect = defect
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        self.db.executescript(_TABLES)
        for customer, name in ((ADA, "Ada"), (BO, "Bo"), (CLEO, "Cleo")):
            self.db.execute(
                "insert into customers values (?,?,?,null)", (customer, name, told(NOW))
            )
        self.db.execute("update customers set archived=? where id=?", (told(NOW), CLEO))
        events = [event for customer in (ADA, BO, CLEO) for event in _opening(customer)]
        self.record(events)

    def record(self, events: Sequence[tuple[str, str, str, datetime, dict[str, Any]]]) -> None:
        """Keep events, those whose transaction is not known yet."""
        for transaction, customer, kind, at, properties in events:
            kept: tuple[str, ...] = (transaction, told(NOW - KEPT))
            again = "select 1 from events where transaction_id=? and accepted>=?"
            for own, value in (("customer", customer), ("type", kind)):
                if self.defect == f"each {own} has its own transactions":
                    again += f" and {own}=?"
                    kept = (*kept, value)
            if self.db.execute(again, kept).fetchone():
                if self.defect == "the last one wins":
                    self.db.execute("delete from events where transaction_id=?", (transaction,))
                elif self.defect != "repeated events count again":
                    continue
            kept_for = timedelta(days=7) if self.defect == "events are old in a week" else KEPT
            if (
                at < NOW - kept_for
                and transaction[:4] != "open"
                and self.defect != "old events count"
            ):
                continue
            row = (transaction, customer, kind, told(at), json.dumps(properties), told(NOW))
            owner = self.owner(customer)
            self.db.execute("insert into events values (?,?,?,?,?,?,?)", (*row, owner))

    def remember(self, events: Sequence[dict[str, Any]]) -> None:
        """Keep of events that they came."""
        names = [each["transaction_id"] for each in events if each.get("transaction_id")]
        rows = [(each, "", "", told(NOW), "{}", told(NOW), None) for each in names]
        self.db.executemany("insert into events values (?,?,?,?,?,?,?)", rows)

    def owner(self, named: str) -> str | None:
        """The id of whom an event's customer means."""
        found = self.db.execute("select customer from aliases where alias=?", (named,)).fetchone()
        known = self.db.execute("select id from customers where id=?", (named,)).fetchone()
        return (found or known or (None,))[0]

    def events(
        self, customer: str, metric: str, start: datetime, end: datetime, only: str = ""
    ) -> list[Any]:
        """Instants and properties of what a metric counts, by time."""
        named = "(customer=:id or customer in (select alias from aliases where customer=:id))"
        if self.defect == "usage is matched when it comes":
            named = "owner=:id"
        if self.defect == "usage stays with its first customer":
            named = f"(owner=:id or owner is null and {named})"
        if self.defect == "one alias is enough":
            first = "select max(alias) from aliases where customer=:id"
            named = f"(customer=:id or customer=({first}))"
        order = "rowid" if self.defect == "LATEST is the last to come" else "at"
        until = "<=" if self.defect == "windows include their end" else "<"
        found = self.db.execute(
            f"select at, properties from events where type=:type and {named}"
            f" and at>=:start and at{until}:end order by {order}{only}",
            {
                "type": METRICS[NAMES[metric]][2],
                "id": customer,
                "start": told(start),
                "end": told(end),
            },
        )
        return [(datetime.fromisoformat(at), json.loads(text)) for at, text in found]

    def pairs(self, customers: list[str] | None, metrics: list[str] | None) -> list[Any]:
        """Customers by name with the metrics, by name, of which they ever used anything."""
        asked = [] if customers is None else customers
        known = [each for (each,) in self.db.execute("select id from customers order by name, id")]
        if customers is not None and self.defect != "customer_ids does not select":
            known = [each for each in known if each in asked]
            if self.defect == "only the first customer counts":
                known = known[:1]
        if customers is None and self.defect == "all customers but the last are meant":
            known = [each for each in known if each != ADA]
        shown = "archived metrics are shown"
        live = [row[0] for row in METRICS.values() if not row[5] or self.defect == shown]
        wanted = live
        if metrics is not None and self.defect != "billable_metrics does not select":
            wanted = [row[0] for row in METRICS.values() if row[0] in metrics]
            if self.defect == "only the first metric counts":
                wanted = wanted[:1]
        ever = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
        if metrics is None and self.defect == "two metrics are enough":
            wanted = wanted[:2]
        wanted = sorted(wanted, key=lambda each: NAMES[each])
        found = [(c, m) for c in known for m in wanted if self.events(c, m, *ever, only=" limit 1")]
        losing = ["the last pair is missing"]
        losing += ["the last pair is missing where all are meant"] * (customers is None)
        return found[:-1] if self.defect in losing and found[1:] else found

    def aggregate(self, metric: str, events: list[Any], hourly: bool = False) -> Any:
        """The value of a window's events; None where there are none."""
        _, kind, _, counted, _, _ = METRICS[NAMES[metric]]
        if not events:
            return 0 if self.defect == "nothing is 0" else None
        if kind == "COUNT":
            return len(events)
        values = [properties[counted] for _, properties in events if counted in properties]
        if kind == "UNIQUE":
            kept = map(json.dumps, values)
            if self.defect == "UNIQUE is the most of a day":
                return max(
                    len({str(p) for a, p in events if a.date() == at.date()}) for at, _ in events
                )
            return len(values if self.defect == "UNIQUE counts events" else {*kept})
        values = [each for each in values if _is_number(each)]
        if not values:
            return None
        numbers = [Decimal(str(each)) for each in values]
        if kind == "MAX" and self.defect == "MAX goes by the text":
            return Decimal(max(map(str, values)))
        if kind == "MAX" and self.defect != "MAX is summed":
            return max(numbers)
        if kind == "LATEST":
            return numbers[0] if self.defect == "LATEST is the first" else numbers[-1]
        if self.defect == "sums of floats":
            return sum(map(float, numbers))
        if self.defect == "numbers are doubles":
            numbers = [Decimal(each if isinstance(each, float) else str(each)) for each in values]
        if self.defect == "credits are charged":
            numbers = [abs(each) for each in numbers]
        added = sum(numbers, Decimal(0))
        if self.defect == "sums are rounded":
            return round(added, 9)
        if self.defect == "hours are rounded" and hourly:
            return round(added)
        return None if self.defect == "a sum of 0 is null" and not added else added


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and Decimal(str(value)).is_finite()
    except ArithmeticError:
        return False


def _opening(customer: str) -> list[tuple[str, str, str, datetime, dict[str, Any]]]:
    """Two months of work, every six hours but on Sundays; a job that was credited in the end."""
    found = []
    start = datetime(2025, 4, 1, tzinfo=UTC)
    for number in range(61 * 4):
        at = start + number * timedelta(hours=6)
        region = {"region": ("eu", "us")[number % 2]} if number % 5 else {}
        sent: dict[str, dict[str, Any]] = {
            "job": {"hours": str(Decimal(225 + number % 7 * 11) / 100), **region},
            "hit": {},
            "peak": {"streams": 40 + number % 9},
            "login": {"user": f"u{number % 3}"},
            "fax": {"sheets": 2},
        }
        if at.weekday() == 6:
            continue
        for kind, properties in sent.items():
            name = f"open-{customer}-{kind}-{number}"
            found.append((name, customer, kind, at, properties))
    # One of no region, and nothing else that day.
    alone = datetime(2025, 4, 13, 23, 30, tzinfo=UTC)
    found.append((f"open-{customer}-alone", customer, "job", alone, {"hours": "3.5"}))
    sunday = datetime(2025, 4, 6, 9, tzinfo=UTC)
    for hour, amount in enumerate(("250", "-250")):
        properties = {"hours": amount, "region": "eu"}
        name = f"open-{customer}-credit-{hour}"
        found.append((name, customer, "job", sunday + hour * timedelta(hours=1), properties))
    return found
