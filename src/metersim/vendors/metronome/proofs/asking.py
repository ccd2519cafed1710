"""How the proofs ask for usage, and read what is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from metersim.billing.instants import Granularity, Span, floor, parse_instant, to_seconds
from metersim.contract.exchange import Exchange, Unproven, require
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEPS = {"hour": HOUR, "day": DAY}
# Nobody has it: its version and variant are those of ids that are drawn.
NOBODY = "0badc0de-0000-4000-8000-00000badc0de"
# Pages of a walk that may end before its end.
FEW = 24

Row = Mapping[str, Json]
_OF_A_ROW = ("customer_id", "billable_metric_id", "start_timestamp", "end_timestamp", "value")


@dataclass(frozen=True, slots=True)
class Pair:
    """Whose rows, and of which metric."""

    customer: str
    metric: str


def query(
    span: Span,
    size: str = "none",
    customers: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
) -> dict[str, Json]:
    """A usage query of these customers and metrics, of all where none are named."""
    body: dict[str, Json] = {
        "window_size": size,
        "starting_on": to_seconds(span.start),
        "ending_before": to_seconds(span.end),
    }
    if customers is not None:
        body["customer_ids"] = list(customers)
    if metrics is not None:
        body["billable_metrics"] = [{"id": each} for each in metrics]
    return body


def ask(trial: Trial, body: Json, cursor: str | None = None, **more: str) -> Exchange:
    """One page."""
    query = more if cursor is None else {**more, "next_page": cursor}
    return trial.call("listUsage", body, query=query)


def pages(
    trial: Trial, body: Json, most: int, enough: Callable[[Row], bool] | None = None
) -> list[Exchange]:
    """The pages to the last, or to that with a row which is enough; at most so many."""
    found = [ask(trial, body)]
    seen: set[str] = set()
    while cursor := following(found[-1]):
        if len(found) == most or (enough and any(map(enough, found[-1].done["data"]))):
            break
        if cursor in seen:
            break
        seen.add(cursor)
        found.append(ask(trial, body, cursor))
    return found


def following(page: Exchange) -> str | None:
    """The cursor that leads on; whether a last page says so as it should, is a rule's to tell."""
    cursor: str | None = page.done.get("next_page")
    return cursor


def is_whole(found: Sequence[Exchange]) -> bool:
    """Whether a walk came to its last page."""
    return not following(found[-1])


def rows(found: Iterable[Exchange]) -> list[Row]:
    """The rows of the pages."""
    return [row for page in found for row in page.done["data"]]


def pages_of(trial: Trial, pair: Pair, span: Span, size: str = "none") -> list[Exchange]:
    """The pages with the rows of one pair, to the last."""
    body = query(span, size, [pair.customer], [pair.metric])
    found = pages(trial, body, FEW)
    require(is_whole(found), f"a walk of at most {FEW} pages: --set since=… until=… less far apart")
    return found


def rows_of(trial: Trial, pair: Pair, span: Span, size: str = "none") -> list[Row]:
    """The rows of one pair, to the last page."""
    return rows(pages_of(trial, pair, span, size))


def days_by_hour(trial: Trial, pair: Pair, span: Span) -> int:
    """Of how many days a walk of FEW pages shows all hours, whatever a page holds; one at least."""
    first = ask(trial, query(span, "hour", [pair.customer], [pair.metric]))
    return (
        max(1, len(rows([first])) * FEW // 24)
        if following(first)
        else (span.end - span.start) // DAY
    )


def known_part(row: Row) -> Row:
    """What the document knows of a row: beside it may stand what differs with every call."""
    return {key: row[key] for key in (*_OF_A_ROW, "groups") if key in row}


def days_from(start: datetime, number: int, span: Span) -> Span:
    """So many days, which go past the span's end no further than they must.

    Nobody says that there are windows of days that are still to come.
    """
    end = min(start + number * DAY, span.end)
    return Span(end - number * DAY, end)


def pair_of(row: Row) -> Pair:
    """Whose row it is. Ids are read as they are meant, in lower case."""
    return Pair(row["customer_id"].lower(), row["billable_metric_id"].lower())


def window(row: Row) -> Span:
    """The row's window."""
    return Span(parse_instant(row["start_timestamp"]), parse_instant(row["end_timestamp"]))


def has_usage(row: Row) -> bool:
    """Whether the row's window counted anything but nothing."""
    return bool(row["value"])


def value(row: Row) -> Decimal:
    """The row's value; nothing is 0."""
    return Decimal(row["value"] or 0)


def added(windows: Iterable[Row]) -> Decimal:
    """The values of the windows, added up."""
    return sum(map(value, windows), Decimal(0))


def days(trial: Trial) -> Span:
    """The whole days of the span that is known to hold usage."""
    span = trial.span
    start, end = (floor(each, Granularity.DAY) for each in (span.start, span.end))
    whole = Span(start if start == span.start else start + DAY, end)
    require(whole, "a day of usage: --set since=… until=… further apart")
    return whole


def customer(trial: Trial) -> str:
    """A customer with usage."""
    return trial.value("customer_id").lower()


def customers(trial: Trial) -> list[str]:
    """The customers that are known to be there, one or two."""
    other = trial.get("other_customer_id")
    found = [customer(trial), *([other.lower()] if other else [])]
    return list(dict.fromkeys(found))


def metrics_with_usage(trial: Trial, span: Span) -> list[str]:
    """Metrics of which the customer has usage; the one that was given stands first."""
    found = rows(pages(trial, query(span, customers=[customer(trial)]), FEW))
    ids = [pair_of(row).metric for row in found if has_usage(row)]
    given = trial.get("metric_id")
    return list(dict.fromkeys([given.lower(), *ids] if given else ids))


def known_pair(trial: Trial, span: Span) -> Pair:
    """A customer and metric with usage in the span."""
    given = trial.get("metric_id")
    if given:
        return Pair(customer(trial), given.lower())
    body = query(span, customers=[customer(trial)])
    found = rows(pages(trial, body, FEW, enough=has_usage))
    busy = [pair_of(row) for row in found if has_usage(row)]
    require(busy, "usage of the customer between since and until: --set customer_id=…")
    return busy[0]


def busy_days(trial: Trial, pair: Pair, span: Span) -> list[datetime]:
    """The days of the span on which the pair has usage; at least one."""
    found = [window(row).start for row in rows_of(trial, pair, span, "day") if has_usage(row)]
    require(found, "usage between since and until: --set customer_id=… metric_id=…")
    return found


def refused(reply: Exchange, *statuses: int, basis: Basis | None = None) -> None:
    """Broken unless the call was refused so, with a message."""
    reply.expect_status(*statuses, basis=basis)
    try:
        body = reply.json
    except Unproven:
        body = None
    message = body.get("message") if isinstance(body, dict) else None
    told = isinstance(message, str) and bool(message.strip())
    reply.expect(told, 'a body {"message": …}', basis=basis)
