"""No door of the server opens to who has no key, however the door is written.

Mockoon CVE-2026-59148 (admin API without a token), Hoverfly GO-2025-3945 (a stream that the token
did not guard), MockServer 9.2.0 (data plane open to look-alike paths), MockServer CVE-2021-32827
and mockd (any web page, rebound name or local process as an administrator).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metersim import Simulator
from metersim.server import set_up
from metersim.simulation.vendor import Vendor
from tests.security.attacker import Attacker

SETUP = set_up("docs-metronome")
ROUTES = [(each.method, each.path) for each in SETUP.application.control.operations]
# Ways to write the path of the control plane that a prefix, a proxy or a decoder may take for it.
ADMIN = (
    *("/__admin", "//__admin", "///__admin", "/./__admin", "/x/../__admin", "/__admin/."),
    *("/__admin/", "/__admin/../__admin", "/%5f%5fadmin", "/__admi%6e", "/%2f__admin"),
    *("/__ADMIN", "/__admin;x", "/__admin%00", "/__admin%2f", "/__admin\\", "/__admin?"),
    *("/s/x/__admin", "/s/x//__admin", "/s//__admin", "/S/x/__admin", "/s/x/../__admin"),
    *("/s/%2e%2e/__admin", "/s/x%2f__admin", "/metronome/__admin", "/metronome/../__admin"),
    *("/metronome/%2e%2e/__admin", "http://evil.example/__admin", "/__admin#"),
)


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator("default") as running:
        yield running


@pytest.fixture
def attacker(sim: Simulator) -> Iterator[Attacker]:
    attacker = Attacker(sim.url)
    yield attacker
    attacker.close()


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("base", ADMIN)
def test_no_way_to_write_a_route_of_the_control_plane_goes_round_its_token(
    attacker: Attacker, base: str
) -> None:
    for method, path in ROUTES:
        status, told = attacker.send(method, base + path)
        assert 400 <= status < 500, f"{method} {base}{path}: {told}"


@pytest.mark.parametrize("base", ADMIN)
def test_no_way_to_write_it_lets_a_page_of_another_site_in_with_the_token(
    attacker: Attacker, sim: Simulator, base: str
) -> None:
    for origin in ("http://evil.example", "null"):
        for path in ("/health", "/requests/stream"):
            headers = {**bearer(sim.admin_token), "origin": origin}
            status, told = attacker.send("GET", base + path, headers)
            assert 400 <= status < 500, f"{base}{path}: {told}"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "x-real-ip": "::1"},
        {"x-original-url": "/", "x-rewrite-url": "/", "x-http-method-override": "OPTIONS"},
        {"cookie": "token={token}; authorization=Bearer {token}"},
        {"x-api-key": "{token}", "x-auth-token": "{token}", "proxy-authorization": "{token}"},
        {"authorization": "{token}"},
        {"authorization": "Basic {token}"},
        {"authorization": "Bearer {token}, Bearer x"},
        {"authorization": "Bearer"},
    ],
)
def test_who_is_on_this_machine_or_says_the_token_elsewhere_is_nobody(
    attacker: Attacker, sim: Simulator, headers: dict[str, str]
) -> None:
    told = {name: value.format(token=sim.admin_token) for name, value in headers.items()}
    for query in ("", f"?token={sim.admin_token}&access_token={sim.admin_token}"):
        assert attacker.send("GET", f"/__admin/health{query}", told)[0] == 401
        assert attacker.send("GET", f"/__admin/requests/stream{query}", told)[0] == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::1].evil.example"])
def test_a_rebound_name_is_turned_away_with_the_token_and_without(
    attacker: Attacker, sim: Simulator, host: str
) -> None:
    """The other ways to write a Host or an Origin stand in ``test_gate.py``."""
    for path in ("/__admin/health", "/", "/metronome/v1/usage"):
        headers = {**bearer(sim.admin_token), "host": host}
        assert attacker.send("GET", path, headers)[0] == 421


def test_an_upgrade_is_no_way_round_the_token(
    attacker: Attacker, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert attacker.send("GET", "/__admin/requests/stream", upgrade)[0] == 401
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def lookalikes(vendor: str, path: str) -> Iterator[str]:
    first, _, rest = path.removeprefix("/").partition("/")
    known = f"/{first}/{rest}".replace("{name}", "my-project").replace(
        "{paymentMethodId}", "pm-azure"
    )
    encoded = f"%{ord(known[1]):02x}"
    yield from (f"/{vendor}{known}{tail}" for tail in ("", "/", "//", "/.", ";x", "%00", "?", "#"))
    yield from (f"/{vendor}{head}{known}" for head in ("/", "/.", "/x/..", "/%2e", "/__admin/.."))
    yield f"/{vendor}/{encoded}{known[2:]}"
    yield f"/{vendor}{known.upper()}"
    yield f"//{vendor}{known}"
    yield f"/s/x/../../{vendor}{known}"
    yield f"http://evil.example/{vendor}{known}"


@pytest.mark.parametrize("vendor", SETUP.vendors.values(), ids=SETUP.vendors.keys())
def test_no_way_to_write_an_operation_goes_round_its_credentials(
    attacker: Attacker, vendor: Vendor
) -> None:
    guarded = [each for each in vendor.contract.operations.values() if not each.public]
    asked = [
        (each.method, target) for each in guarded for target in lookalikes(vendor.name, each.path)
    ]
    for method, target in asked:
        for way in (method, "HEAD", "OPTIONS", "TRACE"):
            status, told = attacker.send(way, target, {"content-type": "application/json"}, b"{}")
            assert 400 <= status < 500, f"{way} {target}: {told}"
    assert asked or vendor.name == "mudbase"  # whose one operation is public
