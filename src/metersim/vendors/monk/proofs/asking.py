"""How the proofs ask what usage costs, and send usage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from metersim.billing.instants import Granularity, Span, floor, parse_instant, to_seconds
from metersim.billing.quantity import exact
from metersim.contract.exchange import Broken, Exchange, agree, nearly, require
from metersim.contract.trial import Trial
from metersim.reading import Json

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
# Of no customer, of no event, and of no property.
UNKNOWN_ID = "00000000-0000-4000-8000-6d6574657273"
UNKNOWN = "metersim-check"
# Where the question is not what was used.
_ANY = Span(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC))
# So far back the search for usage goes.
_REACHES = (30, 365, 3_650)
# So many calls it takes at most.
FINDING = 1 + len(_REACHES)


def who(trial: Trial) -> dict[str, str]:
    """The customer, by the one id or by the other."""
    external = trial.get("external_customer_id")
    if external is not None and trial.get("customer_id") is None:
        return {"externalCustomerId": external}
    return {"customerId": trial.value("customer_id")}


def known_span(trial: Trial) -> Span:
    """The span that holds usage, to the second; any other where none is known."""
    if trial.get("since") is None or trial.get("until") is None:
        return _ANY
    span = trial.span
    return Span(span.start.replace(microsecond=0), span.end.replace(microsecond=0))


def between(span: Span) -> dict[str, str]:
    """The span as it is asked for."""
    return {"startDate": to_seconds(span.start), "endDate": to_seconds(span.end)}


def question(trial: Trial, span: Span | None = None, **more: Json) -> dict[str, Json]:
    """A body that nothing is wrong with: the customer, the span, and more."""
    # An empty span is one too.
    return {**who(trial), **between(known_span(trial) if span is None else span), **more}


def cost(trial: Trial, span: Span | None = None, **more: Json) -> Exchange:
    """What usage costs."""
    return trial.call("getUsageCost", question(trial, span, **more))


def amount(reply: Exchange) -> Decimal:
    """The total of a success."""
    return exact(reply.done["totalAmount"])


def total(trial: Trial, span: Span | None = None, **more: Json) -> Decimal:
    """The amount alone."""
    return amount(cost(trial, span, **more))


def same(what: str, expected: Decimal, reply: Exchange, *others: Exchange) -> None:
    """Broken unless the reply's total is the expected, to a server that counts in doubles."""
    if not nearly(amount(reply), expected):
        agree(what, amount(reply), expected, *others, reply)


def at_most(trial: Trial, part: dict[str, Json], whole: Exchange, one: Exchange) -> None:
    """Broken where a part of the usage costs more than the whole, in ``part``'s words.

    Unproven where what is left out costs less than nothing: a correction makes a whole the less.
    """
    over, less, span = amount(one), amount(whole), known_span(trial)
    told = f"a total of at most {less}, as of all of the customer's usage"
    while not nearly(over, less) and over > less:
        require(less >= 0, "a span without usage that costs less than nothing")
        if span.end - span.start <= SECOND:
            raise Broken(told, str(amount(one)), [whole, one], None)
        middle = span.start + (span.end - span.start) // SECOND // 2 * SECOND
        half = Span(span.start, middle)
        first, of_all = total(trial, half, **part), total(trial, half)
        # The half in which the part is the more; what the other costs is the rest of both.
        if first > of_all:
            over, less, span = first, of_all, half
        else:
            over, less, span = over - first, less - of_all, Span(middle, span.end)


def error(reply: Exchange) -> Mapping[str, Json]:
    """What a refusal says went wrong; nothing where it does not say it in Monk's form."""
    is_json = reply.media_type == "application/json"
    found = reply.json.get("error") if is_json and isinstance(reply.json, dict) else None
    return found if isinstance(found, dict) else {}


def filler(trial: Trial, key: str, **more: Json) -> dict[str, Json]:
    """An event of the customer that no meter measures, under a key of its own."""
    return {**who(trial), "eventName": UNKNOWN, "idempotencyKey": f"{UNKNOWN} {key}", **more}


@dataclass(frozen=True)
class Mark:
    """A property that the events of one proof have and no others: what they cost is seen alone.

    ``text`` differs from run to run, wherever a clock runs.
    """

    trial: Trial
    text: str

    def event(self, key: str, at: datetime, quantity: int) -> dict[str, Json]:
        """A marked event, which costs something if its meter adds up quantities."""
        return {
            **who(self.trial),
            "eventName": self.trial.value("event_name"),
            "idempotencyKey": f"{UNKNOWN} {self.text} {key}",
            "timestamp": to_seconds(at),
            "properties": {"quantity": quantity, UNKNOWN: self.text},
        }

    def cost(self, span: Span) -> Exchange:
        """What marked events cost."""
        names = [self.trial.value("event_name")]
        filters = [{"key": UNKNOWN, "value": self.text}]
        return cost(self.trial, span, eventNames=names, propertyFilters=filters)

    def shown(self, span: Span) -> Exchange:
        """What they cost once that is anything; where it never is, nothing."""
        return self.trial.shown(lambda: self.cost(span), lambda reply: bool(amount(reply)))


def send(trial: Trial, sent: Json) -> Exchange:
    """Send one event. Which status says that it was taken is not published."""
    return trial.send("POST", "/v1/events", sent)


def send_all(trial: Trial, sent: list[Json]) -> Exchange:
    """Send a batch of events."""
    return trial.send("POST", "/v1/events/batch", {"events": sent})


def discover(trial: Trial) -> Mapping[str, str]:
    """The shortest of some spans, up to the target's today, in which the customer used anything."""
    reply = cost(trial, _ANY)
    # Where nothing used is no success, the machine's today has to do.
    queried = parse_instant(reply.done["queriedAt"]) if reply.succeeded else reply.at
    until = floor(queried or _ANY.end, Granularity.DAY)
    for days in _REACHES:
        span = Span(until - days * DAY, until)
        found = cost(trial, span)
        if found.succeeded and amount(found):
            return {"since": to_seconds(span.start), "until": to_seconds(span.end)}
    return {}
