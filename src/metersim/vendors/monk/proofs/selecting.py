"""Which of the customer's usage is priced: by events, and by their properties."""

from __future__ import annotations

from decimal import Decimal

from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.monk.proofs.asking import UNKNOWN, amount, cost, known_span, same

_SPAN = ("since", "until")
_MOST_NAMES, _MOST_FILTERS = 50, 20
_OF_EVENT = "usage of event_name that costs something between since and until"


def _of(trial: Trial, *names: str) -> Exchange:
    """What usage by these events costs."""
    return cost(trial, known_span(trial), eventNames=list(names))


@proves("MONK-09", calls=5, needs=("event_name", *_SPAN))
def event_names_select_meters(trial: Trial) -> None:
    name = trial.value("event_name")
    one = _of(trial, name)
    require(amount(one) > 0, _OF_EVENT)
    parts = [one]
    if other := trial.get("other_event_name"):
        parts.append(_of(trial, other))
    least, whole = sum(map(amount, parts), Decimal(0)), cost(trial, known_span(trial))
    held = amount(whole) >= least or nearly(amount(whole), least)
    whole.expect(held, f"a total of all meters of at least {least}", amount(whole))
    if inactive := trial.get("inactive_event_name"):
        same(f"of {inactive}, which is not active, the total", Decimal(0), _of(trial, inactive))
    same("of an event that no meter measures, the total", Decimal(0), _of(trial, UNKNOWN))


@proves("MONK-10", calls=5, needs=("event_name", *_SPAN))
def totals_of_disjoint_event_names_add_up(trial: Trial) -> None:
    name, other = trial.value("event_name"), trial.get("other_event_name")
    one = _of(trial, name)
    require(amount(one), _OF_EVENT)
    second = _of(trial, other or UNKNOWN)
    expected = amount(one) + amount(second)
    for names in ((name, other or UNKNOWN), (other or UNKNOWN, name)):
        same(f"the total of {' and '.join(names)}", expected, _of(trial, *names), one, second)
    if other:
        mixed = _of(trial, name, UNKNOWN, other)
        same("the total with an event that no meter measures", expected, mixed, one, second)


@proves("MONK-11", calls=5)
def so_many_event_names_and_filters_pass_and_no_more(trial: Trial) -> None:
    names = [f"{UNKNOWN}-{number}" for number in range(_MOST_NAMES + 1)]
    one = cost(trial, eventNames=names[:1], propertyFilters=[{"key": UNKNOWN, "value": "x"}])
    require(one.succeeded, f"names and filters that nothing matches to pass: {one}")
    cost(trial, eventNames=names[:-1]).expect_status(200)
    cost(trial, eventNames=names).expect_status(400)
    filters: Json = [{"key": name, "value": "x"} for name in names[: _MOST_FILTERS + 1]]
    cost(trial, propertyFilters=filters[:-1]).expect_status(200)
    cost(trial, propertyFilters=filters).expect_status(400)


@proves("MONK-12", calls=7, needs=("property_key", "property_value", *_SPAN))
def every_further_filter_narrows(trial: Trial) -> None:
    key, value = trial.value("property_key"), trial.value("property_value")
    right, wrong = {"key": key, "value": value}, {"key": key, "value": UNKNOWN}
    strange = {"key": UNKNOWN, "value": UNKNOWN}
    whole, one = (cost(trial, known_span(trial), **filters) for filters in ({}, _by(right)))
    require(
        amount(one) > 0, "usage with this property that costs something between since and until"
    )
    held = amount(one) <= amount(whole) or nearly(amount(one), amount(whole))
    one.expect(held, f"a total of at most {amount(whole)}, as without the filter", amount(one))
    for filters in ([wrong], [right, wrong], [wrong, right], [right, strange]):
        reply = cost(trial, known_span(trial), **_by(*filters))
        agree("of a value that the property has not, the total", amount(reply), 0, one, reply)
    twice = cost(trial, known_span(trial), **_by(right, right))
    same("of the same filter twice, the total", amount(one), twice, one)


def _by(*filters: Json) -> dict[str, Json]:
    return {"propertyFilters": list(filters)}
