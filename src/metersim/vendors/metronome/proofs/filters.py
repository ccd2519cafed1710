"""Whose usage a query yields, of which metrics, and split by what."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from metersim.billing.instants import Span
from metersim.contract.exchange import Exchange, agree, nearly, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.metronome.proofs.asking import (
    FEW,
    NOBODY,
    Row,
    ask,
    customer,
    customers,
    days,
    has_usage,
    is_whole,
    known_pair,
    known_part,
    metrics_with_usage,
    pages,
    pair_of,
    query,
    refused,
    rows,
)
from metersim.vendors.metronome.proofs.listing import KINDS, archived_metrics, metrics

_NEEDS = ("since", "until", "customer_id")
_GROUPED = (*_NEEDS, "metric_id", "property_key")
_UNKNOWN = "metersim-no-such-value"
# Of so many metrics that are listed, each by itself.
_LISTED = 12
# So many groups are answered at most where no values are named.
_MOST_GROUPS = 200


@proves("METRONOME-12", calls=FEW * 4 + 12, needs=_NEEDS)
def exactly_the_customers_asked_for_are_shown(trial: Trial) -> None:
    span = days(trial)
    metric = known_pair(trial, span).metric
    known = customers(trial)
    # Who has no rows when asked for alone need not be among others either.
    known = [each for each in known if _customers(trial, span, metric, [each], {each}) == {each}]
    require(known, "usage of the customer between since and until: --set customer_id=…")
    _customers(trial, span, metric, known, {*known}, exactly=True)
    _all_are_meant(trial, span, metric, known)
    reply = ask(trial, query(span, "none", [NOBODY], [metric]))
    reply.expect_status(200, basis=Basis.ASSUMED)
    reply.expect(not rows([reply]), "no rows of an unknown customer", basis=Basis.ASSUMED)
    _customers(trial, span, metric, [*known, NOBODY], {*known}, exactly=True, basis=Basis.ASSUMED)
    for malformed in ("not-a-uuid", known[0][:-1], "42"):
        reply = ask(trial, query(span, "none", [malformed], [metric]))
        refused(reply, 400, basis=Basis.ASSUMED)


def _customers(
    trial: Trial,
    span: Span,
    metric: str,
    asked: Sequence[str],
    expected: set[str],
    exactly: bool = False,
    basis: Basis | None = None,
) -> set[str]:
    """Whose rows are shown: nobody else's than expected, and exactly theirs if so said."""
    found = pages(trial, query(span, "none", asked, [metric]), FEW)
    shown = {pair_of(row).customer for row in rows(found)}
    known = "rows of no other customer than " + ", ".join(sorted(expected))
    for page in found:
        others = {pair_of(row).customer for row in rows([page])} - expected
        page.expect(not others, known, ", ".join(sorted(others)), basis=basis)
    if exactly and is_whole(found):
        missing = ", ".join(sorted(expected - shown))
        found[-1].expect(not missing, f"rows of customer {missing}", "none", basis=basis)
    return shown


def _all_are_meant(trial: Trial, span: Span, metric: str, known: Sequence[str]) -> None:
    found = pages(trial, query(span, "none", None, [metric]), FEW)
    shown = {pair_of(row).customer for row in rows(found)}
    if is_whole(found):
        missing = ", ".join(each for each in known if each not in shown)
        told = f"without customer_ids, rows of customer {missing} too"
        found[-1].expect(not missing, told, "none")


@proves("METRONOME-13", calls=FEW * 3 + 34, needs=_NEEDS)
def exactly_the_metrics_asked_for_are_shown(trial: Trial) -> None:
    span = days(trial)
    known = metrics_with_usage(trial, span)[:4]
    require(known, "usage of the customer between since and until: --set customer_id=…")
    for asked in (known[:1], known[-1:], known[:2]):
        found = pages(trial, query(span, "none", [customer(trial)], asked), FEW)
        found[-1].expect_status(200)
        shown = {pair_of(row).metric for row in rows(found)}
        agree("with billable_metrics, rows of", sorted(shown), sorted(asked), found[-1])
    found = pages(trial, query(span, customers=[customer(trial)]), FEW)
    shown = {pair_of(row).metric for row in rows(found)}
    if is_whole(found):
        missing = ", ".join(each for each in known if each not in shown)
        told = f"without billable_metrics, rows of metric {missing} too"
        found[-1].expect(not missing, told, "none")
        for each in metrics(trial, *KINDS)[:_LISTED]:
            alone = ask(trial, query(span, "none", [customer(trial)], [each.id]))
            busy = each.id not in shown and any(map(has_usage, rows([alone])))
            told = f"without billable_metrics, rows of metric {each.id} too"
            found[-1].expect(not busy, told, "none")
    _nobody_knows(trial, span, known[:1])
    archived = archived_metrics(trial)
    for page in found:
        gone = ", ".join(sorted({pair_of(row).metric for row in rows([page])} & archived))
        told = "no archived metric unless it is asked for"
        page.expect(not gone, told, gone, basis=Basis.ASSUMED)


def _nobody_knows(trial: Trial, span: Span, known: Sequence[str]) -> None:
    """The id of no metric adds no rows, by itself or beside that of one."""
    for asked, expected in (([NOBODY], []), ([*known, NOBODY], sorted(known))):
        reply = ask(trial, query(span, "none", [customer(trial)], asked))
        reply.expect_status(200, basis=Basis.ASSUMED)
        shown = sorted({pair_of(row).metric for row in rows([reply])})
        told = f"with billable_metrics {', '.join(asked)}, rows of"
        agree(told, shown, expected, reply, basis=Basis.ASSUMED)


