"""What laws about windows show besides, where usage may be recorded of which all is known."""

from __future__ import annotations

from contextlib import suppress

from metersim.billing.instants import Span
from metersim.contract.exchange import Unproven, agree
from metersim.contract.trial import Trial
from metersim.vendors.metronome.proofs.asking import (
    HOUR,
    Pair,
    ask,
    has_usage,
    query,
    rows,
    rows_of,
    window,
)
from metersim.vendors.metronome.proofs.listing import metrics
from metersim.vendors.metronome.proofs.recording import account, counting, counts, taken


def midnight_counts_once(trial: Trial) -> None:
    """A window includes its start and excludes its end. Nothing, where nothing can be recorded."""
    with suppress(Unproven):
        metric = counting(trial)
        with account(trial) as ours:
            midnight = ours.day(4).start
            taken(trial, ours.event(metric, "1", "midnight", midnight))
            counts(ours, metric, ours.day(4), 1, "an event at the first instant of a day")
            counts(ours, metric, ours.day(5), None, "an event at the end of a day")
            # The day that is not over has its window too.
            taken(trial, ours.event(metric, "1", "today", ours.today))
            counts(ours, metric, ours.day(0), 1, "an event at the first instant of today")
            both = Span(ours.day(5).start, ours.day(4).end)
            for size in ("day", "hour"):
                reply = ask(trial, query(both, size, [ours.id], [metric.id]))
                found = rows_of(trial, Pair(ours.id, metric.id), both, size)
                starts = [window(row).start for row in found if has_usage(row)]
                told = f"an event at {midnight} in the window by {size} that begins"
                agree(told, [*map(str, starts)], [str(midnight)], reply)


def null_is_told_from_0(trial: Trial) -> None:
    """Beside one that counted, windows of nothing; and sums of 0. Nothing, as above."""
    with suppress(Unproven):
        metric = next(iter(metrics(trial, "SUM")), None) or counting(trial)
        amount = 0 if metric.counts else 1
        with account(trial) as ours:
            noon = ours.noon(5)
            events = [ours.event(metric, "0", "nothing", noon)]
            if metric.counts:
                credit = (ours.noon(4), "7.5"), (ours.noon(4) + HOUR, "-7.5")
                events += [ours.event(metric, each, each, at) for at, each in credit]
            taken(trial, *events)
            counts(ours, metric, ours.day(5), amount, "one event that matched")
            if metric.counts:
                counts(ours, metric, ours.day(4), 0, "a sum of 7.5 and -7.5")
            reply = ask(trial, query(ours.day(5), "hour", [ours.id], [metric.id]))
            for row in rows([reply]):
                start = window(row).start
                expected = amount if start <= noon < start + HOUR else None
                agree(f"the value of the hour from {start}", row["value"], expected, reply)
