"""What customers of the Monk of the tests used, in SQLite; what it costs, and more of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from simplejson import dumps

ADA = "2f4c1a52-9a0e-4f0e-8f57-51f0f5a3c001"
BOB = "2f4c1a52-9a0e-4f0e-8f57-51f0f5a3c002"
_TABLES = """
CREATE TABLE customer (customerId TEXT, externalCustomerId TEXT);
CREATE TABLE meter (code TEXT, counts INTEGER, price TEXT, active INTEGER);
CREATE TABLE measures (meter TEXT, name TEXT);
CREATE TABLE event (
    key TEXT PRIMARY KEY, customer TEXT, external INTEGER, name TEXT, at INTEGER, quantity TEXT,
    properties TEXT
);
CREATE INDEX event_by_time ON event (customer, name, at);
"""
# Code, whether it counts events, price, whether it is active, events.
_METERS = (
    ("TOKENS", 0, "0.00037", 1, ("tokens.used",)),
    ("REPORTS", 1, "0.15", 1, ("report.finished",)),
    ("CHAT", 0, "0.0125", 1, ("chat.asked", "chat.answered")),
    ("FAX", 0, "0.04", 0, ("fax.sent",)),
)
_FIRST = datetime(2026, 4, 2, 23, 10, 30, tzinfo=UTC)
_DAY = timedelta(days=1)


class Usage:
    """A store of its own, with one defect or none."""

    def __init__(self, defect: str | None) -> None:
        self._defect = defect
        self._lock = Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)
        people = [(ADA, "acct/ada"), (BOB, "acct/bob")]
        self._db.executemany("INSERT INTO customer VALUES (?, ?)", people)
        self._db.executemany("INSERT INTO meter VALUES (?, ?, ?, ?)", [m[:4] for m in _METERS])
        names = [(code, name) for code, *_, measured in _METERS for name in measured]
        self._db.executemany("INSERT INTO measures VALUES (?, ?)", names)
        self._db.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", _history())

    def customer(self, field: str, wanted: object) -> str | None:
        """The id of a customer that is known by this field."""
        with self._lock:
            query = f"SELECT customerId FROM customer WHERE {field} = ?"
            found = self._db.execute(query, [str(wanted).lower()]).fetchone()
        return str(found[0]) if found else None

    def has(self, key: object) -> bool:
        """Whether an event came under this key."""
        with self._lock:
            found = self._db.execute("SELECT 1 FROM event WHERE key = ?", [key]).fetchone()
        return found is not None

    def add(self, events: Sequence[dict[str, Any]]) -> list[str]:
        """Store events, each over what came under its key before; returns their keys."""
        with self._lock:
            return [self._add(event) for event in events]

    def _add(self, event: dict[str, Any]) -> str:
        properties = event.get("properties", {})
        quantity = _counted(properties.get("quantity"))
        count = self._db.execute("SELECT count(*) FROM event").fetchone()[0]
        key = str(event.get("idempotencyKey") or uuid5(NAMESPACE_URL, f"event {count}"))
        stored = key
        how = "REPLACE"
        match self._defect:
            case "an event sent twice counts twice":
                stored = f"{key} {count}"
            case "the first event of a key stays":
                how = "IGNORE"
            case "the largest event of a key stays":
                query = "SELECT quantity FROM event WHERE key = ?"
                old = self._db.execute(query, [key]).fetchone()
                quantity = str(max(Decimal(quantity), Decimal(old[0]))) if old else quantity
        external, at = "customerId" not in event, _micros(event["at"])
        spelt = dumps(properties, use_decimal=True)
        kept = "SELECT at, properties FROM event WHERE key = ?"
        if before := self._db.execute(kept, [key]).fetchone():
            at = before[0] if self._defect == "an event keeps its first time" else at
            keeps = self._defect == "an event keeps its first properties"
            spelt = before[1] if keeps else spelt
        row = (stored, event["customer"], external, event["eventName"], at, quantity)
        self._db.execute(f"INSERT OR {how} INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, spelt))
        return key

    def cost(
        self,
        customer: str,
        start: datetime,
        end: datetime,
        names: list[str] | None,
        filters: list[dict[str, str]] | None,
        external: bool,
    ) -> Decimal:
        """In dollars."""
        where, given = self._when(start, end)
        if self._defect == "each id has its own events" and external:
            where += " AND external"
        if filters and (narrowed := self._narrowed(filters)):
            also = " OR " if self._defect == "one filter suffices" else " AND "
            tests = also.join(self._test() for _ in narrowed)
            where += f" AND ({tests})"
            given += [text for pair in narrowed for text in pair]
        query = "SELECT quantity FROM event JOIN measures USING (name)"
        query += f" WHERE customer = ? AND meter = ? AND {where}"
        parts = []
        with self._lock:
            for code, counts, price in self._meters(names):
                rows = self._db.execute(query, [customer, code, *given]).fetchall()
                quantities = [Decimal(1) if counts else Decimal(row[0]) for row in rows]
                parts += [quantity * Decimal(price) for quantity in quantities]
        return self._sum(parts)

    def _test(self) -> str:
        test = "value = ?"
        match self._defect:
            case "a part of the value suffices":
                test = "instr(value, ?) > 0"
            case "the case of a value is not looked at":
                test = "lower(value) = lower(?)"
            case "any property may have the value":
                return "EXISTS (SELECT ? FROM json_each(properties) WHERE value = ?)"
        return f"EXISTS (SELECT 1 FROM json_each(properties) WHERE json_each.key = ? AND {test})"

    def _sum(self, parts: list[Decimal]) -> Decimal:
        match self._defect:
            case "totals in cents":
                return round(sum(parts, Decimal(0)), 2)
            case "sums of doubles":
                return Decimal(repr(sum(float(part) for part in parts)))
            case "a fee for every question" if parts:
                return sum(parts, Decimal(1))
        return sum(parts, Decimal(0))

    def _when(self, start: datetime, end: datetime) -> tuple[str, list[Any]]:
        after, before = ">=", "<"
        match self._defect:
            case "the end counts":
                before = "<="
            case "the start does not count":
                after = ">"
            case "the end counts and the start does not":
                after, before = ">", "<="
            case "the end counts until midnight":
                end = _midnight(end) + _DAY
            case "bounds are cut to days":
                start, end = _midnight(start), _midnight(end)
        return f"at {after} ? AND at {before} ?", [_micros(start), _micros(end)]

    def _narrowed(self, filters: list[dict[str, str]]) -> list[tuple[str, str]]:
        pairs = [(each["key"], each["value"]) for each in filters]
        match self._defect:
            case "filters do not select":
                return []
            case "the first filter alone":
                return pairs[:1]
            case "the last filter alone":
                return pairs[-1:]
        return pairs

    def _meters(self, names: list[str] | None) -> list[tuple[str, int, str]]:
        """Those that measure one of the names: code, whether it counts, price."""
        query = "SELECT code, counts, price FROM meter"
        if self._defect != "inactive meters count":
            query += " WHERE active"
        found = self._db.execute(query).fetchall()
        match self._defect:
            case "event names do not select":
                names = None
            case "the first name alone" if names:
                names = names[:1]
            case "the last name alone" if names:
                names = names[-1:]
            case "without names the first meter alone" if names is None:
                found = found[:1]
        if names is None:
            return found
        matches = all if self._defect == "all names must match" else any
        measured = {code: events for code, *_, events in _METERS}
        match self._defect:
            case "a name given twice counts twice":
                return [each for name in names for each in found if name in measured[each[0]]]
            case "a part of a name suffices":
                events = {code: "\n".join(each) for code, each in measured.items()}
                return [each for each in found if any(name in events[each[0]] for name in names)]
            case "the case of a name is not looked at":
                names = [name.lower() for name in names]
        return [each for each in found if matches(name in measured[each[0]] for name in names)]


def _counted(value: object) -> str:
    """A quantity as it is kept; what is no number counts nothing."""
    found = Decimal(0)
    if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
        with suppress(ArithmeticError):
            found = Decimal(value)
    return str(found if found.is_finite() else 0)


def _micros(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _history() -> Iterator[tuple[Any, ...]]:
    """Ada's usage of six weeks, and a little of Bob's."""
    names = [name for *_, measured in _METERS for name in measured]
    for number in range(900):
        name, customer = names[number % len(names)], BOB if number % 11 == 10 else ADA
        at = _FIRST + number * timedelta(hours=1, minutes=3, seconds=20)
        properties = {"tenant": ("north", "south")[number % 3 % 2], "tier": "gold"}
        quantity = Decimal(1_000 + 37 * (number % 29)) / 8
        row = (f"seed-{number}", customer, number % 2, name, _micros(at), str(quantity))
        yield (*row, dumps(properties))
