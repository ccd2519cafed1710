"""Which of the customer's usage is priced: by events, and by their properties."""

from __future__ import annotations

from decimal import Decimal

from metersim.contract.exchange import Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.monk.proofs.asking import UNKNOWN, amount, at_most, cost, known_span, same

_SPAN = ("since", "until")
# To find out why a part costs more than the whole, where it does.
_HALVES = 60
_MOST_NAMES, _MOST_FILTERS = 50, 20
_OF_EVENT = "usage of event_name that costs something between since and until"


def _of(trial: Trial, *names: str) -> Exchange:
    """What usage by these events costs."""
    return cost(trial, known_span(trial), eventNames=list(names))


@proves("MONK-09", calls=8 + _HALVES, needs=("event_name", *_SPAN))
def event_names_select_meters(trial: Trial) -> None:
    name = trial.value("event_name")
    one = _of(trial, name)
    require(amount(one) > 0, _OF_EVENT)
    names = [name]
    if other := trial.get("other_event_name"):
        names.append(other)
        one = _of(trial, *names)
    whole = cost(trial, known_span(trial))
    at_most(trial, {"eventNames": names}, whole, one)
    if inactive := trial.get("inactive_event_name"):
        same(f"of {inactive}, which is not active, the total", Decimal(0), _of(trial, inactive))
    # A name is all of a name: what is like it, or holds it, is another.
    alike = {name.swapcase(), f"{name} {UNKNOWN}", name[1:-1]} - {"", name}
    for unknown in (UNKNOWN, *sorted(alike)):
        told = f"of {unknown}, an event that no meter measures, the total"
        same(told, Decimal(0), _of(trial, unknown))


@proves("MONK-10", calls=6, needs=("event_name", *_SPAN))
def totals_of_disjoint_event_names_add_up(trial: Trial) -> None:
    name, other = trial.value("event_name"), trial.get("other_event_name")
    one = _of(trial, name)
    require(amount(one), _OF_EVENT)
    second = _of(trial, other or UNKNOWN)
    expected = amount(one) + amount(second)
    for names in ((name, other or UNKNOWN), (other or UNKNOWN, name)):
        same(f"the total of {' and '.join(names)}", expected, _of(trial, *names), one, second)
    # Whether a name may be given twice, nobody says; where it may, it is one name.
    twice = _of(trial, name, name)
    if twice.succeeded:
        same(f"the total of {name}, named twice", amount(one), twice, one)
    if other:
        mixed = _of(trial, name, UNKNOWN, other)
        same("the total with an event that no meter measures", expected, mixed, one, second)


@proves("MONK-11", calls=6)
def so_many_event_names_and_filters_pass_and_no_more(trial: Trial) -> None:
    names = [f"{UNKNOWN}-{number}" for number in range(_MOST_NAMES + 1)]
    one = cost(trial, eventNames=names[:1], propertyFilters=[{"key": UNKNOWN, "value": "x"}])
    require(one.succeeded, f"names and filters that nothing matches to pass: {one}")
    cost(trial, eventNames=names[:-1]).expect_status(200)
    cost(trial, eventNames=names).expect_status(400)
    filters: Json = [{"key": name, "value": "x"} for name in names[: _MOST_FILTERS + 1]]
    cost(trial, propertyFilters=filters[:-1]).expect_status(200)
    cost(trial, propertyFilters=filters).expect_status(400)
    # Each has a bound of its own.
    cost(trial, eventNames=names[:-1], propertyFilters=filters[:-1]).expect_status(200)


@proves("MONK-12", calls=11 + _HALVES, needs=("property_key", "property_value", *_SPAN))
def every_further_filter_narrows(trial: Trial) -> None:
    key, value = trial.value("property_key"), trial.value("property_value")
    right, wrong = {"key": key, "value": value}, {"key": key, "value": UNKNOWN}
    strange = {"key": UNKNOWN, "value": UNKNOWN}
    whole, one = (cost(trial, known_span(trial), **filters) for filters in ({}, _by(right)))
    # A property has one value, whatever others have: what is like it, it is not.
    alike = [
        text for text in (value.swapcase(), f"{value}x", value[:-1]) if text not in ("", value)
    ]
    both = [[right, {"key": key, "value": text}] for text in alike]
    elsewhere = {"key": UNKNOWN, "value": value}
    for filters in (
        *([wrong], [elsewhere], [right, wrong], [wrong, right], [right, strange]),
        *both,
    ):
        reply = cost(trial, known_span(trial), **_by(*filters))
        told = " and ".join(f"{each['key']}={each['value']}" for each in filters)
        agree(f"of {told}, which nothing is, the total", amount(reply), 0, one, reply)
    require(
        amount(one) > 0, "usage with this property that costs something between since and until"
    )
    at_most(trial, _by(right), whole, one)
    twice = cost(trial, known_span(trial), **_by(right, right))
    same("of the same filter twice, the total", amount(one), twice, one)


def _by(*filters: Json) -> dict[str, Json]:
    return {"propertyFilters": list(filters)}
