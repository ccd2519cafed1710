"""Finds by reading what the proofs need: a customer, a metric that sums, and a span with usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from metersim.billing.instants import Span, to_seconds
from metersim.contract.exchange import Unproven, require
from metersim.contract.trial import Trial
from metersim.vendors.metronome.proofs.asking import (
    DAY,
    FEW,
    Pair,
    Row,
    days,
    has_usage,
    pages,
    pair_of,
    query,
    rows,
    rows_of,
    window,
)
from metersim.vendors.metronome.proofs.listing import (
    CUSTOMERS,
    PAGES,
    SUMMING,
    Metric,
    metrics,
    walked,
)

# Nobody was billed by the call before, and nobody will read this after.
_EVER = Span(datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_SPAN = 28 * DAY
# Of so many metrics, each by itself.
_MOST = 8
# So many calls it takes at most: of the metrics, the customers, and usage by metric and customer;
# and to find the last day with usage among all.
FINDING = 2 * PAGES + FEW * (_MOST + 1 + (_EVER.end - _EVER.start).days.bit_length() + 2 + _MOST)
_KEYS = ("customer_id", "other_customer_id", "metric_id", "property_key", "since", "until")


def discover(trial: Trial) -> Mapping[str, str]:
    """What was not given, as far as it is found; usage alone tells where there are no lists."""
    found = {key: text for key in _KEYS if (text := trial.get(key)) is not None}
    if len(found) == len(_KEYS):
        return found
    within = days(trial) if {"since", "until"} <= found.keys() else _EVER
    row, metric = _busy(trial, within)
    pair = pair_of(row)
    found["customer_id"] = pair.customer
    if metric is not None:
        found["metric_id"] = metric.id
        if metric.group_key:
            found.setdefault("property_key", metric.group_key)
    if within is _EVER:
        within = _last_weeks(trial, pair)
        found |= {"since": to_seconds(within.start), "until": to_seconds(within.end)}
    if "other_customer_id" not in found and (other := _other_customer(trial, pair, within)):
        found["other_customer_id"] = other
    return found


def _busy(trial: Trial, span: Span) -> tuple[Row, Metric | None]:
    """A row with usage, and its metric where the list says that it sums."""
    asker = trial.get("customer_id")
    wanted = trial.get("metric_id")
    wanted = wanted and wanted.lower()
    listed = [each for each in metrics(trial, *SUMMING) if wanted in (None, each.id)]
    choices: Sequence[Metric | None] = [*listed[:_MOST], None]
    for metric in choices:
        chosen = metric.id if metric else wanted
        body = query(span, "none", [asker] if asker else None, [chosen] if chosen else None)
        found = pages(trial, body, FEW, enough=has_usage)
        if busy := [row for row in rows(found) if has_usage(row)]:
            return busy[0], metric
    raise Unproven("needs usage: --set customer_id=… since=… until=…")


def _last_weeks(trial: Trial, pair: Pair) -> Span:
    """Four weeks to the last day with usage, itself left out: more may come on it."""
    first, end = _EVER.start, _EVER.end
    while end - first > DAY:
        middle = first + (end - first) // DAY // 2 * DAY
        later = rows_of(trial, pair, Span(middle, end))
        first, end = (middle, end) if any(map(has_usage, later)) else (first, middle)
    by_day = rows_of(trial, pair, Span(first - _SPAN, first), "day")
    busy = [window(row).start for row in by_day if has_usage(row)]
    # Where it is the only one, or nearly, it counts all the same.
    last = first if len(busy) > 1 else end
    require(last > _EVER.start, "usage")
    return Span(last - _SPAN, last)


def _other_customer(trial: Trial, pair: Pair, span: Span) -> str | None:
    def of_another(row: Row) -> bool:
        return has_usage(row) and pair_of(row).customer != pair.customer

    found = rows(pages(trial, query(span, metrics=[pair.metric]), FEW, enough=of_another))
    others = [pair_of(row).customer for row in found if of_another(row)]
    return others[0] if others else _listed_customer(trial, pair, span)


def _listed_customer(trial: Trial, pair: Pair, span: Span) -> str | None:
    """Another customer with usage whom the list shows, and the walk did not come to."""
    ids: list[str] = [each["id"].lower() for each in walked(trial, CUSTOMERS)[0]]
    for each in [other for other in ids if other != pair.customer][:_MOST]:
        if any(map(has_usage, rows_of(trial, Pair(each, pair.metric), span))):
            return each
    return None
