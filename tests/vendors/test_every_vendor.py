"""The laws of all vendors, read off each one's document: a further vendor needs nothing here."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from inspect import getfile
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from metersim.contract.document import JSON, METHODS
from metersim.contract.operation import Operation, Requirement
from metersim.reading import read_file
from metersim.scenario import scenario_names
from metersim.simulation.call import Request
from metersim.simulation.vendor import Vendor, installed_vendors
from tests.wire import Answer, Simulated, basic, simulate

SUCCESS = range(200, 300)
TOKENS = ("metersim-token", "metersim-readonly", "metersim-noscope")
STRANGERS = ("metersim-tokn", "metersim-expired")
BODIES: tuple[Any, ...] = (b'{"unfinished": ', b"\xff\xfe", [], {}, "text")  # two are no JSON
WEB_FRAMEWORKS = {"aiohttp", "django", "fastapi", "flask", "sanic", "starlette", "uvicorn"}


@dataclass(frozen=True)
class Printed:
    """An operation that is simulated, and what its document prints for calling it."""

    vendor: Vendor
    operation: Operation
    path: str
    query: Mapping[str, str]  # what must be there; the whole is what may
    whole: Mapping[str, str]
    bodies: Sequence[Any]

    def __str__(self) -> str:
        return f"{self.vendor.name}-{self.operation.id}"

    @property
    def admitted(self) -> dict[str, str] | None:
        """Headers of who may do anything; None where no token counts, but a password."""
        ways = [bearing(n, TOKENS[0]) for n in self.operation.security if n.type != "basic"]
        return next(iter(ways), {} if self.operation.public else None)

    def send(
        self, sim: Simulated, headers: dict[str, str], body: Any = None, whole: bool = True
    ) -> Answer:
        """The printed request, with the first printed body or another."""
        sent = self.bodies[0] if body is None and self.bodies else body
        caller, query = sim.caller(self.vendor.name, None), self.whole if whole else self.query
        return caller.send(self.operation.method, self.path, sent, query=query, headers=headers)


def bearing(need: Requirement, token: str) -> dict[str, str]:
    """Headers that present a token the way it is asked for."""
    if need.type == "basic":
        return basic("metersim", token)
    return {need.header: f"Bearer {token}" if need.type == "bearer" else token}


def printed_by(vendor: Vendor) -> Iterator[Printed]:
    document = read_file(vendor.document).data

    def resolved(node: Any) -> Any:
        while "$ref" in node:
            node = reduce(getitem, node["$ref"].removeprefix("#/").split("/"), document)
        return node

    def examples(node: Any) -> list[Any]:
        named = [example["value"] for example in node.get("examples", {}).values()]
        return [*named, node["example"]] if "example" in node else named

    def spelt(value: Any) -> str:
        return ",".join(value) if isinstance(value, list) else str(value)

    for operation in (vendor.contract.operations[name] for name in vendor.behaviours):
        item = document["paths"][operation.path]
        node = item[operation.method.lower()]
        rows = map(resolved, [*item.get("parameters", []), *node.get("parameters", [])])
        shown = {row["name"]: spelt(value) for row in rows for value in examples(row)[:1]}
        asked = [p for p in operation.parameters if p.place == "query" and p.name in shown]
        query = {p.name: shown[p.name] for p in asked if p.required}
        whole = {p.name: shown[p.name] for p in asked}
        media = resolved(node.get("requestBody", {})).get("content", {}).values()
        bodies = [value for each in media for value in examples(each)]
        yield Printed(vendor, operation, operation.path.format_map(shown), query, whole, bodies)


VENDORS = installed_vendors()
PRINTED = [each for vendor in VENDORS.values() for each in printed_by(vendor)]
OPEN_TO_TOKENS = [each for each in PRINTED if each.admitted is not None]
WAYS_IN = [(each, need) for each in PRINTED for need in each.operation.security]

every_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
every_operation = pytest.mark.parametrize("each", PRINTED, ids=str)
every_way_in = pytest.mark.parametrize(
    ("each", "need"), WAYS_IN, ids=lambda value: getattr(value, "type", str(value))
)


def at_home(vendor: Vendor) -> Simulated:
    """A session of the scenario that makes sense of what the vendor's document prints."""
    return simulate(f"docs-{vendor.name}")


def assert_documented(each: Printed, answer: Answer, *statuses: int) -> None:
    assert answer.status in statuses, answer.text
    media_type = answer.headers.get("content-type", JSON)  # without a body there is none
    body = answer.data if answer.text and media_type == JSON else answer.text or None
    assert each.operation.judge_reply(answer.status, media_type, body) == []


def all_kinds_of_calls(vendor: Vendor, sim: Simulated) -> Iterator[Answer]:
    """To every operation: as printed and otherwise, by everybody and by nobody."""
    for each in (each for each in PRINTED if each.vendor is vendor):
        ways = [bearing(n, t) for n in each.operation.security for t in (*TOKENS, *STRANGERS)]
        for headers in ({}, *ways):
            yield each.send(sim, headers, whole=False)
            yield from (each.send(sim, headers, body) for body in (None, *BODIES))


def keys_and_kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: keys_and_kinds(child) for key, child in value.items()}
    return type(value).__name__


@cache
def forms_of_refusals(name: str) -> list[Any]:
    """As documents speak of them: all that a vendor refuses while it knows the operation."""
    answers = all_kinds_of_calls(VENDORS[name], at_home(VENDORS[name]))
    return [keys_and_kinds(answer.data) for answer in answers if answer.status >= 400]


