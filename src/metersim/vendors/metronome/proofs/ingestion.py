"""Which events are taken, which count, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from metersim.billing.instants import Span, to_seconds
from metersim.contract.exchange import require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.metronome.proofs.asking import (
    DAY,
    HOUR,
    ask,
    following,
    pages,
    query,
    refused,
)
from metersim.vendors.metronome.proofs.listing import KINDS, SUMMING, Metric, metrics
from metersim.vendors.metronome.proofs.paging import each_once, same_rows
from metersim.vendors.metronome.proofs.recording import (
    Account,
    a_value,
    account,
    counting,
    counts,
    fits,
    last_row,
    send,
    shows,
    summing,
    taken,
)

# A customer made, looked up and archived; metrics listed.
_FRAME = 4
_MOST_PAGES = 12
_REQUIRED = ("transaction_id", "customer_id", "event_type", "timestamp")
_FAR_AHEAD = {"timestamp": "2999-01-01T00:00:00Z"}
# What it is changed to.
_ILL_FORMED: tuple[Mapping[str, Json], ...] = (
    {"timestamp": "yesterday"},
    {"transaction_id": "x" * 129},
    {"transaction_id": ""},
    {"customer_id": ""},
    {"event_type": ""},
    _FAR_AHEAD,
)


@proves("METRONOME-18", calls=_FRAME + 21)
def a_batch_is_of_one_to_a_hundred(trial: Trial) -> None:
    metric = counting(trial)
    with account(trial) as ours:
        for number, day in ((1, 5), (100, 4)):
            reply = send(trial, _batch(ours, metric, number, day))
            reply.expect_status(200)
            reply.expect(not reply.content.strip(), "an empty body")
            counts(ours, metric, ours.day(day), number, f"a batch of {number}")
        refused(send(trial, []), 400)
        refused(send(trial, _batch(ours, metric, 101, 3)), 400)
        counts(ours, metric, ours.day(3), None, "nothing of a batch of 101")
        send(trial, _batch(ours, metric, 101, 3)[:1]).expect_status(200)
        counts(ours, metric, ours.day(3), 1, "one that was in a batch of 101, and came again")


def _batch(ours: Account, metric: Metric, number: int, day: int) -> list[Json]:
    at = ours.noon(day)
    return [
        ours.event(metric, "1", f"{number}-{each}", at + timedelta(seconds=each))
        for each in range(number)
    ]


@proves("METRONOME-19", calls=2 * _FRAME + 18)
def an_event_counts_once_and_the_first_one_wins(trial: Trial) -> None:
    metric = counting(trial)
    once, twice = ("1", "5") if metric.counts else ("1", "1")
    with account(trial) as ours:
        first = ours.event(metric, once, "first", ours.noon(5))
        taken(trial, first)
        for again in (first, ours.event(metric, twice, "first", ours.noon(5) + HOUR)):
            send(trial, [again]).expect_status(200)
        # On another day, and after another that is new.
        other = ours.event(metric, "1", "other", ours.noon(3))
        send(trial, [other, ours.event(metric, twice, "first", ours.noon(3))]).expect_status(200)
        counts(ours, metric, ours.day(5), 1, "a transaction_id that came again")
        counts(ours, metric, ours.day(3), 1, "beside it, one that is new")
        same = [ours.event(metric, amount, "same", ours.noon(2)) for amount in (once, twice)]
        send(trial, same).expect_status(200)
        counts(ours, metric, ours.day(2), 1, "a transaction_id that is twice in a batch")
        for of_another in [each for each in metrics(trial, *SUMMING) if each.event != metric.event][
            :1
        ]:
            event = ours.event(of_another, "1", "first", ours.noon(5))
            send(trial, [event]).expect_status(200)
            counts(ours, of_another, ours.day(5), None, "a transaction_id of another event_type's")
        with account(trial) as theirs:
            send(trial, [{**first, "customer_id": theirs.id}]).expect_status(200)
            counts(theirs, metric, theirs.day(5), None, "a transaction_id of another customer's")


@proves("METRONOME-20", calls=_FRAME + 2 * 10 + 2, examples=2)
def one_bad_event_fails_the_whole_batch(trial: Trial) -> None:
    place = trial.draw.integer(0, 2)
    metric = counting(trial)
    with account(trial) as ours:
        sound = ours.event(metric, "1", "bad", ours.noon(4))
        lacking = [{k: v for k, v in sound.items() if k != name} for name in _REQUIRED]
        wrong = [*lacking, *({**sound, **each} for each in _ILL_FORMED)]
        good: list[Json] = []
        for day, bad in enumerate(wrong, 2):
            good = [ours.event(metric, "1", f"good-{day}-{n}", ours.noon(day)) for n in range(2)]
            reply = send(trial, [*good[:place], bad, *good[place:]])
            if reply.succeeded and bad.get("timestamp") == _FAR_AHEAD["timestamp"]:
                return  # is METRONOME-21's to tell
            reply.expect_status(400, basis=Basis.ASSUMED)
            _comes_to(ours, metric, day, None, "nothing of a batch with a bad event")
        taken(trial, *good)
        told = "of events that came with a bad one, and again without it"
        _comes_to(ours, metric, len(wrong) + 1, 2, told)


def _comes_to(ours: Account, metric: Metric, day: int, expected: Json, told: str) -> None:
    row, reply = last_row(ours, metric, ours.day(day), expected)
    found = row.get("value")
    told = f"{told}: {a_value(expected)}"
    reply.expect(fits(found, expected), told, a_value(found), basis=Basis.ASSUMED)


@proves("METRONOME-21", calls=_FRAME + 14)
def events_are_neither_far_ahead_nor_long_ago(trial: Trial) -> None:
    metric = counting(trial)
    with account(trial) as ours:
        ahead = [24 * HOUR + timedelta(minutes=10), 3 * DAY, 400 * DAY]
        for number, far in enumerate(ahead):
            refused(send(trial, [ours.event(metric, "1", f"ahead-{number}", ours.now + far)]), 400)
        near = ours.event(metric, "1", "near", ours.now + 24 * HOUR - timedelta(minutes=10))
        send(trial, [near]).expect_status(200)
        kept, lost = ours.now - 34 * DAY + HOUR, ours.now - 34 * DAY - HOUR
        send(trial, [ours.event(metric, "1", "kept", kept)]).expect_status(200)
        old = [ours.event(metric, "1", "lost", lost), ours.event(metric, "1", "40", ours.noon(40))]
        send(trial, old).expect_status(200, basis=Basis.ASSUMED)
        whole = Span(ours.day(45).start, ours.day(30).end)
        row, reply = last_row(ours, metric, whole, 1)
        told = "of an event before the last 34 days, and one of them, a value of 1"
        reply.expect(row.get("value") == 1, told, f"{row.get('value')}", basis=Basis.ASSUMED)


@proves("METRONOME-23", calls=_FRAME + 5 * 2)
def sums_are_exact(trial: Trial) -> None:
    metric = summing(trial)
    with account(trial) as ours:
        batches: list[tuple[Sequence[Json], str]] = [
            (["0.1"] * 10, "0.1 ten times"),
            (["0.1", "0.2", "1000000.000001"], "0.1 + 0.2 + 1000000.000001"),
            ([Decimal("0.1")] * 10, "0.1 ten times, as a number"),
            (["0.1", "0.000000000003"], "0.1 + 0.000000000003"),
            (["5.5", "-7.75"], "5.5 - 7.75"),
        ]
        for day, (parts, told) in enumerate(batches, 2):
            events = [
                ours.event(metric, each, f"{day}-{number}", ours.noon(day))
                for number, each in enumerate(parts)
            ]
            taken(trial, *events)
            whole = sum(map(Decimal, parts), Decimal(0)).normalize()
            counts(ours, metric, ours.day(day), whole, told)


@proves("METRONOME-24", calls=_FRAME + 3 * 4)
def what_does_not_sum_is_computed_per_window(trial: Trial) -> None:
    expected: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
        # What is sent, two of it on each of two days; the values of the days, and of both.
        "MAX": (("9", "10", "4", "3"), (10, 4, 10)),
        "LATEST": (("2", "7", "1", "5"), (7, 5, 5)),
        "UNIQUE": (("a", "b", "b", "c"), (2, 2, 3)),
    }
    found = {each.kind: each for each in reversed(metrics(trial, *expected))}
    require(found, "a billable metric of kind MAX, LATEST or UNIQUE in the list of them")
    with account(trial) as ours:
        for place, (kind, metric) in enumerate(found.items()):
            sent, values = expected[kind]
            # Days of its own: two metrics may be of the same events.
            first, second = 11 - 3 * place, 10 - 3 * place
            times = [ours.noon(day) + hour for day in (first, second) for hour in (0 * HOUR, HOUR)]
            events = [
                ours.event(metric, amount, f"{kind}-{number}", at)
                for number, (amount, at) in enumerate(zip(sent, times, strict=True))
            ]
            # Neither the first nor the last of them: what is latest is told by its time.
            taken(trial, *(events[number] for number in (1, 3, 0, 2)))
            days = ours.day(first), ours.day(second)
            both = Span(days[0].start, days[1].end)
            for span, value in zip((*days, both), values, strict=True):
                row, reply = last_row(ours, metric, span, value)
                told = f"{kind} of {', '.join(sent)} from {to_seconds(span.start)} to be {value}"
                reply.expect(row.get("value") == value, told, f"{row.get('value')}")


@proves("METRONOME-10", calls=_FRAME + 16, examples=2)
def usage_recorded_during_a_walk_disturbs_no_row(trial: Trial) -> None:
    first = trial.draw.integer(0, 1)
    known = metrics(trial, *KINDS)
    require(known, "a billable metric in the list of them")
    two = sorted({each.id: each for each in known[:2]}.values(), key=lambda each: each.id)
    begun, other = (two[0], two[-1]) if first else (two[-1], two[0])
    with account(trial) as ours:
        span = Span(ours.day(14).start, ours.day(0).end)
        taken(trial, *(ours.event(begun, "1", f"begun-{n}", ours.noon(n)) for n in (12, 7, 1)))
        shows(ours, begun, ours.day(1))
        body = query(span, "hour", [ours.id], [each.id for each in two])
        before = pages(trial, body, _MOST_PAGES)
        require(len(before) > 1, "more rows than one page holds")
        during = [ask(trial, body)]
        taken(trial, *(ours.event(other, "1", f"other-{n}", ours.noon(n)) for n in (13, 6)))
        shows(ours, other, ours.day(6))
        while (cursor := following(during[-1])) and len(during) < _MOST_PAGES:
            during.append(ask(trial, body, cursor))
            during[-1].expect_status(200, basis=Basis.ASSUMED)
        each_once(during, basis=Basis.ASSUMED)
        same_rows(before, during, basis=Basis.ASSUMED)
