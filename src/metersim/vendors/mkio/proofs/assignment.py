"""Which payment method carries a project. What is replaced here is put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from metersim.contract.exchange import Broken, Exchange, agree, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import (
    NOBODY,
    PAGES,
    around,
    assigned,
    busy_days,
    methods,
    month,
    projects,
    report,
    rows,
)
from metersim.vendors.mkio.proofs.rows import Rows, Sum, Sums, busy, same_rows, sums

_NEEDS = ("project",)
_KEYS = ("inactive_project", "project", "other_project")


def _read(trial: Trial, project: str) -> Exchange:
    return trial.call("getProjectPaymentMethod", path={"name": project})


def _assign(trial: Trial, project: str, body: Json) -> Exchange:
    return trial.call("replaceProjectPaymentMethod", body, path={"name": project})


def _assigned(trial: Trial, project: str, method: str) -> Exchange:
    """The reply to a method being assigned, which it is."""
    reply = _assign(trial, project, {"paymentMethodId": method})
    require(reply.status not in (401, 403), "a token that may assign payment methods")
    reply.expect(reply.succeeded, f"{method} to be assigned to {project}")
    return reply


def _stands(trial: Trial, project: str, method: str | None, *before: Exchange) -> None:
    found = _read(trial, project)
    agree(f"the payment method of {project}", assigned(found), method, *before, found)


@contextmanager
def _kept(trial: Trial) -> Iterator[tuple[str, str]]:
    """A project that has a method, and the method, which it has at the end again."""
    for project in projects(trial):
        before = assigned(_read(trial, project))
        if before is not None:
            break
    else:
        require(False, "a project with a payment method: --set project=…")
        raise AssertionError
    try:
        yield project, before
    finally:
        found = _read(trial, project)
        if not found.succeeded or assigned(found) != before:
            _assign(trial, project, {"paymentMethodId": before})


def _another(trial: Trial, than: str) -> str:
    """Another method that can be assigned."""
    listed: dict[str, bool] = {
        each["metadata"]["id"]: each["spec"]["termsAccepted"] for each in methods(trial)
    }
    known = (trial.get("other_payment_method"), trial.get("payment_method"))
    named = [each for each in known if each is not None and listed.get(each, True)]
    found = [each for each in (*named, *(key for key in listed if listed[key])) if each != than]
    require(found, "another payment method of accepted terms: --set other_payment_method=…")
    return found[0]


@proves("MKIO-21", calls=10 + PAGES, needs=_NEEDS)
def posting_a_method_replaces_the_old_one(trial: Trial) -> None:
    with _kept(trial) as (project, before):
        others = [name for name in projects(trial) if name != project][:1]
        beside = {name: assigned(_read(trial, name)) for name in others}
        another = _another(trial, before)
        # There and back, as another project may have the first of them already.
        for method in (another, before):
            posted = _assigned(trial, project, method)
            _stands(trial, project, method, posted)
            for name, stays in beside.items():
                _stands(trial, name, stays, posted)


@proves("MKIO-22", calls=5 + PAGES)
def assigning_a_method_activates_the_project(trial: Trial) -> None:
    for project in projects(trial, *_KEYS):
        reply = _read(trial, project)
        if reply.succeeded and reply.json["status"]["projectStatus"] == "inactive":
            break
    else:
        # It stays active: what is to be activated is named by the user.
        require(False, "a project that is inactive, and will not stay so: --set inactive_project=…")
        return
    posted = _assigned(trial, project, _another(trial, assigned(reply) or ""))
    found = _read(trial, project)
    status = found.done["status"]["projectStatus"]
    agree(f"the status of {project}", status, "active", reply, posted, found)


@proves("MKIO-23", calls=17, needs=_NEEDS)
def a_method_cannot_be_removed(trial: Trial) -> None:
    with _kept(trial) as (project, before):
        target = f"/api/v1/projects/{quote(project, safe='')}/paymentMethod"
        removed = trial.send("DELETE", target)
        removed.expect_status(405)
        _stands(trial, project, before, removed)
        for body in ({"paymentMethodId": None}, {}, {"paymentMethodId": ""}):
            refused = _assign(trial, project, body)
            refused.expect_status(400)
            _stands(trial, project, before, refused)
        # What is neither an id nor null may be as unknown as it is malformed.
        neither: tuple[Json, ...] = (False, 0, [])
        for none in neither:
            refused = _assign(trial, project, {"paymentMethodId": none})
            refused.expect(refused.status >= 400, f"a refusal of {none!r} for an id")
            _stands(trial, project, before, refused)


@proves("MKIO-24", calls=7, needs=_NEEDS)
def nothing_unknown_is_assigned(trial: Trial) -> None:
    with _kept(trial) as (project, before):
        refused = _assign(trial, project, {"paymentMethodId": NOBODY})
        refused.expect_status(404)
        _stands(trial, project, before, refused)
        _assign(trial, NOBODY, {"paymentMethodId": before}).expect_status(404)
        _read(trial, NOBODY).expect_status(404)


@proves("MKIO-25", calls=8 + PAGES, needs=_NEEDS)
def a_method_is_assigned_only_when_its_terms_are_accepted(trial: Trial) -> None:
    listed = methods(trial)
    open_ones = [each["metadata"]["id"] for each in listed if not each["spec"]["termsAccepted"]]
    require(open_ones, "a payment method whose terms are still to accept")
    with _kept(trial) as (project, before):
        refused = _assign(trial, project, {"paymentMethodId": open_ones[0]})
        refused.expect_status(409)
        _stands(trial, project, before, refused)
        path = {"paymentMethodId": open_ones[0]}
        accepted = trial.call("acceptTermsAndConditions", path=path)
        require(accepted.succeeded, f"terms that can be accepted: {accepted}")
        posted = _assigned(trial, project, open_ones[0])
        _stands(trial, project, open_ones[0], refused, accepted, posted)


@proves("MKIO-26", calls=11 + PAGES, needs=("project", "since", "until"))
def earlier_usage_stays_with_the_old_method(trial: Trial) -> None:
    with _kept(trial) as (project, before):
        another = _another(trial, before)
        span = around(trial, busy_days(trial)[-1], 20, 10)

        def asked() -> Exchange:
            return report(trial, span, granularity="day", projectNames=[project])

        earlier, so_far = asked(), month(trial, project)
        require(busy(rows(earlier)), f"usage of {project}: --set since=… until=…")
        _assigned(trial, project, another)
        later, then = asked(), month(trial, project)
        what = f"once {another} carries {project}, of earlier usage"
        same_rows(what, rows(later), rows(earlier), earlier, later)
        _is_no_less(before, so_far, then)


def _is_no_less(method: str, earlier: Exchange, later: Exchange) -> None:
    """Broken where the method has lost some of the month so far; it may have gained meanwhile."""
    had, has = _of(rows(earlier), method), _of(rows(later), method)
    for key, each in had.items():
        now = has.get(key, Sum())
        held = now.is_nearly(each) or now.quantity > each.quantity or each.quantity < 0
        expected = f"of {key[0]} in the month so far {each} with {method} still"
        if not held:
            raise Broken(expected, str(now), [earlier, later], None)


def _of(found: Rows, method: str) -> Sums:
    """What the method carried, by meter."""
    return sums([row for row in found if row["paymentMethodId"] == method])
