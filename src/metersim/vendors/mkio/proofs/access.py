"""Who is let in, and what every failure looks like."""

from __future__ import annotations

from collections.abc import Iterator

from metersim.billing.instants import Span
from metersim.contract.exchange import Exchange, Unproven, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mkio.proofs.asking import DAY, NOBODY, day, projects, report, some_day

_WRONG = ("Bearer", "Bearer metersim-check-no-token", "Basic dXNlcjpwYXNzd29yZA==")


@proves("MKIO-01", calls=26)
def nobody_calls_without_a_token_that_is_known(trial: Trial) -> None:
    name = {"name": (*projects(trial), NOBODY)[0]}
    method = {"paymentMethodId": trial.get("payment_method") or NOBODY}
    dates = {"startDate": "2024-03-11", "endDate": "2024-03-12"}
    calls: list[tuple[str, dict[str, str], Json]] = [
        ("getProjectUsage", name, None),
        ("createUsageReport", {}, dates),
        ("listPaymentMethods", {}, None),
        ("getPaymentMethod", method, None),
        ("getRateCard", method, None),
        ("getProjectPaymentMethod", name, None),
        ("getMetricsEndpoint", name, None),
        # Of what is not there, so that nothing changes where these are let in.
        ("acceptTermsAndConditions", {"paymentMethodId": NOBODY}, None),
        ("replaceProjectPaymentMethod", {"name": NOBODY}, {"paymentMethodId": NOBODY}),
        ("updateMetricsEndpoint", {"name": NOBODY}, {"spec": {"enabled": False}}),
    ]
    for operation, path, body in calls:
        for token in (None, "metersim-check-no-token"):
            trial.call(operation, body, path=path, token=token).expect_status(401)
    own = trial.token
    nearly = (own, f"Basic {own}", f"Bearer {own}x") if own else ()
    for authorization in (*_WRONG, *nearly):
        headers = {"Authorization": authorization}
        trial.call("listPaymentMethods", headers=headers, token=None).expect_status(401)


@proves("MKIO-02", calls=20)
def every_failure_has_one_form(trial: Trial) -> None:
    seen = [_ref(reply) for reply in _refused(trial) if reply.status >= 400]
    # What a Prometheus server reads need not be of the API, wherever it stands.
    scraped = trial.call("scrapeMetrics", path={"name": NOBODY}, token=None)
    seen += [_ref(scraped, Basis.ASSUMED)] if scraped.status >= 400 else []
    require(seen, "a call that is refused")
    twice = [trial.call("getRateCard", path={"paymentMethodId": NOBODY}) for _ in range(2)]
    seen += [_ref(reply) for reply in twice if reply.status >= 400]
    for ref in seen:
        twice[1].expect(seen.count(ref) == 1, "a ref that no other request has", ref)
    # Whether a path that the document does not have belongs to the API, nobody says.
    _ref(trial.send("GET", f"/api/v1/{NOBODY}"), Basis.ASSUMED)


def _refused(trial: Trial) -> Iterator[Exchange]:
    """Calls of each operation that fail, and would change nothing if they did not."""
    name, method = {"name": NOBODY}, {"paymentMethodId": NOBODY}
    yield trial.call("listPaymentMethods", token=None)
    yield trial.call("listPaymentMethods", query={"$top": "none"})
    for operation in ("getProjectUsage", "getProjectPaymentMethod", "getMetricsEndpoint"):
        yield trial.call(operation, path=name)
    for operation in ("getPaymentMethod", "acceptTermsAndConditions"):
        yield trial.call(operation, path=method)
    for assignment in (method, b"{"):
        yield trial.call("replaceProjectPaymentMethod", assignment, path=name)
    yield trial.send("DELETE", f"/api/v1/projects/{NOBODY}/paymentMethod")
    yield trial.call("updateMetricsEndpoint", {"spec": {"enabled": False}}, path=name)
    start = some_day(trial)
    for end in (start, start + DAY):
        yield report(trial, Span(start, end), projectNames=[NOBODY])
    yield trial.call("createUsageReport", b"{")
    yield trial.call("createUsageReport", {"startDate": day(start), "endDate": "never"})


def _ref(reply: Exchange, basis: Basis | None = None) -> str:
    """The ref of a failure that has the form of one."""
    try:
        body = reply.json
    except Unproven:
        body = None
    held = isinstance(body, dict) and isinstance(body.get("error"), dict)
    held = held and {"code", "detail", "extraDetail"} <= body["error"].keys()
    held = held and all(_said(body["error"][key]) for key in ("code", "detail"))
    held = held and _said(body.get("ref"))
    reply.expect(held, "{error: {code, detail, extraDetail}, status, ref}", basis=basis)
    agree("the status in the body", body.get("status"), reply.status, reply, basis=basis)
    found: str = body["ref"]
    return found


def _said(text: object) -> bool:
    return isinstance(text, str) and bool(text)