@every_vendor
def test_an_operation_has_a_behaviour_or_a_reason_to_have_none(vendor: Vendor) -> None:
    assert vendor.contract.operations.keys() == {*vendor.behaviours, *vendor.not_simulated}
    assert vendor.behaviours.keys().isdisjoint(vendor.not_simulated)
    assert all(reason.strip() for reason in vendor.not_simulated.values())


@every_vendor
def test_a_rule_bears_the_vendors_name_and_is_about_its_operations(vendor: Vendor) -> None:
    for rule in vendor.rules:
        assert rule.id.startswith(f"{vendor.name.upper()}-")
        assert set(rule.operations) <= vendor.contract.operations.keys()


@every_vendor
def test_a_vendor_has_the_same_modules_as_any_and_no_web_framework(vendor: Vendor) -> None:
    modules = {path.stem: path for path in Path(getfile(vendor.problem_body)).parent.glob("*.py")}
    may_have = {"explanation", "limits", "shapes", "view"}
    # What one page could not hold, by topic.
    may_have |= {"customers", "ingestion", "lists", "metrics"}
    assert modules.keys() - may_have == {"__init__", "behaviour", "problems", "rules"}
    for path in modules.values():
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
        names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        assert WEB_FRAMEWORKS.isdisjoint(name.partition(".")[0] for name in names), path


@pytest.mark.parametrize("each", OPEN_TO_TOKENS, ids=str)
def test_every_printed_request_succeeds_as_documented(each: Printed) -> None:
    for body in each.bodies or (None,):
        for whole in (False, True):
            answer = each.send(at_home(each.vendor), each.admitted or {}, body, whole)
            assert_documented(each, answer, *SUCCESS)


@every_operation
def test_a_caller_without_credentials_is_401_unless_the_operation_is_public(each: Printed) -> None:
    for headers in ({}, *({need.header: "  "} for need in each.operation.security)):
        answer = each.send(at_home(each.vendor), headers)
        assert_documented(each, answer, *(SUCCESS if each.operation.public else (401,)))


@every_way_in
def test_a_token_opens_what_its_scopes_say(each: Printed, need: Requirement) -> None:
    reads = all(scope.endswith(":read") for scope in need.scopes)
    may = dict(zip(TOKENS, (True, reads, not need.scopes), strict=True))
    for token in (*TOKENS, *STRANGERS):
        known = token in TOKENS and need.type != "basic"  # which takes a password, and no token
        statuses = (401,) if not known else SUCCESS if may[token] else (403,)
        sim = at_home(each.vendor)
        assert_documented(each, each.send(sim, bearing(need, token)), *statuses)
        assert statuses is SUCCESS or sim.control("GET", "changes")["changes"] == []


@every_vendor
def test_an_unknown_path_is_404(vendor: Vendor) -> None:
    for path in ("/", "/nowhere" * 99):
        answer = at_home(vendor).caller(vendor.name).get(path)
        assert (answer.status, answer.headers["content-type"]) == (404, JSON)
        assert keys_and_kinds(answer.data) in forms_of_refusals(vendor.name)


@every_operation
def test_another_method_is_405_and_told_which_are_allowed(each: Printed) -> None:
    (route,) = (r for r in each.vendor.contract.routes if each.operation in r.operations.values())
    for method in sorted({method.upper() for method in METHODS} - route.operations.keys()):
        answer = at_home(each.vendor).caller(each.vendor.name).send(method, each.path)
        assert (answer.status, answer.headers["content-type"]) == (405, JSON)
        assert answer.headers["allow"].split(", ") == sorted(route.operations)
        if method == "HEAD":
            assert answer.text == ""
        else:
            assert keys_and_kinds(answer.data) in forms_of_refusals(each.vendor.name)


@pytest.mark.parametrize("each", [e for e in OPEN_TO_TOKENS if e.operation.body], ids=str)
def test_a_body_that_cannot_be_taken_is_refused_and_changes_nothing(each: Printed) -> None:
    assert each.operation.body
    schema = each.operation.body.media[JSON]
    sim, headers = at_home(each.vendor), each.admitted or {}
    for body in (*BODIES[:2], *filter(schema.violations, BODIES[2:])):
        assert_documented(each, each.send(sim, headers, body), 400)
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        assert_documented(each, each.send(sim, {**headers, "content-type": media_type}), 415)
    path = f"/{each.vendor.name}{each.path}"
    oversized = Request(each.operation.method, path, headers=headers, body=None)
    assert_documented(each, sim.send(oversized), 413)
    assert sim.state == at_home(each.vendor).state
    assert sim.control("GET", "changes")["changes"] == []


@every_vendor
def test_no_two_calls_have_the_same_id(vendor: Vendor) -> None:
    answers = list(all_kinds_of_calls(vendor, at_home(vendor)))
    assert len({answer.headers["x-metersim-request-id"] for answer in answers}) == len(answers)


@every_vendor
def test_the_same_calls_in_two_sessions_give_the_same_bytes(vendor: Vendor) -> None:
    one, other = (
        [str(answer).replace(sim.url, "") for answer in all_kinds_of_calls(vendor, sim)]
        for sim in (at_home(vendor), at_home(vendor))
    )
    assert one == other


@pytest.mark.parametrize("scenario", [*scenario_names(), "bare"])
@every_vendor
def test_a_world_without_the_vendors_things_is_no_defect(
    vendor: Vendor, scenario: str, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.yaml"
    bare.write_text("clock: 2026-03-01\nmeters: {calls: {}}\n")
    for answer in all_kinds_of_calls(vendor, simulate(bare if scenario == "bare" else scenario)):
        assert answer.status < 500, answer.text
