"""The export of a project's metrics: its switch, its credentials, its figures."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from metersim import Simulator
from tests.vendors.mkio.calls import assign, changes, project, quantities, report
from tests.wire import Answer, Caller, basic, simulate


def endpoint(mkio: Caller, name: str = "my-project") -> Any:
    return mkio.get(project(name, "metricsEndpoint")).data


def switch(mkio: Caller, enabled: bool, name: str = "my-project") -> Any:
    answer = mkio.patch(project(name, "metricsEndpoint"), {"spec": {"enabled": enabled}})
    assert answer.status == 200
    return answer.data


def scrape(mkio: Caller, access: Any, name: str = "my-project") -> Answer:
    headers = basic(access["username"], access["password"])
    return mkio.send("GET", project(name, "metrics"), headers=headers)


def samples(text: str) -> dict[tuple[str, str], float]:
    """Values by project and meter, as Prometheus would read them."""
    (family,) = text_string_to_metric_families(text)
    assert (family.name, family.type) == ("mkio_usage", "counter")
    assert {sample.name for sample in family.samples} <= {"mkio_usage_total"}
    return {(s.labels["project"], s.labels["meter"]): s.value for s in family.samples}


def test_mkio_27_the_endpoint_is_off_until_it_is_switched_on() -> None:
    mkio = simulate().caller("mkio")
    off = {"metadata": {"projectName": "my-project"}, "spec": {"enabled": False}}
    assert endpoint(mkio) == off
    on = switch(mkio, True)
    assert on["spec"] == {"enabled": True}
    assert on["status"].keys() == {"url", "username", "password"}
    assert endpoint(mkio) == on
    assert endpoint(mkio, "northwind-staging")["spec"] == {"enabled": False}
    assert switch(mkio, False) == off
    assert endpoint(mkio) == off


def test_mkio_27_switched_on_again_it_has_the_same_user_and_a_new_password() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    first = switch(mkio, True)["status"]
    assert switch(mkio, True)["status"] == first
    switch(mkio, False)
    switch(mkio, False)
    again = switch(mkio, True)["status"]
    assert again["username"] == first["username"]
    assert again["password"] != first["password"]
    assert [each["enabled"] for each in changes(simulator)] == [True, False, True]


def test_mkio_28_the_url_leads_to_the_project_in_its_session() -> None:
    simulator = simulate()
    status = switch(simulator.caller("mkio"), True)["status"]
    assert status["url"] == f"{simulator.mkio.url}/api/v1/projects/my-project/metrics"


def test_mkio_28_the_name_of_the_project_is_encoded_in_the_url(tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(
        "clock: 2026-01-01\nmeters: {clips: {}}\ncustomers: {acme: {}}\n"
        'projects: {"a/b ü": {customer: acme}}\n',
        encoding="utf-8",
    )
    mkio = simulate(file).caller("mkio")
    status = switch(mkio, True, "a%2Fb%20%C3%BC")["status"]
    path = urlsplit(status["url"]).path
    assert path.endswith("/mkio/api/v1/projects/a%2Fb%20%C3%BC/metrics")
    assert scrape(mkio, status, "a%2Fb%20%C3%BC").status == 200


def test_mkio_28_the_credentials_that_were_read_open_the_metrics() -> None:
    mkio = simulate().caller("mkio")
    answer = scrape(mkio, switch(mkio, True)["status"])
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert samples(answer.text)["my-project", "exports"] == 3


def refused_ways(access: Any) -> list[dict[str, str]]:
    user, password = access["username"], access["password"]
    return [
        basic(user, password + "x"),
        basic(user, ""),
        basic("", password),
        basic("metrics-00000000", password),
        basic(user.upper(), password),
        basic(password, user),
        {"authorization": "Basic"},
        {"authorization": "Basic %%%"},
        {"authorization": f"Bearer {password}"},
        {"authorization": "Bearer metersim-token"},
        {"authorization": ""},
    ]


def test_mkio_28_any_other_credentials_are_refused() -> None:
    mkio = simulate().caller("mkio")
    access = switch(mkio, True)["status"]
    for headers in refused_ways(access):
        answer = mkio.send("GET", project("my-project", "metrics"), headers=headers)
        assert answer.status == 401, headers
        assert answer.data["error"]["code"] == "unauthorized"


def test_mkio_28_the_credentials_of_one_project_do_not_open_another() -> None:
    mkio = simulate().caller("mkio")
    mine = switch(mkio, True)["status"]
    switch(mkio, True, "heron-lab")
    assert scrape(mkio, mine, "heron-lab").status == 401
    assert scrape(mkio, mine, "northwind-staging").status == 401
    assert scrape(mkio, mine, "nobody").status == 401


def test_mkio_28_an_endpoint_switched_off_refuses_the_credentials_it_gave() -> None:
    mkio = simulate().caller("mkio")
    old = switch(mkio, True)["status"]
    switch(mkio, False)
    assert scrape(mkio, old).status == 401
    new = switch(mkio, True)["status"]
    assert scrape(mkio, old).status == 401
    assert scrape(mkio, new).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"spec": {"enabled": "true"}},
        {"spec": {"enabled": 1}},
        {"spec": {"enabled": None}},
        {"spec": {}},
        {"spec": True},
        {"spec": None},
        {"enabled": True},
        {},
        [],
        b"",
        b"{",
    ],
)
@pytest.mark.parametrize("was_on", [True, False])
def test_mkio_29_a_patch_of_another_form_changes_nothing(body: object, was_on: bool) -> None:
    mkio = simulate().caller("mkio")
    before = switch(mkio, was_on)
    answer = mkio.patch(project("my-project", "metricsEndpoint"), body)
    assert answer.status == 400
    assert endpoint(mkio) == before


def test_the_endpoint_of_an_unknown_project_is_not_found() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    path = project("nobody", "metricsEndpoint")
    assert mkio.get(path).status == 404
    assert mkio.patch(path, {"spec": {"enabled": True}}).status == 404
    assert changes(simulator) == []


def test_counters_hold_all_usage_up_to_now_whoever_pays_for_it() -> None:
    simulator = simulate()
    mkio = simulator.caller("mkio")
    access = switch(mkio, True, "larkspur-live")["status"]

    def reported() -> dict[tuple[str, str], Decimal]:
        whole = ("2024-01-01", "2027-01-01")
        rows = report(mkio, *whole, granularity="year", projectNames=["larkspur-live"])
        return {(p, m): q for (p, m), q in quantities(rows, "projectName", "meter").items()}

    for _ in range(2):
        found = samples(scrape(mkio, access, "larkspur-live").text)
        # Doubles here, exact there: the same number all the same, as both are the nearest.
        assert {key: value for key, value in found.items() if value} == {
            key: float(quantity) for key, quantity in reported().items()
        }
        assert found["larkspur-live", "emails"] == 0
        assign(mkio, "larkspur-live", "pm-direct")
        simulator.clock.advance(days=3)


def test_only_what_can_be_summed_is_a_counter(tmp_path: Path) -> None:
    file = tmp_path / "kinds.yaml"
    file.write_text("""
