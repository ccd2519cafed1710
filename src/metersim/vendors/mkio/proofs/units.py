"""Whether the buckets of a report are those of the unit that was asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from metersim.billing.instants import TICK, Granularity, Span, floor, parse_instant, to_seconds
from metersim.contract.exchange import Exchange
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import rows

_WEEK = timedelta(days=7)


def bucket(row: Mapping[str, Json]) -> Span:
    """The bucket of a row."""
    return Span(parse_instant(row["startDate"]), parse_instant(row["endDate"]))


def fit(reply: Exchange, unit: Granularity) -> None:
    """Broken where a bucket is longer than the unit, or one unit is more than one bucket."""
    buckets: dict[str, set[Span]] = defaultdict(set)
    for row in rows(reply):
        found = bucket(row)
        buckets[row["meter"]].add(found)
        told = f"{to_seconds(found.start)} to {to_seconds(found.end)}"
        reply.expect(_is_within(found, unit), f"no bucket beyond one {unit.value}", told)
    for spans in buckets.values():
        allowed = _units(spans, unit)
        found_so_many = f"{len(spans)} of one meter"
        reply.expect(len(spans) <= allowed, f"one bucket for each {unit.value}", found_so_many)


def _is_within(span: Span, unit: Granularity) -> bool:
    if unit is Granularity.WEEK:
        # On which day a week begins, nobody says.
        return span.end - span.start <= _WEEK
    return floor(span.start, unit) == floor(span.end - TICK, unit)


def _units(spans: set[Span], unit: Granularity) -> int:
    """How many units the buckets lie in, at most."""
    if unit is Granularity.WEEK:
        first, last = min(each.start for each in spans), max(each.start for each in spans)
        return (last - first) // _WEEK + 2
    return len({floor(each.start, unit) for each in spans})
