"""How the proofs record usage: for customers of their own, whom they archive when they are done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from metersim.billing.instants import Granularity, Span, floor, parse_instant, to_seconds
from metersim.contract.exchange import Exchange, require
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.metronome.proofs.asking import DAY, Row, ask, query, rows
from metersim.vendors.metronome.proofs.listing import Metric, metrics

NAME = "metersim check, to be ignored"
# On a day that no proof uses beside it, and that nobody takes for long ago.
_CONTROL = 1


@dataclass(frozen=True, slots=True)
class Account:
    """A customer made for one proof; ``now`` is when, by the target's clock."""

    trial: Trial
    id: str
    now: datetime

    @property
    def today(self) -> datetime:
        """The day of its making."""
        return floor(self.now, Granularity.DAY)

    def day(self, number: int) -> Span:
        """A day, so many before today."""
        start = self.today - number * DAY
        return Span(start, start + DAY)

    def named(self, text: str) -> str:
        """A text of this account alone: it was never used before, in whatever run."""
        return f"metersim-check-{text}-{self.id}"

    def event(
        self,
        metric: Metric,
        amount: Json,
        name: str,
        at: datetime,
        customer: str | None = None,
    ) -> dict[str, Json]:
        """An event under a name, by which the metric counts so much."""
        return {
            "transaction_id": self.named(name),
            "customer_id": customer or self.id,
            "event_type": metric.event,
            "timestamp": to_seconds(at),
            "properties": metric.having(amount),
        }

    def noon(self, number: int) -> datetime:
        """Noon, so many days before today."""
        return self.day(number).start + timedelta(hours=12)


def last_row(account: Account, metric: Metric, span: Span, expected: Json) -> tuple[Row, Exchange]:
    """The only row of the metric in the span, or an empty one, and what it stood in.

    It is the last that was looked at, where the value is not the expected; Unproven where that may
    be for want of time.
    """
    reply = _looked(account, metric, span, expected)
    row = _only(reply)
    if row.get("value") is None and expected is not None:
        _must_show(account, metric)
    return row, reply


def _looked(account: Account, metric: Metric, span: Span, expected: Json) -> Exchange:
    body = query(span, customers=[account.id], metrics=[metric.id])
    return account.trial.shown(
        lambda: ask(account.trial, body), lambda reply: fits(_only(reply).get("value"), expected)
    )


def shows(account: Account, metric: Metric, span: Span) -> None:
    """Unproven until the metric counts anything in the span."""
    body = query(span, customers=[account.id], metrics=[metric.id])
    reply = account.trial.shown(
        lambda: ask(account.trial, body), lambda reply: _only(reply).get("value") is not None
    )
    require(_only(reply).get("value") is not None, f"usage {account.trial.in_time}")


def _only(reply: Exchange) -> Row:
    return next(iter(rows([reply])), {})


def _must_show(account: Account, metric: Metric) -> None:
    """Unproven unless an event shows that nothing is wrong with: what came before it is lost."""
    event = account.event(metric, "1", "control", account.noon(_CONTROL))
    taken(account.trial, event)
    shows(account, metric, account.day(_CONTROL))


def counts(account: Account, metric: Metric, span: Span, expected: Json, told: str) -> None:
    """Broken unless the account's value in the span is this; None where nothing may count."""
    row, reply = last_row(account, metric, span, expected)
    found = row.get("value")
    reply.expect(fits(found, expected), f"{told}: {a_value(expected)}", a_value(found))


def fits(found: Json, expected: Json) -> bool:
    """Whether nothing more counted, nor less: that nothing is null, and not 0, is another law."""
    return bool(found == expected or (expected is None and found == 0))


def a_value(found: Json) -> str:
    """A value as people read it; null stands for nothing that matched."""
    return "a value of null" if found is None else f"a value of {found}"


def send(trial: Trial, events: Sequence[Json]) -> Exchange:
    """Ingest them in one call."""
    return trial.call("ingestUsage", list(events))


def taken(trial: Trial, *events: Json) -> Exchange:
    """Ingest events that nothing is wrong with; Unproven where they are refused."""
    reply = send(trial, events)
    require(reply.succeeded, f"events that are taken: {reply}")
    return reply


def summing(trial: Trial) -> Metric:
    """A metric that sums a property of its events."""
    return _first(metrics(trial, "SUM"), "a billable metric of kind SUM")


def counting(trial: Trial) -> Metric:
    """A metric that sums or counts."""
    return _first(metrics(trial, "COUNT", "SUM"), "a billable metric of kind SUM or COUNT")


def _first(found: Sequence[Metric], what: str) -> Metric:
    require(found, f"{what} in the list of them")
    return found[0]


@contextmanager
def account(trial: Trial, *aliases: str) -> Iterator[Account]:
    """A customer of the proof's own, for as long as the block lasts."""
    asked = {"name": NAME, **({"ingest_aliases": list(aliases)} if aliases else {})}
    # Asked for outside the document: not everybody who answers for usage makes customers too.
    reply = trial.send("POST", "/v1/customers", asked)
    require(reply.succeeded, f"customers that can be made: {reply}")
    made: Mapping[str, Json] = reply.json["data"]
    try:
        found = trial.call("getCustomer", path={"customer_id": made["id"]})
        yield Account(trial, made["id"], parse_instant(found.done["data"]["created_at"]))
    finally:
        trial.call("archiveCustomer", {"id": made["id"]})
