"""Holds one session to the laws of the world, whatever has happened in it, and leaves no trace.

Vendors are asked as their callers ask them, by the same pipeline, without limits, faults and
journal. No vendor is known here: each says in its ``view`` what its replies mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from metersim.billing.facts import Axis, Selection
from metersim.billing.instants import TICK, Span, shift, to_exact, to_seconds
from metersim.billing.plans import billing_period
from metersim.billing.quantity import ZERO, total
from metersim.errors import DefectError
from metersim.reading import Json
from metersim.simulation.call import Reply, Request
from metersim.simulation.pipeline import answer
from metersim.simulation.reckoning import Reckoning
from metersim.simulation.rules import WORLD_RULES
from metersim.simulation.sampling import sample_of
from metersim.simulation.sessions import Session
from metersim.simulation.vendor import Vendor
from metersim.simulation.verdict import Verdict
from metersim.simulation.view import Sample, Shown, Sum, Viewer
from metersim.world.changes import (
    Change,
    ClockSet,
    MetricsEndpointSwitched,
    PaymentMethodAssigned,
    UsageRecorded,
)
from metersim.world.world import World

# Worlds are compared by what they answer about so many.
_COMPARED = 2
_MONTH = timedelta(days=31)
# Stands for the id of a call that nobody made.
_SOME_CALL = "00000000-0000-4000-8000-000000000000"

_BEYOND = {
    "WORLD-01": "what no reply tells as usage of one meter; months but this one and the next",
    "WORLD-02": "another machine and another process; here the changes are lived again in this one",
    "WORLD-03": "what this session did to others that share nothing with it",
    "WORLD-04": "how long a reset takes",
    "WORLD-05": "that what is to come does come, and what was recorded stays; a clock that moves "
    "with the machine's time",
    "WORLD-06": "months but this one and the next",
}


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at: a world, how it came about, what of it, and through whom."""

    world: World
    history: Sequence[Change]
    sample: Sample
    vendors: Mapping[str, Vendor]

    @property
    def touched(self) -> list[str]:
        """Projects that can be otherwise than they opened, and those of the sample."""
        switched = (MetricsEndpointSwitched, PaymentMethodAssigned)
        changed = (each.project for each in self.history if isinstance(each, switched))
        return list(dict.fromkeys([*changed, *(each.key for each in self.sample.projects)]))


def invariants(session: Session, others: Iterable[Session], vendors: Mapping[str, Vendor]) -> Json:
    """The laws one by one: whether each holds, how much was checked, and what was found."""
    before = _marks(session)
    world = session.world
    sample = sample_of(world)
    look = _Look(world, world.history, sample, vendors)
    verdicts = {rule.id: Verdict(rule, _BEYOND[rule.id]) for rule in WORLD_RULES}
    _hold_views(look, verdicts)
    _hold_repetition(look, verdicts["WORLD-02"])
    _hold_separation(session, others, verdicts["WORLD-03"])
    _hold_reset(session, look, verdicts["WORLD-04"])
    _hold_time(look, verdicts["WORLD-05"])
    for name, mark in _marks(session).items():
        verdicts["WORLD-03"].expect(f"{name}, after this check", mark, before[name])
    opening = world.opening
    return {
        "hold": all(each.holds for each in verdicts.values()),
        "sample": {
            "customers": {"checked": len(sample.customers), "of": len(world.customers)},
            "projects": {"checked": len(sample.projects), "of": len(opening.projects)},
            "meters": {"checked": len(sample.meters), "of": len(opening.meters)},
        },
        "invariants": [each.data for each in verdicts.values()],
    }


def _seen(
    world: World, sample: Sample, vendor: Vendor, breached: Verdict
) -> tuple[list[Shown | Sum], list[tuple[str, bytes]]]:
    """What a vendor says of a world, and its replies; what it cannot say is a breach."""

    def send(request: Request, admitting: World) -> Reply:
        return answer(vendor, request, admitting, _SOME_CALL)

    viewer = Viewer(world, sample, send)
    said: list[Shown | Sum] = []
    try:
        for each in vendor.view(viewer) if vendor.view else ():
            said.append(each)
    except (DefectError, LookupError, TypeError, ValueError) as error:
        breached.breach(vendor.name, repr(error), "replies that tell what was used")
    return said, viewer.transcript


def _hold_views(look: _Look, verdicts: Mapping[str, Verdict]) -> None:
    """What vendors say, against what was recorded; what lies ahead; parts, against wholes."""
    world, same = look.world, verdicts["WORLD-01"]
    reckoning = Reckoning(world, look.history)
    for vendor in look.vendors.values():
        for said in _seen(world, look.sample, vendor, same)[0]:
            if isinstance(said, Sum):
                where = f"{vendor.name}: {said.what}"
                verdicts["WORLD-06"].expect(where, total(said.parts), said.whole)
            else:
                where = f"{vendor.name}: {_what(said)}"
                same.expect(where, said.quantity, reckoning.quantity(said))
                if said.span.start > world.now:
                    verdicts["WORLD-05"].expect(where, said.quantity, ZERO)


def _what(shown: Shown) -> str:
    whose = shown.selection.customer or f"project {shown.selection.project}"
    return f"{shown.meter.key} of {whose} from {to_seconds(shown.span.start)}"


