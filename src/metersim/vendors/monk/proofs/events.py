"""Usage as it is sent, and how it counts then."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from metersim.billing.instants import Span, parse_instant, to_seconds
from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.monk.proofs.asking import (
    Mark,
    amount,
    cost,
    filler,
    same,
    send,
    send_all,
)

_MOST = 10_000
_AHEAD = _HOUR = timedelta(hours=1)
_MARGIN = timedelta(minutes=5)
_COUNTED = "an event_name whose meter adds up the property quantity, and charges at once for each"


def _yesterday(trial: Trial) -> tuple[datetime, Span, str]:
    """An instant of late, which is taken; two hours around it; and when that was said."""
    told: str = cost(trial).done["queriedAt"]
    at = parse_instant(told).replace(microsecond=0) - timedelta(days=1)
    return at, Span(at - _HOUR, at + _HOUR), told


def _taken(reply: Exchange) -> None:
    """Unproven where events go elsewhere, or where they are refused for another rule's sake."""
    require(reply.succeeded, f"events to be taken at the same address: {reply}")


def _moved(mark: Mark, span: Span, before: Exchange) -> Exchange:
    """What usage costs once it costs something else, or still."""
    return mark.trial.shown(
        lambda: mark.cost(span), lambda reply: not nearly(amount(reply), amount(before))
    )


def _unmoved(mark: Mark, span: Span, before: Exchange) -> Exchange:
    """What usage costs while it costs the same, or then."""
    return mark.trial.shown(
        lambda: mark.cost(span), lambda reply: nearly(amount(reply), amount(before))
    )


def _counted(mark: Mark, span: Span) -> Exchange:
    """What usage costs once it costs anything; Unproven where it does not."""
    reply = mark.shown(span)
    require(amount(reply), f"{_COUNTED}, and usage {mark.trial.in_time}")
    return reply


@proves("MONK-20", calls=19, needs=("event_name",))
def an_event_counts_once_with_its_newest_values(trial: Trial) -> None:
    at, span, run = _yesterday(trial)
    mark = Mark(trial, f"20 {run}")
    keys: set[str] = set()

    def sent(key: str, quantity: int, **more: Json) -> None:
        known = key in keys
        keys.add(key)
        reply = send(trial, {**mark.event(key, at, quantity), **more})
        elsewhere = reply.status in (401, 403, 404, 405)
        told = "an event to be taken under a key that came before"
        reply.expect(reply.succeeded or elsewhere or not known, told)
        _taken(reply)

    try:
        sent("a", 1_000)
        one = _counted(mark, span)
        sent("a", 1_000)
        again = _unmoved(mark, span, one)
        sent("b", 2_000)
        three = _moved(mark, span, again)
        sent("a", 2_000)
        four = _moved(mark, span, three)
        sent("b", 1_000)
        newest = _moved(mark, span, four)
        sent("a", 2_000, timestamp=to_seconds(at - 3 * _HOUR))
        left = _moved(mark, span, newest)
        batch = send_all(trial, [mark.event("b", at, 1_000)])
        batched = _unmoved(mark, span, left)
        sent("b", 1_000, properties={"quantity": 1_000})
        none = mark.trial.shown(lambda: mark.cost(span), lambda reply: not amount(reply))
        same("with the same event again, the total", amount(one), again, one)
        more = amount(three) - amount(one)
        require(more and not nearly(more, amount(one)), _COUNTED)
        changed = not nearly(amount(four), amount(three))
        four.expect(
            changed, f"another total than {amount(three)} once an event is more", amount(four)
        )
        same(
            "once one is as much more as the other is less, the total", amount(three), newest, three
        )
        told = f"another total than {amount(newest)} once an event is of three hours before"
        left.expect(not nearly(amount(left), amount(newest)), told, amount(left))
        if batch.succeeded:
            same("with the same event again in a batch, the total", amount(left), batched, left)
        same("once the events are of other times and properties, the total", Decimal(0), none, left)
    finally:
        for key in sorted(keys):
            send(trial, mark.event(key, at, 0))


@proves("MONK-21", calls=7, needs=("event_name",))
def so_many_events_are_a_batch_and_no_more(trial: Trial) -> None:
    at, span, run = _yesterday(trial)
    mark = Mark(trial, f"21 {run}")
    fill = [filler(trial, f"21 {number}") for number in range(_MOST)]
    # The one too large goes first: what came after it has shown before it is looked for.
    earlier = at - 3 * _HOUR
    refused = send_all(trial, [mark.event("more", earlier, 1_000), *fill])
    taken = send_all(trial, [mark.event("most", at, 1_000), *fill[1:]])
    try:
        elsewhere = taken.status in (401, 403, 404, 405)
        require(not elsewhere, f"events to be taken at the same address: {taken}")
        taken.expect(taken.succeeded, f"a batch of {_MOST:,} events to be taken")
        agree("the count", taken.json.get("count"), _MOST, taken)
        refused.expect_status(400)
        _counted(mark, span)
        after = mark.cost(Span(earlier - _HOUR, earlier + _HOUR))
        same("of a batch that was refused, the total", Decimal(0), after, refused)
    finally:
        for key, when, reply in (("more", earlier, refused), ("most", at, taken)):
            if reply.succeeded:
                send(trial, mark.event(key, when, 0))


@proves("MONK-22", calls=9)
def an_event_happens_at_most_an_hour_ahead(trial: Trial) -> None:
    now = parse_instant(cost(trial).done["queriedAt"])
    batches = False
    aheads = (timedelta(0), _AHEAD - _MARGIN, _AHEAD + _MARGIN, timedelta(days=1))
    for number, ahead in enumerate(aheads):
        timestamp = to_seconds(now + ahead)
        # What no meter measures costs nothing, whether it is taken or not.
        sent: Json = filler(trial, f"22 {number}", timestamp=timestamp)
        reply, batch = send(trial, sent), send_all(trial, [sent])
        if not ahead:
            _taken(reply)
            batches = batch.succeeded
        elif ahead < _AHEAD:
            told = "an event less than an hour ahead to be taken, as is one of now"
            reply.expect(reply.succeeded, told)
            batch.expect(batch.succeeded or not batches, told)
        else:
            reply.expect_status(400)
            batch.expect(batch.status == 400 or not batches, "status 400")
