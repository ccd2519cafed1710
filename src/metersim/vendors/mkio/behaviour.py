"""MK.IO's usage and billing: reports, payment methods, and the export of a project's metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote

from metersim.billing.accounts import PaymentMethod, Project
from metersim.billing.facts import Axis
from metersim.billing.instants import (
    Granularity,
    Span,
    a_year_later,
    floor,
    following,
    parse_date,
    shift,
    to_seconds,
)
from metersim.billing.meters import Meter
from metersim.billing.plans import billing_period
from metersim.billing.rating import RatedUsage
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import conflict, forbidden, invalid, not_found, unauthorized
from metersim.vendors.mkio import shapes
from metersim.vendors.mkio.shapes import Charge
from metersim.world.changes import MetricsEndpointSwitched, PaymentMethodAssigned, TermsAccepted
from metersim.world.charges import carried, priced_meters, rated
from metersim.world.world import World

_HOURLY_DAYS = 31

_Entity = TypeVar("_Entity", Project, PaymentMethod, Meter)


# -- usage


@dataclass(frozen=True, slots=True)
class _Question:
    """What a report is about; its projects and methods in the order in which it shows them."""

    projects: Sequence[Project]
    methods: Sequence[PaymentMethod]
    span: Span
    unit: Granularity
    axis: Axis = Axis.OCCURRED


def get_project_usage(call: Call, world: World) -> Reply:
    """The month so far: this project's report for the current month, which ends now."""
    project, now = _project(call, world), world.now
    month = billing_period(now)
    bounds = {"startDate": to_seconds(month.start), "endDate": to_seconds(now)}
    methods = _in_order(world.opening.payment_methods.values())
    charges = _charges(_Question([project], methods, month, Granularity.MONTH), world)
    value = [{**shapes.charge_row(charge), **bounds} for charge in charges]
    return Reply({"metadata": {"projectName": project.key, **bounds}, "value": value})


def create_usage_report(call: Call, world: World) -> Reply:
    """The charges of an organization within a span of dates."""
    _confine(call, None)
    asked = call.body
    question = _question(asked, world)
    rows = [shapes.charge_row(charge) for charge in _charges(question, world)]
    form = asked["format"]
    headers = {}
    if asked["download"]:
        name = f"usage-{asked['startDate']}-{asked['endDate']}.{form}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if form == "csv":
        return Reply(shapes.as_csv(rows), media_type="text/csv", headers=headers)
    metadata = {
        "startDate": asked["startDate"],
        "endDate": asked["endDate"],
        "granularity": question.unit.value,
        "filterOnReportedDate": question.axis is Axis.CHARGED,
    }
    return Reply({"metadata": metadata, "value": rows}, headers=headers)


def _question(asked: Mapping[str, Json], world: World) -> _Question:
    unit = Granularity(asked["granularity"])
    projects, methods = world.opening.projects, world.opening.payment_methods
    names, ids = asked.get("projectNames", projects), asked.get("paymentMethodIds", methods)
    return _Question(
        span=_span(asked, unit),
        projects=_in_order(_known("project", name, projects) for name in dict.fromkeys(names)),
        methods=_in_order(_known("payment method", key, methods) for key in dict.fromkeys(ids)),
        unit=unit,
        axis=Axis.CHARGED if asked["filterOnReportedDate"] else Axis.OCCURRED,
    )


def _span(asked: Mapping[str, Json], unit: Granularity) -> Span:
    span = Span(parse_date(asked["startDate"]), parse_date(asked["endDate"]))
    found = f"found {asked['startDate']} to {asked['endDate']}"
    if not span:
        raise invalid("endDate", f"must be after startDate, {found}", rule="MKIO-07")
    if unit is Granularity.HOUR and span.end > shift(span.start, timedelta(days=_HOURLY_DAYS)):
        raise invalid(
            "endDate",
            f"granularity hour covers at most {_HOURLY_DAYS} days, {found}",
            rule="MKIO-09",
        )
    if unit is Granularity.DAY and span.end > a_year_later(span.start):
        raise invalid(
            "endDate", f"granularity day covers at most one year, {found}", rule="MKIO-10"
        )
    return span


def _charges(question: _Question, world: World) -> Iterator[Charge]:
    """In order of project, method, meter, bucket and tier.

    Usage is charged to the method that carried its project when it occurred, whichever date is
    asked for. Tiers count all that the method carried. What it has no price for is charged to
    nobody, and not reported.
    """
    for project in question.projects:
        for method in question.methods:
            card, asked = world.rate_card(method), list(carried(method, world, project.key))
            for meter in _in_order(priced_meters(card, world)) if asked else ():
                scope = carried(method, world)
                usage = rated(meter, card, scope, asked, question.span, world, question.axis)
                for bucket in _buckets(usage, question.span, question.unit):
                    for line in usage.lines(bucket):
                        yield Charge(project, method, meter, bucket, line, card.currency)


