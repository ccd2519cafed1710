"""Pages of other sites stay outside, whatever name they gave this machine."""

from __future__ import annotations

import httpx
import pytest
from starlette.testclient import TestClient

from metersim import Simulator
from metersim.contract.operation import Operation
from metersim.errors import ControlError
from metersim.gate import Gate
from metersim.server import set_up

SETUP = set_up("docs-metronome", admin_token="admin")
ADMIN = {"Authorization": "Bearer admin"}
SHOP = "http://localhost:3000"
PREFLIGHT = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}


def client(*hosts: str, origins: tuple[str, ...] = ()) -> TestClient:
    gate = Gate(SETUP.application.asgi, hosts, origins)
    return TestClient(gate, base_url="http://127.0.0.1:8640")


@pytest.fixture(scope="module")
def default() -> TestClient:
    return client("127.0.0.1")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8640", "127.9.9.9", "localhost", "LOCALHOST:1", "[::1]:8640", "[::1]"],
)
@pytest.mark.parametrize("path", ["/", "/__admin/health", "/metronome/v1/usage"])
def test_loopback_by_any_of_its_names_is_this_server(
    default: TestClient, host: str, path: str
) -> None:
    assert default.get(path, headers={**ADMIN, "Host": host}).status_code in (200, 405)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8640",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.7",
        "localhost:8640@evil.example",
        "[::1",
        "evil.example, localhost",
    ],
)
@pytest.mark.parametrize("path", ["/", "/__admin/health", "/s/a/__admin/health", "/metronome/v1"])
def test_any_other_host_is_misdirected(default: TestClient, host: str, path: str) -> None:
    reply = default.get(path, headers={**ADMIN, "Host": host})
    assert (reply.status_code, "--allowed-host" in reply.json()["error"]) == (421, True)


def test_a_client_that_names_no_host_is_no_browser() -> None:
    assert Gate(SETUP.application.asgi, ()).knows("")


def test_a_host_that_was_allowed_is_this_server() -> None:
    def status(host: str) -> int:
        opened = client("api.metronome.com")
        return opened.get("/__admin/health", headers={**ADMIN, "Host": host}).status_code

    assert status("API.metronome.com:80") == 200
    assert status("api.monk.io") == 421


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_bound_to_every_address_it_is_called_by_any_and_by_no_name(bound: str) -> None:
    gate = Gate(SETUP.application.asgi, [bound])
    assert gate.knows("192.168.1.5:8640")
    assert not gate.knows("evil.example")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", SHOP, "https://127.0.0.1:8640", "http://127.0.0.1"]
)
@pytest.mark.parametrize("route", SETUP.application.control.operations, ids=lambda each: each.id)
def test_no_page_of_another_site_reaches_the_control_plane(origin: str, route: Operation) -> None:
    opened = client("127.0.0.1", origins=("*", SHOP))
    for base in ("/__admin", "/s/mine/__admin"):
        reply = opened.request(route.method, base + route.path, headers={**ADMIN, "Origin": origin})
        assert reply.status_code == 403
        assert not [name for name in reply.headers if name.startswith("access-control")]


def test_the_servers_own_pages_reach_the_control_plane(default: TestClient) -> None:
    headers = {**ADMIN, "Origin": "http://127.0.0.1:8640"}
    assert default.get("/__admin/health", headers=headers).status_code == 200


def test_a_preflight_of_the_control_plane_is_refused_though_vendors_answer_theirs() -> None:
    opened = client("127.0.0.1", origins=(SHOP,))
    assert opened.options("/__admin/reset", headers=PREFLIGHT).status_code == 403
    reply = opened.options("/metronome/v1/usage", headers=PREFLIGHT)
    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == SHOP
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]


def test_a_page_reads_replies_of_vendors_where_its_site_was_named() -> None:
    def read(origin: str, *origins: str) -> httpx.Headers:
        headers = {"Origin": origin}
        opened = client("127.0.0.1", origins=origins)
        return httpx.Headers(dict(opened.get("/metronome/v1/usage", headers=headers).headers))

    assert read(SHOP, SHOP)["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Origin" not in read("http://evil.example", SHOP)
    assert "Access-Control-Allow-Origin" not in read(SHOP)


@pytest.mark.parametrize(
    "origin",
    ["localhost:3000", "http://localhost:3000/", "http://", "HTTP://localhost", "http://Shop", ""],
)
def test_an_origin_that_no_browser_would_send_is_refused(origin: str) -> None:
    with pytest.raises(ControlError, match="expected an origin such as http://localhost:3000"):
        Gate(SETUP.application.asgi, (), (SHOP, origin))


@pytest.mark.parametrize("origin", ["*", "null", "https://[::1]:3000", "app://shop"])
def test_a_page_of_a_file_or_an_app_has_an_origin_too(origin: str) -> None:
    sent = "null" if origin == "*" else origin
    opened = client("127.0.0.1", origins=(origin,))
    reply = opened.get("/metronome/v1/usage", headers={"Origin": sent})
    assert reply.headers["Access-Control-Allow-Origin"] == origin


def test_a_simulator_of_a_test_lets_pages_in_that_were_named_and_no_others() -> None:
    for origins, allowed in (((), None), ((SHOP,), SHOP)):
        with Simulator(cors_origins=origins) as sim:
            reply = httpx.get(f"{sim.metronome.url}/v1/usage", headers={"Origin": SHOP})
            assert reply.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("name", ["http://shop", "shop:8640", "shop/", "[::1]", ""])
def test_a_name_that_no_host_header_says_is_refused(name: str) -> None:
    with pytest.raises(ControlError, match="expected the name alone, such as api.metronome.com"):
        client(name)


def test_one_origin_is_no_list_of_letters() -> None:
    with pytest.raises(ControlError, match=f"list of origins; found the text '{SHOP}'"):
        Simulator(cors_origins=SHOP).__enter__()


def test_a_server_stands_behind_the_gate() -> None:
    with Simulator() as sim:
        assert httpx.get(sim.url, headers={"Host": "evil.example"}).status_code == 421
        assert httpx.get(sim.url).status_code == 200
