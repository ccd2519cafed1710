"""How a walk through the pages goes, and what its cursors are good for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from typing import NamedTuple

from metersim.billing.instants import Span, to_seconds
from metersim.contract.exchange import Exchange, Unproven, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.metronome.proofs.asking import (
    DAY,
    FEW,
    NOBODY,
    Pair,
    Row,
    ask,
    customer,
    customers,
    days,
    days_from,
    following,
    has_usage,
    is_whole,
    metrics_with_usage,
    pages,
    pair_of,
    query,
    rows,
    rows_of,
    window,
)

_NEEDS = ("since", "until", "customer_id")
# In days.
_LONGEST = 60
_MOST = 60
# Of so many pairs that a walk leaves out, each by itself.
_ASKED = 6


class Walk(NamedTuple):
    """The pages of a query, and of what they should be."""

    span: Span
    pairs: Sequence[Pair]
    pages: Sequence[Exchange]


def _walk(trial: Trial, number: int, start: int) -> Walk:
    """A walk through several pages of several pairs, as far as there are more than one."""
    whole = days(trial)
    metrics = metrics_with_usage(trial, whole)
    skipped = start % len(metrics) if metrics else 0
    metrics = [*metrics[skipped:], *metrics[:skipped]][:number]
    require(metrics, "usage of the customer between since and until: --set customer_id=…")
    asked = [Pair(each, metric) for each in customers(trial) for metric in metrics]
    span = _of_some_pages(trial, whole, asked[0])
    found = _pages(trial, query(span, "hour", customers(trial), metrics))
    return Walk(span, [pair for pair in asked if rows_of(trial, pair, span)], found)


def _of_some_pages(trial: Trial, whole: Span, pair: Pair) -> Span:
    """A span of which one pair fills two pages and a half by the hour, whatever one holds."""
    long = days_from(whole.start, _LONGEST, whole)
    first = ask(trial, query(long, "hour", [pair.customer], [pair.metric]))
    number = len(rows([first])) * 5 // (2 * 24) + 1
    return days_from(whole.start, min(number, _LONGEST), whole)


def _pages(trial: Trial, body: Json) -> list[Exchange]:
    """To the page with no cursor; Broken where one comes again."""
    found = [ask(trial, body)]
    seen: set[str] = set()
    while cursor := following(found[-1]):
        page = found[-1]
        page.expect(cursor not in seen, "a cursor that leads on", cursor)
        seen.add(cursor)
        if len(found) == _MOST:
            # One that never ends shows rows again, by whatever cursors.
            each_once(found)
            raise Unproven(f"needs a walk of at most {_MOST} pages")
        found.append(ask(trial, body, cursor))
        found[-1].expect_status(200)
    return found


def place(row: Row) -> tuple[Pair, datetime]:
    """Which row it is."""
    return pair_of(row), window(row).start


def each_once(found: Sequence[Exchange], basis: Basis | None = None) -> None:
    """Broken where a row comes twice."""
    seen: Counter[Hashable] = Counter()
    for page in found:
        for row in rows([page]):
            seen[place(row)] += 1
            told = f"the window from {row['start_timestamp']} once"
            page.expect(seen[place(row)] == 1, told, "it comes twice", basis=basis)


@proves("METRONOME-08", calls=75 + 3 * FEW + _ASKED, examples=2, needs=_NEEDS)
def a_walk_yields_every_row_exactly_once(trial: Trial) -> None:
    number, start = trial.draw.integer(1, 3), trial.draw.integer(0, 99)
    walk = _walk(trial, number, start)
    require(len(walk.pages) > 1, "more rows than one page holds: --set other_customer_id=…")
    each_once(walk.pages)
    shown = {place(row) for row in rows(walk.pages)}
    hours = (walk.span.end - walk.span.start) // DAY * 24
    last = walk.pages[-1]
    end = last.done.get("next_page", "no next_page at all")
    last.expect(end is None, "next_page null on the last page", end or '""')
    for pair in walk.pairs:
        starts = {at for of, at in shown if of == pair}
        told = f"all {hours} hours of customer {pair.customer} and metric {pair.metric}"
        last.expect(len(starts) == hours, told, f"{len(starts)} of them on {len(walk.pages)} pages")
    _is_of_every_pair(trial, walk)


def _is_of_every_pair(trial: Trial, walk: Walk) -> None:
    """A walk by larger windows, of these pairs and of all there are."""
    asked = customers(trial), [*{pair.metric: None for pair in walk.pairs}]
    for size, of in (("day", asked), ("none", asked), ("none", (None, None))):
        found = pages(trial, query(walk.span, size, *of), FEW)
        if not is_whole(found):
            continue
        each_once(found)
        shown = {pair_of(row): None for row in rows(found)}
        if of is asked:
            missing = [pair for pair in walk.pairs if pair not in shown]
        else:
            missing = _left_out(trial, walk.span, shown)
        for pair in missing:
            told = f"rows of customer {pair.customer} and metric {pair.metric} by {size}"
            found[-1].expect(False, told, f"none of them on {len(found)} pages")


def _left_out(trial: Trial, span: Span, shown: Collection[Pair]) -> list[Pair]:
    """Pairs of customers and metrics that are shown, of which there are rows, if asked for."""
    metrics = dict.fromkeys(pair.metric for pair in shown)
    every = [Pair(of, each) for of in dict.fromkeys(p.customer for p in shown) for each in metrics]
    # What the walk came to last is what it may have lost.
    missing = [pair for pair in every if pair not in shown][-_ASKED:]
    return [pair for pair in missing if any(map(has_usage, rows_of(trial, pair, span)))]


@proves("METRONOME-09", calls=75 + 2 * FEW, examples=2, needs=_NEEDS)
def rows_are_in_order_and_a_page_is_of_one_pair(trial: Trial) -> None:
    number, start = trial.draw.integer(2, 3), trial.draw.integer(0, 99)
    walk = _walk(trial, number, start)
    last = walk.pages[-1]
    found = rows(walk.pages)
    _together((pair_of(row).customer for row in found), "rows of one customer together", last)
    _together((pair_of(row) for row in found), "rows of one metric together", last)
    for pair, of_one in groupby(found, key=pair_of):
        for at, then in pairwise(window(row).start for row in of_one):
            told = f"rows of metric {pair.metric} by time, {at} before the next"
            last.expect(at <= then, told, str(then))
    require(len(walk.pairs) > 1, "more than one customer or metric: --set other_customer_id=…")
    asked = {pair.metric: None for pair in walk.pairs}
    by_day, whole = (
        pages(trial, query(walk.span, size, customers(trial), [*asked]), FEW)
        for size in ("day", "none")
    )
    for page in (*walk.pages, *by_day, *whole):
        pairs = {pair_of(row) for row in rows([page])}
        page.expect(len(pairs) <= 1, "a page of one customer and metric", f"{len(pairs)}")


def _together(keys: Iterable[Hashable], told: str, page: Exchange) -> None:
    seen: Counter[Hashable] = Counter(key for key, _ in groupby(keys))
    page.expect(max(seen.values()) == 1, told, "rows of others between them")


@proves("METRONOME-11", calls=16, examples=2, needs=_NEEDS)
def a_cursor_is_good_for_its_own_query_alone(trial: Trial) -> None:
    at, lost = trial.draw.integer(0, 99), trial.draw.integer(1, 6)
    whole = days(trial)
    span = days_from(whole.start, _LONGEST, whole)
    body = query(span, "hour", [customer(trial)])
    cursor = following(ask(trial, body)) or ""
    require(cursor, "more rows than one page holds")
    require(ask(trial, body, cursor).succeeded, "a cursor that leads on")
    for other in (
        {**body, "starting_on": to_seconds(span.start - DAY)},
        {**body, "ending_before": to_seconds(span.end + DAY)},
        {**body, "window_size": "day"},
        {**body, "billable_metrics": [{"id": NOBODY}]},
        {**body, "customer_ids": [customer(trial), NOBODY]},
    ):
        _refused(ask(trial, other, cursor))
    # Not its end, where a change may be of bits that mean nothing.
    place = at % max(1, len(cursor) - 3)
    forged = cursor[:place] + ("1" if cursor[place] != "1" else "2") + cursor[place + 1 :]
    # What only fills it up may be left out.
    cut = cursor.rstrip("=")[:-lost] or "x"
    for text in (forged, cut, "metersim-made-this-up"):
        _refused(ask(trial, body, text))


def _refused(reply: Exchange) -> None:
    reply.expect_status(400, basis=Basis.ASSUMED)


def same_rows(before: Sequence[Exchange], after: Sequence[Exchange], basis: Basis) -> None:
    """Broken where a row of a walk is not in the other."""
    found = {place(row) for row in rows(after)}
    for row in rows(before):
        told = f"the window from {row['start_timestamp']} as before"
        after[-1].expect(place(row) in found, told, "it is gone", basis=basis)