clock: 2026-01-02
meters:
  sum: {unit: 'GB "raw"'}
  count: {aggregation: COUNT, events: [sum]}
  peak: {aggregation: MAX, events: [sum]}
  level: {aggregation: LATEST, events: [sum]}
  distinct: {aggregation: UNIQUE, events: [sum]}
  paused: {events: [sum], status: inactive}
customers: {acme: {}}
projects: {site: {customer: acme}}
events:
  - {at: 2026-01-01, customer: acme, project: site, event: sum, quantity: 0.1}
  - {at: 2026-01-01, customer: acme, project: site, event: sum, quantity: 0.2}
  - {at: 2026-01-03, customer: acme, project: site, event: sum, quantity: 9}
""")
    mkio = simulate(file).caller("mkio")
    text = scrape(mkio, switch(mkio, True, "site")["status"], "site").text
    assert samples(text) == {("site", "sum"): 0.3, ("site", "count"): 2}
    assert r'{meter="sum",project="site",unit="GB \"raw\""} 0.3' in text


def test_prometheus_reads_the_metrics_over_the_wire() -> None:
    with Simulator() as simulator:
        headers = {"authorization": f"Bearer {simulator.mkio.token}"}
        path = f"{simulator.session('scraped').mkio.url}{project('heron-lab', 'metricsEndpoint')}"
        on = httpx.patch(path, json={"spec": {"enabled": True}}, headers=headers)
        access = on.json()["status"]
        login = (access["username"], access["password"])
        answer = httpx.get(access["url"], auth=login)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert samples(answer.text)["heron-lab", "cpu_hours"] > 0
        assert httpx.get(access["url"], auth=(login[0], "guessed")).status_code == 401
        # The endpoint of the default session was never switched on.
        url = f"{simulator.mkio.url}{project('heron-lab', 'metrics')}"
        assert httpx.get(url, auth=login).status_code == 401
