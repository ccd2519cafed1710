"""What MK.IO keeps, in SQLite: projects, methods, prices, usage. Decimals are text."""

from __future__ import annotations

import sqlite3
from calendar import timegm
from datetime import UTC, datetime, timedelta
from decimal import Decimal

NOW = datetime(2025, 7, 9, 15, 40, tzinfo=UTC)
KINO, LIVE, SHED = "kino", "kino live, ring 2", "shed"
AZURE, AWS, DEAL, DRAFT = (f"{n}f0c-4d11-a{n}" for n in (1, 2, 3, 4))
_SCHEMA = """
create table project (name text primary key);
create table method (id text primary key, title text, kind text, accepted int, currency text);
create table rate (method text, meter text, unit text, price text);
create table carried (project text, method text, since int);
create table event (project text, meter text, quantity text, occurred int, charged int);
create table endpoint (name text, username text, password text, off int);
"""
_PRICES = {"encode": ("minutes", "0.0175"), "egress": ("GB", "0.0835")}
_DEARER = {AZURE: Decimal(1), AWS: Decimal("1.1"), DEAL: Decimal("0.9"), DRAFT: Decimal("0.5")}
_FIRST, _DAYS = datetime(2025, 5, 1, tzinfo=UTC), 80


def seconds(instant: datetime) -> int:
    """Since 1970, as instants are kept."""
    return timegm(instant.utctimetuple())


def opened() -> sqlite3.Connection:
    """A company with three projects; the shed is nobody's cost yet."""
    db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    db.executescript(_SCHEMA)
    db.executemany("insert into project values (?)", [(KINO,), (LIVE,), (SHED,)])
    kinds = ("azure_marketplace", "aws_marketplace", "direct_contract", "direct_contract")
    for (key, dearer), kind in zip(_DEARER.items(), kinds, strict=True):
        accepted = int(key != DRAFT)
        db.execute(
            "insert into method values (?, ?, ?, ?, ?)", (key, f"By {kind}", kind, accepted, "EUR")
        )
        for meter, (unit, price) in _PRICES.items():
            rate = (key, meter, unit, str(Decimal(price) * dearer))
            db.execute("insert into rate values (?, ?, ?, ?)", rate)
    _carry(db)
    for place, project in enumerate((KINO, LIVE)):
        db.executemany("insert into event values (?, ?, ?, ?, ?)", _events(place, project))
    return db


def _carry(db: sqlite3.Connection) -> None:
    changed = seconds(datetime(2025, 7, 4, 12, tzinfo=UTC))
    carried = [(KINO, AZURE, 0), (KINO, AWS, changed), (LIVE, DEAL, 0)]
    db.executemany("insert into carried values (?, ?, ?)", carried)


def _events(place: int, project: str) -> list[tuple[str, str, str, int, int]]:
    """Two a day, the first at midnight; some of the traffic is charged four days late."""
    found = []
    for at in range(_DAYS):
        midnight = _FIRST + timedelta(days=at)
        evening = midnight + timedelta(hours=22, minutes=45)
        late = timedelta(days=4) if 24 <= midnight.day <= 27 else timedelta()
        encoded, traffic = Decimal(at % 9 + place + 1) / 8, Decimal(at % 5 * 37 + 11) / 100
        for meter, quantity, when, lag in (
            ("encode", encoded, midnight, timedelta()),
            ("egress", traffic, evening, late),
        ):
            times = seconds(when), seconds(when + lag)
            found.append((project, meter, str(quantity), *times))
    credit = seconds(datetime(2025, 7, 2, 10, tzinfo=UTC))
    if project == LIVE:
        found.append((project, "encode", "-0.375", credit, credit))
    return found
