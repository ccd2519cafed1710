"""A refusal that the rule book asks for names the rule, where the journal tells of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import metersim.vendors
from metersim.reading import Json
from metersim.simulation.vendor import Vendor, installed_vendors
from tests.vendors.metronome.asking import event
from tests.vendors.monk.asking import event as monk_event
from tests.wire import Simulated, basic, simulate

VENDORS = installed_vendors()
FOLDER = Path(metersim.vendors.__file__).parent

REPORT = "/api/v1/organization/reports/usage"
ASSIGNED = "/api/v1/projects/my-project/paymentMethod"
ENDPOINT = "/api/v1/projects/my-project/metricsEndpoint"
COST = "/v1/usage/cost"
USAGE = "/v1/usage"
INGEST = "/v1/ingest"
EVENTS = "/v1/events"
LATER = "2026-03-19T09:30:01Z"
RECORD = "/api/billing/public/projects/{}/usage"
KNOWN = "proj_nCBo0AB7UWpj"
DAY = {"startDate": "2026-02-01", "endDate": "2026-02-02"}
COSTS = {
    "startDate": "2026-02-01T00:00:00Z",
    "endDate": "2026-02-02T00:00:00Z",
    "externalCustomerId": "nobody",
}
WINDOWS = {
    "window_size": "day",
    "starting_on": "2026-02-01T00:00:00Z",
    "ending_before": "2026-02-02T00:00:00Z",
}
RECORDED = {"email": "a@example.com", "metric": "emails", "quantity": 1}


def trace(sim: Simulated) -> str:
    """Who refused the last call."""
    newest = sim.control("GET", "requests")["requests"][0]
    (told,) = [each for each in newest["metersim"]["trace"] if each.startswith("refused")]
    return str(told)


def refused(by: str, status: int, *rules: str) -> str:
    ids = f" ({', '.join(rules)})" if rules else ""
    return f"refused by the {by} with {status}{ids}"


@pytest.mark.parametrize(
    ("vendor", "method", "path", "body", "by", "status", "rules"),
    [
        ("mkio", "POST", REPORT, {**DAY, "startDate": "1.2."}, "contract", 400, ["05"]),
        ("mkio", "POST", REPORT, {**DAY, "endDate": "2026-02-01"}, "behaviour", 400, ["07"]),
        ("mkio", "POST", REPORT, {**DAY, "granularity": "z"}, "contract", 400, ["08"]),
        (
            "mkio",
            "POST",
            REPORT,
            {**DAY, "granularity": "hour", "endDate": "2026-03-31"},
            "behaviour",
            400,
            ["09"],
        ),
        ("mkio", "POST", REPORT, {**DAY, "endDate": "2028-02-01"}, "behaviour", 400, ["10"]),
        (
            "mkio",
            "POST",
            REPORT,
            {**DAY, "projectNames": ["a"], "paymentMethodIds": ["b"]},
            "contract",
            400,
            ["12"],
        ),
        (
            "mkio",
            "POST",
            REPORT,
            {"startDate": "x", "granularity": 1},
            "contract",
            400,
            ["05", "08"],
        ),
        ("mkio", "POST", REPORT, {}, "contract", 400, []),
        (
            "mkio",
            "GET",
            "/api/v1/organization/paymentMethods/x/rateCard",
            None,
            "behaviour",
            404,
            ["20"],
        ),
        ("mkio", "GET", "/api/v1/organization/paymentMethods/x", None, "behaviour", 404, []),
        ("mkio", "DELETE", ASSIGNED, None, "routes", 405, ["23"]),
        ("mkio", "PUT", ASSIGNED, {}, "routes", 405, []),
        ("mkio", "POST", ASSIGNED, {"paymentMethodId": None}, "contract", 400, ["23"]),
        ("mkio", "POST", ASSIGNED, {"paymentMethodId": "x"}, "behaviour", 404, ["24"]),
        ("mkio", "PATCH", ENDPOINT, {"spec": {"enabled": "yes"}}, "contract", 400, ["29"]),
        ("mkio", "GET", "/nowhere", None, "routes", 404, []),
        ("monk", "POST", COST, {**COSTS, "startDate": "2026-02-01"}, "contract", 400, ["03"]),
        (
            "monk",
            "POST",
            COST,
            {**COSTS, "startDate": COSTS["endDate"]},
            "behaviour",
            400,
            ["05"],
        ),
        ("monk", "POST", COST, COSTS, "behaviour", 404, ["08"]),
        ("monk", "POST", COST, {**COSTS, "eventNames": ["a"] * 51}, "contract", 400, ["11"]),
        ("monk", "POST", COST, {**COSTS, "eventNames": "a"}, "contract", 400, []),
        ("monk", "POST", COST, {**COSTS, "creditRateCents": 0}, "contract", 400, ["16"]),
        ("metronome", "POST", USAGE, {}, "contract", 400, ["02"]),
        ("metronome", "POST", USAGE, {**WINDOWS, "window_size": "z"}, "contract", 400, ["03"]),
        (
            "metronome",
            "POST",
            USAGE,
            {**WINDOWS, "starting_on": "2026-02-01T01:00:00Z"},
            "behaviour",
            400,
            ["04"],
        ),
        (
            "metronome",
            "POST",
            USAGE,
            {**WINDOWS, "starting_on": WINDOWS["ending_before"]},
            "behaviour",
            400,
            ["05"],
        ),
        ("metronome", "POST", f"{USAGE}?next_page=forged", WINDOWS, "behaviour", 400, ["11"]),
        ("metronome", "POST", USAGE, {**WINDOWS, "customer_ids": ["x"]}, "contract", 400, ["12"]),
        ("metronome", "POST", f"{USAGE}?limit=9", WINDOWS, "contract", 400, ["17"]),
        ("metronome", "GET", "/nowhere", None, "routes", 404, ["27"]),
        ("metronome", "POST", INGEST, [], "contract", 400, ["18"]),
        ("metronome", "POST", INGEST, [{}], "contract", 400, ["20"]),
        ("metronome", "POST", INGEST, [event("a", timestamp=LATER)], "behaviour", 400, ["21"]),
        (
            "metronome",
            "POST",
            "/v1/customers",
            {"name": "a", "ingest_aliases": ["cust_heron"]},
            "behaviour",
            409,
            ["25"],
        ),
        ("monk", "POST", f"{EVENTS}/batch", {"events": [{}] * 10_001}, "contract", 400, ["21"]),
        ("monk", "POST", EVENTS, monk_event(None, timestamp=LATER), "behaviour", 400, ["22"]),
        ("metronome", "GET", USAGE, None, "routes", 405, []),
        ("mudbase", "POST", RECORD.format("nope"), RECORDED, "contract", 400, ["06"]),
        ("mudbase", "POST", RECORD.format("proj_none"), RECORDED, "behaviour", 404, ["06"]),
        (
            "mudbase",
            "POST",
            RECORD.format(KNOWN),
            {**RECORDED, "quantity": "1"},
            "contract",
            400,
            ["02", "05"],
        ),
        (
            "mudbase",
            "POST",
            RECORD.format(KNOWN),
            {**RECORDED, "quantity": -1},
            "contract",
            400,
            ["05"],
        ),
    ],
)
def test_a_refusal_names_the_rules_that_ask_for_it_and_no_others(
    vendor: str, method: str, path: str, body: Json, by: str, status: int, rules: list[str]
) -> None:
    sim = simulate("docs-mkio" if vendor == "mkio" else "default")
    place, _, query = path.partition("?")
    asked = dict([query.split("=")]) if query else None
    answer = sim.caller(vendor).send(method, place, body, query=asked)
    assert answer.status == status
    expected = refused(by, status, *[f"{vendor.upper()}-{rule}" for rule in rules])
    assert trace(sim).partition(":")[0] == expected
    assert not any(f"{vendor.upper()}-{rule}" in answer.text for rule in rules)


@pytest.mark.parametrize(
    ("query", "by", "rules"),
    [
        ({"startDate": "2026-02-02", "endDate": "2026-02-01"}, "behaviour", ["SAAS-05"]),
        ({"endDate": "yesterday"}, "contract", ["SAAS-06"]),
        ({"metrics": ""}, "contract", ["SAAS-08"]),
    ],
)
def test_so_does_one_of_a_query(query: dict[str, str], by: str, rules: list[str]) -> None:
    sim = simulate()
    assert sim.caller("saas").get("/api/billing/usage", query).status == 400
    assert trace(sim).partition(":")[0] == refused(by, 400, *rules)


@pytest.mark.parametrize(
    ("vendor", "method", "path", "token", "status", "rules"),
    [
        ("mkio", "POST", REPORT, None, 401, ["MKIO-01"]),
        ("mkio", "POST", REPORT, "metersim-noscope", 403, []),
        ("monk", "POST", COST, "metersim-expired", 401, ["MONK-01"]),
        ("monk", "POST", COST, "metersim-noscope", 403, ["MONK-02"]),
        ("metronome", "POST", USAGE, "wrong", 401, ["METRONOME-01"]),
        ("saas", "GET", "/api/billing/usage", None, 401, ["SAAS-01"]),
        ("mudbase", "POST", RECORD.format("65f0c2a49b7e4d1f8c06a2b5"), None, 401, ["MUDBASE-07"]),
        ("mudbase", "POST", RECORD.format(KNOWN), "wrong", 401, []),
    ],
)
def test_so_does_one_of_the_credentials(
    vendor: str, method: str, path: str, token: str | None, status: int, rules: list[str]
) -> None:
    sim = simulate()
    assert sim.caller(vendor, token).send(method, path).status == status
    assert trace(sim).partition(":")[0] == refused("credentials", status, *rules)


def test_a_scraper_with_other_credentials_meets_the_rule_of_the_scraped() -> None:
    sim = simulate("docs-mkio")
    scraper = sim.caller("mkio", None)
    path = "/api/v1/projects/my-project/metrics"
    assert scraper.send("GET", path, headers=basic("a", "b")).status == 401
    assert trace(sim).partition(":")[0] == refused("credentials", 401, "MKIO-28")


def test_a_limit_names_its_rule_and_a_fault_that_looks_like_one_does_not() -> None:
    sim = simulate(vendor_limits=True)
    usage = sim.caller("metronome")
    assert [usage.post(USAGE, WINDOWS).status for _ in range(9)] == [200] * 8 + [429]
    assert trace(sim).partition(":")[0] == refused("rate limits", 429, "METRONOME-26")
    sim.clock.advance(seconds=1)
    sim.faults.add(vendor="metronome", problem={"status": 429})
    assert usage.post(USAGE, WINDOWS).status == 429
    assert trace(sim).startswith("refused by a fault with 429:")


def named_in_code(vendor: str) -> Iterator[str]:
    """The ids after ``rule=`` in a vendor's package."""
    for file in (FOLDER / vendor).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "rule":
                assert isinstance(node.value, ast.Constant), f"{file}:{node.value.lineno}"
                yield str(node.value.value)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS.keys())
def test_a_rule_that_code_names_stands_in_the_vendors_book(vendor: Vendor) -> None:
    book = {rule.id for rule in vendor.rules if rule.modelled}
    named = list(named_in_code(vendor.name))
    assert named
    assert set(named) <= book


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS.keys())
def test_a_rule_that_says_a_status_of_refusal_is_named_by_some(vendor: Vendor) -> None:
    """Unless it is about the form of every failure, or is not simulated."""
    named = set(named_in_code(vendor.name))
    silent = [
        rule.id
        for rule in vendor.rules
        if rule.modelled and "→ 4" in rule.statement and not rule.refuses and rule.id not in named
    ]
    assert silent == []
