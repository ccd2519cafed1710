"""A rule of deliberate trouble: which calls it befalls, and of what kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from metersim.billing.instants import parse_date_or_instant, parse_duration, to_exact
from metersim.billing.quantity import ONE, exact
from metersim.contract.operation import Operation
from metersim.errors import ControlError, cut, nearest
from metersim.reading import Json
from metersim.simulation.call import Request
from metersim.simulation.delays import Chance
from metersim.simulation.effects import Effect, Refusal, read_effect
from metersim.simulation.exchange import Body, Received
from metersim.simulation.matching import Pattern
from metersim.simulation.vendor import Vendor


@dataclass(frozen=True, slots=True)
class FaultRule:
    """Trouble, and the calls it befalls: of these operations, by vendor and id, and this pattern.

    Of the calls that match, the first ``after`` go by, each further one is hit with the
    ``probability``, and at most so many ``times``; from ``until`` on none matches. ``data`` is the
    rule as it is written.
    """

    id: str
    data: Mapping[str, Json]
    operations: frozenset[tuple[str, str]]
    effect: Effect
    pattern: Pattern | None = None
    after: int = 0
    times: int | None = None
    probability: Decimal = ONE
    until: datetime | None = None

    def matches(self, vendor: str, operation: Operation, request: Request, now: datetime) -> bool:
        """Whether a call is one of those meant; ControlError when that takes too long to say."""
        return (
            (vendor, operation.id) in self.operations
            and not self.expired(now)
            and (self.pattern is None or self.pattern.matches(_received(vendor, request)))
        )

    def expired(self, now: datetime) -> bool:
        """Whether its time is over; it is no longer if the clock is set back."""
        return self.until is not None and now >= self.until


class Tally:
    """A rule, how many calls it matched, and how many of them it hit."""

    def __init__(self, rule: FaultRule) -> None:
        self.rule = rule
        self.matched = 0
        self.hits = 0

    @property
    def spent(self) -> bool:
        """Whether it hit as often as it may."""
        return self.rule.times is not None and self.hits >= self.rule.times

    def due(self, chance: Chance) -> bool:
        """Whether the call that was just matched is one to hit."""
        if self.spent or self.matched <= self.rule.after:
            return False
        return chance("hit") < Fraction(self.rule.probability)


def read_rule(
    data: Mapping[str, Json], id: str, vendors: Mapping[str, Vendor], now: datetime
) -> FaultRule:
    """The rule that valid data means; ControlError for one that could never strike.

    One whose time is over could: the clock may be set back.
    """
    effect = read_effect(data)
    until = _until(data, now)
    written = {key: value for key, value in data.items() if key not in ("id", "for", "until")}
    if until is not None:
        written["until"] = to_exact(until)
    return FaultRule(
        id=id,
        data=written,
        operations=_operations(data, effect, vendors),
        effect=effect,
        pattern=Pattern(data["request"]) if "request" in data else None,
        after=int(data.get("after", 0)),
        times=int(data["times"]) if "times" in data else None,
        probability=exact(data.get("probability", ONE)),
        until=until,
    )


def _until(data: Mapping[str, Json], now: datetime) -> datetime | None:
    if "for" in data:
        try:
            return now + parse_duration(data["for"])
        except OverflowError:
            raise ControlError("for: that lies beyond the calendar") from None
    return parse_date_or_instant(data["until"]) if "until" in data else None


def _operations(
    data: Mapping[str, Json], effect: Effect, vendors: Mapping[str, Vendor]
) -> frozenset[tuple[str, str]]:
    """Those meant; of a problem, those that the contract lets answer so."""
    vendor, operation = data.get("vendor"), data.get("operation")
    if vendor is not None and vendor not in vendors:
        raise ControlError(f"no vendor {cut(vendor)!r}; {nearest(vendor, vendors)}")
    named = [vendors[vendor]] if vendor is not None else list(vendors.values())
    candidates = [(each, op) for each in named for op in each.contract.operations.values()]
    meant = [(each, op) for each, op in candidates if operation in (None, op.id)]
    if not meant:
        told = nearest(str(operation), (op.id for _, op in candidates))
        raise ControlError(f"no operation {cut(str(operation))!r}; {told}")
    objections = {
        (each.name, op.id): effect.objection(each, op) if isinstance(effect, Refusal) else None
        for each, op in meant
    }
    able = frozenset(key for key, objection in objections.items() if objection is None)
    if not able:
        (name, first), objection = next(iter(objections.items()))
        raise ControlError(f"problem: {name} {first}: {objection}")
    return able


def _received(vendor: str, request: Request) -> Received:
    """The request as the journal would keep it but for the secrets: a pattern may ask for them."""
    url = request.path + (f"?{request.query}" if request.query else "")
    content = request.body
    return Received(
        method=request.method,
        url=f"/{vendor}{url}",
        absolute_url=request.base_url + url,
        headers=request.headers,
        body=Body(size=None, cut=True) if content is None else Body(content, len(content)),
        client=request.client,
    )