def _hold_repetition(look: _Look, verdict: Verdict) -> None:
    """The changes, lived again in another world, lead to the same state and the same bytes."""
    _compare(look, look.world, look.world.fork(look.history), verdict, "changes lived again")


def _hold_reset(session: Session, look: _Look, verdict: Verdict) -> None:
    """A world that is reset after all this is one that was only just opened."""
    world = look.world
    verdict.expect("opening", world.opening is session.terms.opening, True)
    fresh, used = world.fork([]), world.fork(look.history)
    used.reset()
    if world.opening.real_time:
        for each in (fresh, used):  # opened one after the other, at two times of day
            each.apply(ClockSet(world.now))
    _compare(look, used, fresh, verdict, "after a reset")


def _compare(look: _Look, found: World, expected: World, verdict: Verdict, when: str) -> None:
    there = dict(_state(expected, look))
    for name, value in _state(found, look):
        verdict.expect(f"{name}, {when}", value, there[name])
    # Not whom is looked at here: the other world need not have come to know them.
    known = sample_of(expected)
    sample = replace(
        known,
        customers=known.customers[:_COMPARED],
        projects=known.projects[:_COMPARED],
        months=known.months[:1],
    )
    for vendor in look.vendors.values():
        replies = [_seen(each, sample, vendor, verdict)[1] for each in (found, expected)]
        verdict.expect(f"{vendor.name}: number of replies, {when}", *map(len, replies))
        for (asked, reply), (_, other) in zip(*replies, strict=False):
            verdict.expect(f"{vendor.name}: {asked}, {when}", reply, other)


def _state(world: World, look: _Look) -> Iterator[tuple[str, object]]:
    """All that changes can alter, by name."""
    opening = world.opening
    yield "now", world.now
    yield "usage recorded", world.recorded
    yield "meters", world.meters()
    for customer in look.sample.customers:
        yield f"customer {customer.key}", world.customers.get(customer.key)
    for method in opening.payment_methods.values():
        yield f"terms of {method.key} accepted", world.terms_accepted(method)
    for key in look.touched:
        project = opening.projects[key]
        yield f"payment methods of {key}", world.assignments(project)
        yield f"metrics endpoint of {key}", world.metrics_access(project)


def _hold_separation(session: Session, others: Iterable[Session], verdict: Verdict) -> None:
    """Nothing that can change is shared; nothing is lost, counted twice, or of anyone else."""
    owners = {id(part): name for name, part in _parts(session)}
    for other in others:
        if other is not session:
            shared = [owners[id(part)] for _, part in _parts(other) if id(part) in owners]
            verdict.expect(f"shared with session {other.name}", shared, [])
    events = session.world.recorded
    changes = [each for each in session.world.changes if isinstance(each, UsageRecorded)]
    verdict.expect("recorded events, one for each change", len(events), len(changes))
    verdict.expect("ids of recorded events", len({each.id for each in events}), len(events))
    journal = session.journal
    strangers = [entry.id for entry in journal if entry.session != session.name]
    verdict.expect("journal: calls of other sessions", strangers, [])
    accounted = len(journal) + journal.dropped + journal.removed
    verdict.expect("journal: kept, dropped and removed", accounted, journal.recorded)
    numbers = [entry.number for entry in journal]
    verdict.expect("journal: numbers", numbers, sorted(set(numbers)))


def _parts(session: Session) -> Iterator[tuple[str, object]]:
    yield "world", session.world
    yield "changes", session.world.changes
    yield "journal", session.journal
    yield "faults", session.faults
    yield "snapshots", session.snapshots


def _marks(session: Session) -> dict[str, object]:
    """What moves with every call and every change."""
    return {
        "clock": session.world.now,
        "changes": list(session.world.changes),
        "number of calls": session.past.calls,
        "journal": session.journal.recorded,
        "faults": [(each.rule.id, each.matched, each.hits) for each in session.faults],
        "snapshots": [name for name, _ in session.snapshots],
    }


def _hold_time(look: _Look, verdict: Verdict) -> None:
    """The clock is where it was set; nothing is ahead; what was, stays as the clock moves on."""
    world, opening = look.world, look.world.opening
    if not (world.rate or opening.real_time):
        set_to = [each.now for each in world.changes if isinstance(each, ClockSet)]
        verdict.expect("clock", to_exact(world.now), to_exact([opening.now, *set_to][-1]))
    ahead = Span(shift(world.now, TICK))
    here = world.fork([ClockSet(world.now)])
    later = world.fork([ClockSet(shift(world.now, _MONTH))])
    visible = shift(shift(world.now, -opening.visible_after), TICK)
    month = billing_period(world.now)
    for customer in look.sample.customers:
        until_now = Selection(customer=customer.key, until=(visible, 0))
        for meter in look.sample.meters:
            what = f"{meter.key} of {customer.key}"
            for axis in Axis:
                usage = world.usage(meter, Selection(customer=customer.key), axis=axis)
                verdict.expect(f"{what} {axis} after now", usage.over(ahead), None)
            was, stays = (each.usage(meter, until_now).over(month) for each in (here, later))
            verdict.expect(f"{what} up to now, seen a month on", stays, was)
