"""Who is let in, and what the others are told."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from metersim.billing.instants import parse_instant
from metersim.scenario import load_scenario
from metersim.simulation.call import Call, Reply, Request
from metersim.simulation.pipeline import answer
from metersim.simulation.vendor import Vendor
from metersim.world.changes import ClockSet, MetricsEndpointSwitched
from metersim.world.opening import Credential
from metersim.world.world import World
from tests.contract.documents import ASSUMED
from tests.simulation.parcels import document, parcels

BEARER = {"type": "http", "scheme": "bearer", **ASSUMED}
BASIC = {"type": "http", "scheme": "basic", **ASSUMED}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key", **ASSUMED}

SCENARIO = """
clock: 2026-03-01
meters: {m: {}}
customers: {c: {}}
projects: {site: {customer: c}}
credentials:
  writer: {scopes: [parcels:write]}
  reader: {scopes: [parcels:read]}
  others: {scopes: [letters:read]}
  guest: {scopes: ["*"], expires: 2026-03-02}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO)
    return World(load_scenario(path).open())


def letting_in(folder: Path, security: Any, seen: list[Credential | None] | None = None) -> Vendor:
    """A vendor with these alternatives; what is let in is appended."""

    def note(call: Call, world: World) -> Reply:
        if seen is not None:
            seen.append(call.credential)
        return Reply({"weight": 1})

    schemes = {"bearer": BEARER, "basic": BASIC, "key": KEY}
    spoken = document(security=security)
    spoken["components"]["securitySchemes"] = schemes
    return parcels(folder, {"getParcel": note}, document=spoken)