def _grouped(span: Span, asker: str, metric: str, size: str, group_by: Json) -> dict[str, Json]:
    selection = {"id": metric, "group_by": group_by}
    return {**query(span, size, [asker]), "billable_metrics": [selection]}


@proves("METRONOME-15", calls=13 + 2 * FEW, needs=_GROUPED)
def groups_are_shown_where_they_are_asked_for(trial: Trial) -> None:
    span, asker, metric = days(trial), customer(trial), trial.value("metric_id")
    key = trial.value("property_key")
    for size in ("none", "day"):
        plain = ask(trial, query(span, size, [asker], [metric]))
        for row in rows([plain]):
            plain.expect(row.get("groups") is None, "no groups without group_by", row)
        every = ask(trial, _grouped(span, asker, metric, size, {"key": key}))
        every.expect_status(200)
        busy = {row["start_timestamp"] for row in rows([plain]) if row["value"]}
        counted = [row for row in rows([every]) if row["start_timestamp"] in busy]
        require(counted, "usage of the metric: --set metric_id=… customer_id=…")
        for row in counted:
            _has_groups(every, row)
        _are_null(trial, span, size, metric, key)
        values = {name for row in counted for name, value in row["groups"].items() if value}
        named = min(filter(None, values), default=None)
        require(named, "usage that has a group: --set property_key=…")
        some = {"key": key, "values": [named, _UNKNOWN]}
        reply = ask(trial, _grouped(span, asker, metric, size, some))
        reply.expect_status(200)
        again = ask(trial, _grouped(span, asker, metric, size, {"key": key}))
        at_rest = [*map(known_part, rows([again]))] == [*map(known_part, rows([every]))]
        require(at_rest, "usage that is at rest")
        _has_the_values(reply, every, str(named))
    _others_have_none(trial, span, metric, key)
    undeclared = {"key": "metersim_no_such_key"}
    reply = ask(trial, _grouped(span, asker, metric, "none", undeclared))
    refused(reply, 400, basis=Basis.ASSUMED)


def _has_groups(reply: Exchange, row: Row) -> None:
    """There may be none in them where no event has the property."""
    told = f"groups in the row of {row['start_timestamp']}"
    reply.expect(isinstance(row.get("groups"), dict), told, dict(row))


def _are_null(trial: Trial, span: Span, size: str, metric: str, key: str) -> None:
    """A value that nobody has, asked for by itself, is all that there is in the groups."""
    alone = {"key": key, "values": [_UNKNOWN]}
    reply = ask(trial, _grouped(span, customer(trial), metric, size, alone))
    reply.expect_status(200)
    for row in rows([reply]):
        if row["value"]:
            agree("the groups", row.get("groups"), {_UNKNOWN: None}, reply)


def _others_have_none(trial: Trial, span: Span, metric: str, key: str) -> None:
    """Beside a metric that is grouped, one that is not."""
    others = [each for each in metrics_with_usage(trial, span) if each != metric.lower()]
    body = _grouped(span, customer(trial), metric, "none", {"key": key})
    body["billable_metrics"] += [{"id": each} for each in others[:1]]
    for page in pages(trial, body, FEW):
        for row in rows([page]):
            if pair_of(row).metric in others[:1]:
                told = "no groups in rows of a metric that is asked for without group_by"
                page.expect(row.get("groups") is None, told, dict(row))


def _has_the_values(reply: Exchange, every: Exchange, named: str) -> None:
    """The groups asked for alone are what they are among all; one that is not found is null."""
    all_groups = {row["start_timestamp"]: row.get("groups") or {} for row in rows([every])}
    for row in rows([reply]):
        if not row["value"]:
            continue
        _has_groups(reply, row)
        agree("the groups", sorted(row["groups"]), sorted([named, _UNKNOWN]), reply)
        agree("of a value that is not found", row["groups"][_UNKNOWN], None, reply)
        expected = all_groups[row["start_timestamp"]].get(named)
        agree(f"the group {named}", row["groups"][named], expected, every, reply)


@proves("METRONOME-16", calls=4, needs=_GROUPED)
def groups_of_what_sums_add_up(trial: Trial) -> None:
    span, asker, metric = days(trial), customer(trial), trial.value("metric_id")
    held = False
    for size in ("none", "day"):
        body = _grouped(span, asker, metric, size, {"key": trial.value("property_key")})
        plain, reply = ask(trial, query(span, size, [asker], [metric])), ask(trial, body)
        whole = {row["start_timestamp"]: row["value"] for row in rows([plain])}
        for row in rows([reply]):
            groups, value = row.get("groups") or {}, whole.get(row["start_timestamp"])
            if value is None or len(groups) >= _MOST_GROUPS:
                continue
            told = f"the value of {row['start_timestamp']}, grouped or not,"
            if row["value"] is None or not nearly(row["value"], value):
                agree(told, row["value"], value, reply, plain, basis=Basis.ASSUMED)
            added = sum((Decimal(each or 0) for each in groups.values()), Decimal(0))
            told = f"groups that add up to {value}"
            reply.expect(nearly(added, value), told, f"{added:f}", basis=Basis.ASSUMED)
            held = held or bool(value)
    require(held, "usage of the metric: --set metric_id=… customer_id=…")
