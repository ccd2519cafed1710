"""What a failed check of Schemathesis's is worth, and on whose word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metersim.checker.weighing import trespasses, weighed
from metersim.contract.exchange import Asked, Exchange
from metersim.contract.rule import Basis
from tests.checker.proven import VENDORS

D, C, A = Basis.DOCUMENTED, Basis.CONFIRMED, Basis.ASSUMED
TYPE, STATUS = "content_type_conformance", "status_code_conformance"
SCHEMA, HEADERS = "response_schema_conformance", "response_headers_conformance"
HTML = {"content-type": "text/html"}
USAGE = "/api/billing/usage"


def asked(
    vendor: str,
    target: str,
    status: int,
    method: str = "GET",
    sent: bytes = b"",
    headers: dict[str, str] = HTML,
    body: bytes = b"",
) -> Exchange:
    match = VENDORS[vendor].contract.match(target.partition("?")[0])
    operation = match[0].operations.get(method) if match else None
    return Exchange(Asked(method, target, {}, sent), status, headers, body, operation)


def recorded(status: int, sent: bytes, project: str = "proj_Shop2026", **more: object) -> Exchange:
    target = f"/api/billing/public/projects/{project}/usage"
    return asked("mudbase", target, status, "POST", sent, **more)  # type: ignore[arg-type]


def report(sent: bytes) -> Exchange:
    return asked("mkio", "/api/v1/organization/reports/usage", 200, "POST", sent)


JSON = {"content-type": "application/json"}
MONTH = b'"startDate": "2026-01-01", "endDate": "2026-02-01"'
LIMITED = b'{"error": "slow", "code": "RATE_LIMITED", "retryAfter": 9}'
GOOD = b'{"email": "a@b.example", "metric": "calls", "quantity": 1}'


@pytest.mark.parametrize(
    ("check", "exchange"),
    [
        # Further methods, and how they are told.
        ("unsupported_method", asked("saas", USAGE, 200, "TRACE")),
        ("allow_header_conformance", asked("saas", USAGE, 204, "OPTIONS")),
        ("not_a_server_error", asked("saas", USAGE, 501, "TRACE")),
        # A refusal is a refusal, whatever its number.
        ("negative_data_rejection", asked("saas", f"{USAGE}?startDate=May", 414)),
        ("positive_data_acceptance", asked("saas", USAGE, 400)),
        ("ignored_auth", asked("metronome", "/v1/customers", 429)),
        ("missing_required_header", asked("metronome", "/v1/customers", 403)),
        # How HTTP refuses by itself.
        (STATUS, asked("saas", USAGE, 431)),
        (TYPE, recorded(415, GOOD)),
        # A path that no operation has.
        (STATUS, asked("metronome", "/v1/customers/", 307)),
        (TYPE, asked("metronome", "/v1/customers//x", 400)),
        # A crash is told as one, and an outage that the document knows is none.
        (TYPE, asked("saas", USAGE, 500)),
        ("not_a_server_error", recorded(503, GOOD)),
        # What only we forbid.
        ("negative_data_rejection", report(b"{%s, %s}" % (MONTH, b'"projectNames": []'))),
        ("negative_data_rejection", asked("metronome", "/v1/customers?next_page=", 200)),
        ("negative_data_rejection", asked("saas", f"{USAGE}?metrics=seats&metrics=seats", 200)),
        ("negative_data_rejection", recorded(200, GOOD.replace(b": 1}", b": -1}"))),
    ],
)
def test_what_nobody_forbids_is_worth_nothing(check: str, exchange: Exchange) -> None:
    assert weighed(check, exchange) is None


@pytest.mark.parametrize(
    ("check", "exchange"),
    [
        # Nobody publishes that all is refused which the page does not allow.
        ("negative_data_rejection", report(b'{"startDate": "May", "endDate": "2026-02-01"}')),
        ("negative_data_rejection", report(b"{")),
        ("negative_data_rejection", asked("saas", f"{USAGE}?startDate=May", 200)),
        # Nor what a call that nobody allows is answered, once it is let pass.
        (SCHEMA, recorded(200, b"{}", headers=JSON, body=b"{}")),
        # Nor that nothing stands between the caller and the API.
        (TYPE, asked("mkio", "/api/v1/projects/a%2Fb/usage", 400)),
        (TYPE, asked("mkio", "/api/v1/projects/a;b/usage", 400)),
        (TYPE, asked("saas", f"{USAGE}?metrics=%00", 400)),
        # A refusal that nobody prints, or one in a form of our choice.
        (STATUS, asked("saas", USAGE, 422)),
        (HEADERS, recorded(429, GOOD, headers={**JSON, "retry-after": "soon"}, body=LIMITED)),
        # A year that nobody bills.
        ("not_a_server_error", asked("saas", f"{USAGE}?startDate=0001-01-01", 500)),
    ],
)
def test_what_only_we_say_is_worth_a_notice(check: str, exchange: Exchange) -> None:
    assert weighed(check, exchange) is A


@pytest.mark.parametrize(
    ("check", "exchange"),
    [
        ("not_a_server_error", asked("saas", USAGE, 500)),
        ("not_a_server_error", asked("saas", USAGE, 503)),
        ("not_a_server_error", asked("saas", USAGE, 501)),
        ("not_a_server_error", report(b"{")),
        ("ignored_auth", asked("saas", USAGE, 200)),
        ("missing_required_header", asked("saas", USAGE, 200)),
        (STATUS, asked("saas", USAGE, 201)),
        (STATUS, asked("saas", USAGE, 302)),
        (TYPE, asked("saas", USAGE, 400)),
        (TYPE, asked("mkio", "/api/v1/projects/a-b/usage", 404)),
        (SCHEMA, recorded(200, GOOD, headers=JSON, body=b"{}")),
        (SCHEMA, asked("saas", USAGE, 200, headers=JSON, body=b'{"success": true}')),
    ],
)
def test_what_a_page_forbids_counts(check: str, exchange: Exchange) -> None:
    assert weighed(check, exchange) is D


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (report(b"{%s}" % MONTH), set()),
        (report(b"{%s, %s}" % (MONTH, b'"granularity": "minute"')), {D}),
        (report(b"{%s, %s}" % (MONTH, b'"projectNames": [""]')), {A}),
        (recorded(200, GOOD, project="shop"), {A}),
        (recorded(200, b'{"email": "a@b.example", "metric": "", "quantity": "1"}'), {A, D}),
        (asked("metronome", "/v1/customers?limit=101", 200), {C}),
        (asked("metronome", "/v1/customers?next_page=", 200), {A}),
        (asked("metronome", "/v1/nothing", 200), set()),
    ],
)
def test_a_call_is_none_that_is_allowed_on_somebodys_word(
    exchange: Exchange, words: set[Basis]
) -> None:
    assert trespasses(exchange) == words


@pytest.mark.parametrize("text", ["\x00", "a\tb", "Bearer schön"])
def test_how_a_server_refuses_a_header_of_no_plain_text_is_its_own_affair(text: str) -> None:
    plain = asked("saas", USAGE, 400, headers={"content-type": "text/plain"})
    odd = replace(plain, asked=replace(plain.asked, headers={"authorization": text}))
    assert weighed(TYPE, odd) is A
    assert weighed(TYPE, plain) is D