def asked(vendor: Vendor, world: World, **headers: str) -> tuple[int, str]:
    """The status, and what is said of a refusal."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = answer(vendor, Request("GET", "/parcels/7", "", sent), world, "call-1")
    return reply.status, reply.body.get("error", "")


ONE = [{"bearer": ["parcels:read"]}]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("metersim-token", (200, "")),
        ("metersim-readonly", (200, "")),
        ("metersim-noscope", (403, "Missing required scope: parcels:read")),
        ("metersim-expired", (401, "The credentials have expired")),
        ("reader", (200, "")),
        ("writer", (403, "Missing required scope: parcels:read")),
        ("others", (403, "Missing required scope: parcels:read")),
        ("Reader", (401, "Invalid credentials")),
        ("reader ", (200, "")),
        ("nobody", (401, "Invalid credentials")),
    ],
)
def test_a_token_is_let_in_where_its_scopes_suffice(
    tmp_path: Path, world: World, token: str, expected: tuple[int, str]
) -> None:
    assert asked(letting_in(tmp_path, ONE), world, authorization=f"Bearer {token}") == expected


def test_one_that_may_only_read_is_forbidden_to_write(tmp_path: Path, world: World) -> None:
    vendor = letting_in(tmp_path, [{"bearer": ["parcels:write"]}])
    assert asked(vendor, world, authorization="Bearer metersim-readonly")[0] == 403
    assert asked(vendor, world, authorization="Bearer writer")[0] == 200


def test_every_scope_that_is_asked_for_is_needed(tmp_path: Path, world: World) -> None:
    vendor = letting_in(tmp_path, [{"bearer": ["letters:read", "parcels:read", "a:write"]}])
    assert asked(vendor, world, authorization="Bearer others") == (
        403,
        "Missing required scope: parcels:read, a:write",
    )
    assert asked(vendor, world, authorization="Bearer metersim-token")[0] == 200


@pytest.mark.parametrize("header", ["", " ", "\t"])
def test_without_a_credential_nobody_is_let_in(tmp_path: Path, world: World, header: str) -> None:
    vendor = letting_in(tmp_path, ONE)
    assert asked(vendor, world) == (401, "Authentication required")
    assert asked(vendor, world, authorization=header) == (401, "Authentication required")


@pytest.mark.parametrize("header", ["reader", "Bearer", "Bearer ", "Basic reader", "Token reader"])
def test_a_malformed_header_is_told_the_form(tmp_path: Path, world: World, header: str) -> None:
    status, said = asked(letting_in(tmp_path, ONE), world, authorization=header)
    assert (status, said) == (401, "Expected `Authorization: Bearer …`")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_case_of_the_scheme_does_not_matter(tmp_path: Path, world: World, scheme: str) -> None:
    assert asked(letting_in(tmp_path, ONE), world, authorization=f"{scheme} reader")[0] == 200


def test_a_credential_expires_by_the_worlds_clock(tmp_path: Path, world: World) -> None:
    vendor = letting_in(tmp_path, ONE)
    for now, status in (
        ("2026-03-01T23:59:59.999999Z", 200),
        ("2026-03-02T00:00:00Z", 401),
        ("2026-03-01T00:00:00Z", 200),
    ):
        world.apply(ClockSet(parse_instant(now)))
        assert asked(vendor, world, authorization="Bearer guest")[0] == status


def test_a_public_operation_judges_a_credential_that_is_presented_all_the_same(
    tmp_path: Path, world: World
) -> None:
    seen: list[Credential | None] = []
    vendor = letting_in(tmp_path, [{}, {"key": ["parcels:read"]}], seen)
    assert asked(vendor, world)[0] == 200
    assert asked(vendor, world, x_key="reader")[0] == 200
    assert [credential and credential.token for credential in seen] == [None, "reader"]
    assert asked(vendor, world, x_key="raeder") == (401, "Invalid credentials")
    assert asked(vendor, world, x_key="others")[0] == 403


def test_a_key_is_the_whole_header(tmp_path: Path, world: World) -> None:
    vendor = letting_in(tmp_path, [{"key": ["parcels:read"]}])
    assert asked(vendor, world, x_key=" reader ")[0] == 200
    assert asked(vendor, world, x_key="Bearer reader")[0] == 401
    assert asked(vendor, world, authorization="Bearer reader")[0] == 401


def test_any_alternative_suffices_and_the_first_presented_is_judged(
    tmp_path: Path, world: World
) -> None:
    vendor = letting_in(tmp_path, [{"key": ["parcels:read"]}, *ONE])
    assert asked(vendor, world, authorization="Bearer reader")[0] == 200
    assert asked(vendor, world, x_key="reader")[0] == 200
    assert asked(vendor, world, x_key="nobody", authorization="Bearer reader")[0] == 401
    assert asked(vendor, world, x_key="reader", authorization="Bearer nobody")[0] == 200
    # What one header says is no answer to what another asks.
    turned = letting_in(tmp_path, [*ONE, {"key": ["parcels:read"]}])
    assert asked(turned, world, x_key="reader", authorization="reader")[0] == 401


@pytest.mark.parametrize(
    ("security", "headers", "challenge"),
    [
        (ONE, {}, "Bearer"),
        (ONE, {"authorization": "Bearer nobody"}, "Bearer"),
        (ONE, {"authorization": "Bearer metersim-expired"}, "Bearer"),
        (ONE, {"authorization": "nobody"}, "Bearer"),
        ([{"basic": []}, *ONE], {}, "Basic, Bearer"),
        ([{"basic": []}, *ONE], {"authorization": "nobody"}, "Basic, Bearer"),
        ([{"key": []}, *ONE], {}, "Bearer"),
        ([{"key": []}], {}, None),
    ],
)
def test_one_who_is_not_known_is_told_the_schemes_to_use(
    tmp_path: Path, world: World, security: Any, headers: dict[str, str], challenge: str | None
) -> None:
    vendor = letting_in(tmp_path, security)
    reply = answer(vendor, Request("GET", "/parcels/7", "", headers), world, "call-1")
    assert reply.status == 401
    assert reply.headers.get("WWW-Authenticate") == challenge


def basic(text: bytes) -> str:
    return f"Basic {base64.b64encode(text).decode()}"


def test_basic_takes_what_a_metrics_endpoint_gave_out(tmp_path: Path, world: World) -> None:
    seen: list[Credential | None] = []
    vendor = letting_in(tmp_path, [{"basic": ["metrics:read"]}], seen)
    project = world.opening.projects["site"]
    world.apply(MetricsEndpointSwitched("site", enabled=True))
    access = world.metrics_access(project)
    assert access is not None
    given = basic(f"{access.username}:{access.password}".encode())
    assert asked(vendor, world, authorization=given)[0] == 200
    assert [credential and credential.project for credential in seen] == ["site"]
    for wrong in (f"{access.username}:{access.password}x", f"x:{access.password}"):
        assert asked(vendor, world, authorization=basic(wrong.encode()))[0] == 401
    world.apply(MetricsEndpointSwitched("site", enabled=False))
    assert asked(vendor, world, authorization=given)[0] == 401


@pytest.mark.parametrize(
    "header",
    [
        *(basic(b"user:password"), basic(b"no colon"), basic(b""), basic(b"\xff:\xfe"), "Basic x"),
        *("Basic metersim-token", "Basic é", "Basic ====", "Basic YQ", "Bearer reader", "Basic"),
    ],
)
def test_basic_with_anything_else_is_refused(tmp_path: Path, world: World, header: str) -> None:
    vendor = letting_in(tmp_path, [{"basic": ["metrics:read"]}])
    assert asked(vendor, world, authorization=header)[0] == 401


def test_two_schemes_share_a_header(tmp_path: Path, world: World) -> None:
    vendor = letting_in(tmp_path, [{"basic": ["metrics:read"]}, *ONE])
    assert asked(vendor, world, authorization="Bearer reader")[0] == 200
    assert asked(vendor, world, authorization=basic(b"a:b")) == (401, "Invalid credentials")
    assert asked(vendor, world, authorization="Digest x") == (
        401,
        "Expected `Authorization: Basic or Bearer …`",
    )
