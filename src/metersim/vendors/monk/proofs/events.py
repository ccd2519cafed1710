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
# So often is asked again before what was sent is held to be lost.
_LOOKS = 4
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
    for _ in range(_LOOKS - 1):
        reply = mark.cost(span)
        if not nearly(amount(reply), amount(before)):
            return reply
    return mark.cost(span)


@proves("MONK-20", calls=21, needs=("event_name",))
def an_event_counts_once_with_its_newest_values(trial: Trial) -> None:
    at, span, run = _yesterday(trial)
    mark = Mark(trial, f"20 {run}")

    def sent(key: str, quantity: int) -> None:
        _taken(send(trial, mark.event(key, at, quantity)))

    sent("a", 1_000)
    one = mark.cost(span)
    require(amount(one), _COUNTED)
    sent("a", 1_000)
    again = mark.cost(span)
    sent("b", 2_000)
    three = _moved(mark, span, again)
    sent("a", 2_000)
    four = _moved(mark, span, three)
    sent("b", 1_000)
    newest = _moved(mark, span, four)
    for key in ("a", "b"):
        sent(key, 0)
    same("with the same event again, the total", amount(one), again, one)
    more = amount(three) - amount(one)
    require(more and not nearly(more, amount(one)), _COUNTED)
    changed = not nearly(amount(four), amount(three))
    four.expect(changed, f"another total than {amount(three)} once an event is more", amount(four))
    same("once one is as much more as the other is less, the total", amount(three), newest, three)


@proves("MONK-21", calls=6, needs=("event_name",))
def so_many_events_are_a_batch_and_no_more(trial: Trial) -> None:
    at, span, run = _yesterday(trial)
    mark = Mark(trial, f"21 {run}")
    counted = mark.event("", at, 1_000)
    fill = [filler(trial, f"21 {number}") for number in range(_MOST)]
    refused = send_all(trial, [counted, *fill])
    after = mark.cost(span)
    taken = send_all(trial, [counted, *fill[1:]])
    whole = mark.cost(span)
    if refused.succeeded or taken.succeeded:
        send(trial, mark.event("", at, 0))
    elsewhere = taken.status in (401, 403, 404, 405)
    require(not elsewhere, f"events to be taken at the same address: {taken}")
    taken.expect(taken.succeeded, f"a batch of {_MOST:,} events to be taken")
    agree("the count", taken.json.get("count"), _MOST, taken)
    refused.expect_status(400)
    require(amount(whole), _COUNTED)
    same("with a batch that was refused, the total", Decimal(0), after, refused)


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