def _buckets(usage: RatedUsage, span: Span, unit: Granularity) -> Iterator[Span]:
    """Each calendar unit with usage, cut to the span; leaps over those without."""
    while (first := usage.first(span)) is not None:
        bucket = Span(floor(first, unit), following(first, unit)) & span
        yield bucket
        span = Span(bucket.end, span.end)


# -- payment methods


def list_payment_methods(call: Call, world: World) -> Reply:
    """``$skiptoken`` is the row to begin at; one past the end finds nothing more."""
    _confine(call, None)
    methods = _in_order(world.opening.payment_methods.values())
    start = min(call.query["$skiptoken"], len(methods))
    chosen = methods[start : start + call.query["$top"]]
    value = [shapes.method_resource(method, world) for method in chosen]
    return Reply(shapes.page(value, "paymentMethod", start, len(methods)))


def get_payment_method(call: Call, world: World) -> Reply:
    """One payment method of the organization."""
    return Reply(shapes.method_resource(_payment_method(call, world), world))


def accept_terms_and_conditions(call: Call, world: World) -> Reply:
    """Accepted terms stay accepted; accepting them again changes nothing."""
    method = _payment_method(call, world)
    if not world.terms_accepted(method):
        world.apply(TermsAccepted(method.key))
    return Reply(shapes.method_resource(method, world))


def get_rate_card(call: Call, world: World) -> Reply:
    """What the method is charged per meter."""
    return Reply(shapes.rate_card_resource(_payment_method(call, world), world))


def get_project_payment_method(call: Call, world: World) -> Reply:
    """The method that carries the project's usage now."""
    return Reply(shapes.assignment_resource(_project(call, world), world))


def replace_project_payment_method(call: Call, world: World) -> Reply:
    """Usage so far stays with the method that carried it; an inactive project becomes active."""
    project = _project(call, world)
    methods = world.opening.payment_methods
    method = _known("payment method", call.body["paymentMethodId"], methods)
    if not world.terms_accepted(method):
        raise conflict(
            f"The terms and conditions of payment method {method.key!r} are not accepted"
        )
    last = next(reversed(world.assignments(project)), None)
    # The clock may have been set back: what is assigned now may have been replaced later on.
    if last is None or last.payment_method != method or last.since[0] > world.now:
        world.apply(PaymentMethodAssigned(project.key, method.key, world.now))
    return Reply(shapes.assignment_resource(project, world))


# -- metrics


def get_metrics_endpoint(call: Call, world: World) -> Reply:
    """Whether metrics may be scraped, and if so how."""
    project = _project(call, world)
    return Reply(shapes.metrics_resource(project, world, _metrics_url(call, project)))


def update_metrics_endpoint(call: Call, world: World) -> Reply:
    """Off at first; switched on again it has a new password."""
    project = _project(call, world)
    enabled = call.body["spec"]["enabled"]
    if enabled != (world.metrics_access(project) is not None):
        world.apply(MetricsEndpointSwitched(project.key, enabled))
    return Reply(shapes.metrics_resource(project, world, _metrics_url(call, project)))


def scrape_metrics(call: Call, world: World) -> Reply:
    """The credentials of one project's endpoint open no other's."""
    name = call.path["name"]
    if call.credential is None or call.credential.project != name:
        raise unauthorized("Invalid credentials", "Basic")
    text = shapes.exposition(world.opening.projects[name], world)
    return Reply(text, media_type=shapes.EXPOSITION_TYPE)


def _metrics_url(call: Call, project: Project) -> str:
    return f"{call.base_url}/api/v1/projects/{quote(project.key, safe='')}/metrics"


# -- what a call names


def _project(call: Call, world: World) -> Project:
    project = _known("project", call.path["name"], world.opening.projects)
    _confine(call, project.key)
    return project


def _payment_method(call: Call, world: World) -> PaymentMethod:
    _confine(call, None)
    return _known("payment method", call.path["paymentMethodId"], world.opening.payment_methods)


def _known(kind: str, key: str, entities: Mapping[str, _Entity]) -> _Entity:
    if key not in entities:
        raise not_found(f"No {kind} {key!r} in this organization")
    return entities[key]


def _in_order(entities: Iterable[_Entity]) -> list[_Entity]:
    return sorted(entities, key=lambda entity: entity.key)


def _confine(call: Call, project: str | None) -> None:
    """A token of one project reads nothing of another, nor of the organization (None)."""
    confined = call.credential and call.credential.project
    if confined is not None and confined != project:
        raise forbidden(f"The credentials are those of project {confined!r} alone")
